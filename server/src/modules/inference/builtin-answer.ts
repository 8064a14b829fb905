// Decides what the built-in model says: the passage's own words where one answers, a friendly word to small talk, and an
// honest hand-over where nothing fits. A pure function of the prompt: the same prompt gets the same answer.
import { asksForPerson, isElliptic, PHRASES, readSmallTalk, type SpokenLanguage } from './builtin-phrases.ts';
import { ANSWER_LENGTH_MAX, type CitablePassage, HAND_OVER, type ReadPrompt } from './prompt.ts';

/** Ranks passages for one question, best first; `support` is the estimated probability that the passage answers. */
export type PassageRanker<T> = (
  question: string,
) => readonly { readonly passage: T; readonly support: number }[];
/** Prepares passages for many questions. The knowledge module has one; it is handed in by whoever joins the two. */
export type PassageIndexer = <T extends { readonly heading: string | null; readonly text: string }>(
  passages: readonly T[],
) => PassageRanker<T>;

/** Below it a person answers: a wrong answer costs more than a late one. */
const SUPPORT_MIN = 0.4;
/** How much of the best passage's support one in the contact's own language needs to be taken instead. */
const OWN_LANGUAGE_SHARE = 0.7;
const PASSAGES_PER_ANSWER_MAX = 2;
/** What a person asks stands in ten SMS segments; the rest of a longer message is not read. */
const MESSAGE_LENGTH_MAX = 1600;

export function answerPrompt(
  { passages, turns, language: contactLanguage }: ReadPrompt,
  rank: PassageRanker<CitablePassage>,
  indexPassages: PassageIndexer,
): string {
  const lastFromUs = turns.findLastIndex((turn) => !turn.fromContact);
  const burst = turns.slice(lastFromUs + 1).map(({ text }) => text.slice(0, MESSAGE_LENGTH_MAX));
  const earlier =
    turns
      .slice(0, lastFromUs + 1)
      .findLast((turn) => turn.fromContact)
      ?.text.slice(0, MESSAGE_LENGTH_MAX) ?? '';
  const smallTalk = readSmallTalk(burst.join('\n'));
  const language = spoken(contactLanguage, smallTalk?.language ?? null, passages);
  if (smallTalk !== null) return PHRASES[language][smallTalk.kind];
  const handOver = `${HAND_OVER}\n${PHRASES[language].handOver}`;
  if (burst.some(asksForPerson)) return handOver;

  const parts = questionsOf(burst);
  const found = parts.map((part, index) => {
    const before = parts[index - 1]?.text ?? earlier;
    const passage = findPassage(part.text, before, contactLanguage, rank);
    return { ...part, passage };
  });
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
function spoken(
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

/** The questions of a burst: one for each "?", and each message without one; small talk between them is left out. */
function questionsOf(burst: readonly string[]): { text: string; asks: boolean }[] {
  return burst
    .flatMap((message) => message.split(/(?<=\?)\s+/))
    .map((text) => text.trim())
    .filter((text) => text !== '' && readSmallTalk(text) === null)
    .map((text) => ({ text, asks: text.endsWith('?') }));
}

function findPassage(
  question: string,
  before: string,
  language: ReadPrompt['language'],
  rank: PassageRanker<CitablePassage>,
): CitablePassage | null {
  // "Hi, this is Ana. When do you open?" asks with its last sentence; the others only add words that no passage has.
  const lastSentence = question.split(/(?<=[.!;:])\s+|\n/).at(-1) ?? question;
  const alone = [rank(question), ...(lastSentence === question ? [] : [rank(lastSentence)])];
  const [best] = alone.sort((left, right) => (right[0]?.support ?? 0) - (left[0]?.support ?? 0));
  if ((best?.[0]?.support ?? 0) >= SUPPORT_MIN) return inOwnLanguage(best ?? [], language);
  if (before === '' || !isElliptic(question)) return null;
  // The turn before completes the question, but what is asked now must be in the passage too.
  const touched = new Set((best ?? []).filter(({ support }) => support > 0).map(({ passage }) => passage));
  return inOwnLanguage(
    rank(`${before} ${question}`).filter(({ passage }) => touched.has(passage)),
    language,
  );
}

function inOwnLanguage(
  ranked: readonly { readonly passage: CitablePassage; readonly support: number }[],
  language: ReadPrompt['language'],
): CitablePassage | null {
  const supported = ranked.filter(({ support }) => support >= SUPPORT_MIN);
  const [best] = supported;
  if (best === undefined) return null;
  const own = supported.find(
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
const SENTENCE_SHARE = 0.6;
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
  const enough = (ranked[0]?.support ?? 0) * SENTENCE_SHARE;
  const wanted = ranked.filter(({ support }) => support >= enough).map(({ passage: part }) => part);
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
