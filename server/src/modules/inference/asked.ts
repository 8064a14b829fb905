// What a burst of messages asks, question by question, and the passages that speak to each of them.
import {
  isElliptic,
  asksForPerson as messageAsksForPerson,
  PHRASES,
  readSmallTalk,
} from './builtin-phrases.ts';
import type { HistoryMessage, PromptLanguage } from './prompt.ts';

/** Ranks passages for one question, best first. */
export type PassageRanker<T> = (question: string) => readonly RankedFor<T>[];

export interface RankedFor<T> {
  readonly passage: T;
  /** Comparable within one question only. */
  readonly score: number;
  /** The estimated probability, 0 to 1, that the passage answers. */
  readonly support: number;
  /** The share of the question, 0 to 1, that the passage has. */
  readonly coverage: number;
}

export interface AskedPart {
  readonly text: string;
  /** It is a question, and not something said beside one. */
  readonly asks: boolean;
  /** What was said before, which may complete it. */
  readonly before: string;
}

/** What a person asks stands in ten SMS segments; the rest of a longer message is not read. */
const messageLengthMax = 1600;

/** Of a longer list of questions the rest are one: each is looked for by itself. */
const partsMax = 8;

/** The contact's messages since our last one, and the one before it. */
export function burstOf(history: readonly HistoryMessage[]): {
  readonly burst: readonly string[];
  readonly earlier: string;
} {
  const read = ({ text }: HistoryMessage) => text.slice(0, messageLengthMax);
  const lastFromUs = history.findLastIndex(({ sender }) => sender !== 'contact');
  const before = history.slice(0, lastFromUs + 1).findLast(({ sender }) => sender === 'contact');
  return { burst: history.slice(lastFromUs + 1).map(read), earlier: before ? read(before) : '' };
}

/** The contact only greets, thanks or takes leave. */
export function isSmallTalk(history: readonly HistoryMessage[]): boolean {
  return readSmallTalk(burstOf(history).burst.join('\n')) !== null;
}

export function asksForPerson(history: readonly HistoryMessage[]): boolean {
  return burstOf(history).burst.some(messageAsksForPerson);
}

/** What a contact is told whose question is left to a person. */
export function handOverSentence(language: PromptLanguage): string {
  return PHRASES[language === 'unknown' ? 'en' : language].handOver;
}

/** The questions of a burst: one for each "?", and each message without one; small talk between them is left out. */
export function askedParts(history: readonly HistoryMessage[]): AskedPart[] {
  const { burst, earlier } = burstOf(history);
  const texts = burst
    .flatMap((message) => message.split(/(?<=\?)\s+/))
    .map((text) => text.trim())
    .filter((text) => text !== '' && readSmallTalk(text) === null);
  if (texts.length > partsMax) texts.push(texts.splice(partsMax - 1).join(' '));
  return texts.map((text, at) => ({ text, asks: text.endsWith('?'), before: texts[at - 1] ?? earlier }));
}

/** "Hi, this is Ana. When do you open?" asks with its last sentence; the others only add words that no passage has. */
const lastSentenceOf = (text: string): string => text.split(/(?<=[.!;:])\s+|\n/).at(-1) ?? text;

/** All that passages may be ranked for on behalf of one part. */
export function wordingsOf({ text, before }: AskedPart): string[] {
  const together = before !== '' && isElliptic(text) ? [`${before} ${text}`] : [];
  return [...new Set([text, lastSentenceOf(text), ...together])];
}

/**
 * The passages for one part, best first, with what was said before where it says too little by itself.
 * @param keyOf what is the same for the same passage, whichever question found it
 */
export async function rankForPart<T>(
  { text, before }: AskedPart,
  rank: (question: string) => ReturnType<PassageRanker<T>> | Promise<ReturnType<PassageRanker<T>>>,
  keyOf: (passage: T) => unknown,
  needed: number,
): Promise<readonly RankedFor<T>[]> {
  const alone: (readonly RankedFor<T>[])[] = [];
  for (const wording of new Set([text, lastSentenceOf(text)])) alone.push(await rank(wording));
  const [best = []] = alone.sort((left, right) => (right[0]?.support ?? 0) - (left[0]?.support ?? 0));
  if ((best[0]?.support ?? 0) >= needed || before === '' || !isElliptic(text)) return best;
  // The turn before completes the question, but what is asked now must be in the passage too.
  const touched = new Set(best.filter(({ support }) => support > 0).map(({ passage }) => keyOf(passage)));
  const together = (await rank(`${before} ${text}`)).filter(({ passage }) => touched.has(keyOf(passage)));
  return (together[0]?.support ?? 0) > (best[0]?.support ?? 0) ? together : best;
}
