// How far an answer can be trusted: what speaks for the passages that it names, and how much of what it says stands in
// what was read. Pure.
import { contentWordsOf } from '../knowledge/knowledge.ts';

export interface SaidAnswer {
  readonly text: string;
  /** The built-in model says only what stands in a passage. */
  readonly isBuiltIn: boolean;
  /** For each passage that the answer names: how likely it answers the question. */
  readonly citedSupports: readonly number[];
  /** All that it could be taken from: passages, what tools told, what members wrote. */
  readonly sources: readonly string[];
  /** What the contact said: to say it back proves nothing. */
  readonly asked: readonly string[];
  /** A tool told something that the answer may rest on without naming it. */
  readonly usedTools: boolean;
}

/** What naming a source is worth by itself, where a model has read it: it finds answers that share no word with a question. */
const namedSource = 0.65;
/** Words alone may be shared by chance. */
const unnamedShare = 0.9;
/** A number that stands nowhere is what a wrong price or hour looks like. */
const inventedNumber = 0.4;

/** The estimated probability, 0 to 1, that an answer is right. */
export function supportOfAnswer({
  text,
  isBuiltIn,
  citedSupports,
  sources,
  asked,
  usedTools,
}: SaidAnswer): number {
  if (isBuiltIn) return Math.min(1, ...citedSupports);
  const isNamed = citedSupports.length > 0 || usedTools;
  const grounded = shareFound(text, sources, asked);
  const evidence = isNamed ? namedSource + (1 - namedSource) * grounded : unnamedShare * grounded;
  const retrieved = Math.max(0, ...citedSupports);
  const support = 1 - (1 - evidence) * (1 - retrieved);
  return inventsNumber(text, [...sources, ...asked]) ? support * inventedNumber : support;
}

function shareFound(text: string, sources: readonly string[], asked: readonly string[]): number {
  const repeated = new Set(asked.flatMap(contentWordsOf));
  const words = contentWordsOf(text).filter((word) => !repeated.has(word));
  if (words.length === 0) return 0;
  const known = new Set(sources.flatMap(contentWordsOf));
  return words.filter((word) => known.has(word)).length / words.length;
}

function inventsNumber(text: string, sources: readonly string[]): boolean {
  const known = new Set(sources.flatMap(numbersOf));
  // "6 pm" may become "18:00", and the other way round.
  return numbersOf(text).some(
    (number) => number !== 0 && !known.has(number) && !known.has(number - 12) && !known.has(number + 12),
  );
}

function numbersOf(text: string): number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
