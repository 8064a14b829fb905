// Decides what the built-in model says: the passage's own words where one answers, a friendly word to small talk, and an
// honest hand-over where nothing fits. A pure function of the prompt: the same prompt gets the same answer.
import { supportNeededByDefault } from '@parley/contract/assistant';
import {
  type AskedPart,
  askedParts,
  asksForPerson,
  burstOf,
  type PassageRanker,
  type RankedFor,
  rankForPart,
} from './asked.ts';
import { PHRASES, readSmallTalk, type SpokenLanguage } from './builtin-phrases.ts';
import { ANSWER_LENGTH_MAX, type CitablePassage, HAND_OVER, type ReadPrompt } from './prompt.ts';

/** Prepares passages for many questions. The knowledge module has one; it is handed in by whoever joins the two. */
export type PassageIndexer = <T extends { readonly heading: string | null; readonly text: string }>(
  passages: readonly T[],
) => PassageRanker<T>;

/** How much of the best passage's support one in the contact's own language needs to be taken instead. */
const OWN_LANGUAGE_SHARE = 0.7;
const PASSAGES_PER_ANSWER_MAX = 2;

export async function answerPrompt(
  { passages, turns, language: contactLanguage, supports }: ReadPrompt,
  indexPassages: PassageIndexer,
): Promise<string> {
  const { burst } = burstOf(turns);
  const smallTalk = readSmallTalk(burst.join('\n'));
  const language = spoken(contactLanguage, smallTalk?.language ?? null, passages);
  if (smallTalk !== null) return PHRASES[language][smallTalk.kind];
  const handOver = `${HAND_OVER}\n${PHRASES[language].handOver}`;
  if (asksForPerson(turns)) return handOver;

  const parts = askedParts(turns);
  const needed = supports?.needed ?? supportNeededByDefault;
  const rankings =
    supports?.parts.length === parts.length
      ? supports.parts.map((part) => rankedIn(part, passages))
      : await rankAmong(parts, indexPassages(passages), needed);
  const found = parts.map((part, at) => ({
    ...part,
    passage: supported(rankings[at] ?? [], needed, contactLanguage),
  }));
  const chosen = found.filter((part) => part.passage !== null);
  if (chosen.length === 0) return handOver;
  const unanswered = found.some((part) => part.passage === null && part.asks);
  const rest = unanswered ? `\n${HAND_OVER}\n${PHRASES[language].handOverRest}` : '';
  let room = ANSWER_LENGTH_MAX - (unanswered ? PHRASES[language].handOverRest.length + 1 : 0);
  const said: CitablePassage[] = [];
  const answers: string[] = [];
  for (const { passage, text } of chosen) {
    if (passage === null || said.includes(passage) || said.length === PASSAGES_PER_ANSWER_MAX) continue;
    const lead = leadFor(passage, contactLanguage);
    const excerpt = excerptOf(passage, text, room - lead.length, indexPassages);
    if (excerpt === null) continue;
    said.push(passage);
    answers.push(`${lead}${excerpt} [[${passage.citation}]]`);
    room -= lead.length + excerpt.length + 1;
  }
  return answers.length === 0 ? handOver : answers.join('\n') + rest;
}

/** The contact's language, else that of their small talk, else the one that most knowledge is in. */
export function spoken(
  contact: ReadPrompt['language'],
  smallTalk: SpokenLanguage | null,
  passages: readonly CitablePassage[],
): SpokenLanguage {
  if (contact !== 'unknown') return contact;
  if (smallTalk !== null) return smallTalk;
  const count = (language: SpokenLanguage) =>
    passages.filter((passage) => passage.language === language).length;
  return (['en', 'es', 'pt'] as const).reduce((best, language) =>
    count(language) > count(best) ? language : best,
  );
}

type Supported = Pick<RankedFor<CitablePassage>, 'passage' | 'support'>;

/** What was found in all of the knowledge, as the prompt tells it. */
function rankedIn(
  part: readonly { readonly citation: string; readonly support: number }[],
  passages: readonly CitablePassage[],
): Supported[] {
  return part.flatMap(({ citation, support }) => {
    const passage = passages.find((other) => other.citation === citation);
    return passage === undefined ? [] : [{ passage, support }];
  });
}

/** A prompt that tells nothing of it has only its passages to look in. */
function rankAmong(
  parts: readonly AskedPart[],
  rank: PassageRanker<CitablePassage>,
  needed: number,
): Promise<(readonly Supported[])[]> {
  return Promise.all(parts.map((part) => rankForPart(part, rank, ({ citation }) => citation, needed)));
}

/** The best passage that has the support that is needed, if one has; of two like it, the one in the contact's language. */
function supported(
  ranked: readonly Supported[],
  needed: number,
  language: ReadPrompt['language'],
): CitablePassage | null {
  const enough = ranked.filter(({ support }) => support >= needed);
  const [best] = enough;
  if (best === undefined) return null;
  const own = enough.find(
    ({ passage, support }) => passage.language === language && support >= OWN_LANGUAGE_SHARE * best.support,
  );
  return (own ?? best).passage;
}

function leadFor(passage: CitablePassage, language: ReadPrompt['language']): string {
  if (language === 'unknown' || passage.language === 'unknown') return '';
  return PHRASES[language].lead[passage.language];
}

const WHOLE_LENGTH_MAX = 160;
// A sentence that is this much less to the point than the best one is not said with it.
const SENTENCE_SHARE = 0.75;
const EXCERPT_LENGTH_MIN = 40;
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** The passage's own words about the question, in their order; null where there is no room for them. */
function excerptOf(
  passage: CitablePassage,
  question: string,
  room: number,
  indexPassages: PassageIndexer,
): string | null {
  const isAnswer = passage.heading?.endsWith('?') ?? false;
  if (passage.text.length <= Math.min(room, isAnswer ? ANSWER_LENGTH_MAX : WHOLE_LENGTH_MAX))
    return passage.text;
  if (room < EXCERPT_LENGTH_MIN) return null;
  const parts = passage.text
    .split('\n')
    .flatMap((line) => [...sentences.segment(line)].map(({ segment }) => segment.trim()))
    .filter((text) => text !== '')
    .map((text, position) => ({ heading: null, text, position }));
  const ranked = indexPassages(parts)(question);
  const enough = Math.max(0, ...ranked.map(({ coverage }) => coverage)) * SENTENCE_SHARE;
  const wanted = ranked.filter(({ coverage }) => coverage >= enough).map(({ passage: part }) => part);
  // An answer that does not repeat the question's words is told from its start.
  const candidates = enough === 0 ? parts : wanted;
  const taken: typeof parts = [];
  let free = room;
  for (const part of candidates) {
    if (part.text.length > free) continue;
    taken.push(part);
    free -= part.text.length + 1;
  }
  if (taken.length === 0) return shorten(candidates[0]?.text ?? passage.text, room);
  return taken
    .sort((left, right) => left.position - right.position)
    .map(({ text }) => text)
    .join(passage.text.includes('\n') ? '\n' : ' ');
}

// Three dots and not one character: that one alone would make the whole SMS dearer.
function shorten(text: string, lengthMax: number): string {
  const cut = text.slice(0, lengthMax - 3).toWellFormed();
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), EXCERPT_LENGTH_MIN - 3)).trimEnd()}...`;
}
