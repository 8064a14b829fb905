// Which of all readings of a text are told: those that can stand alone, the longest first, without overlap.
import type { Context, Edge } from './chart.ts';
import { type DateLanguage, lexiconOf, theGrammar } from './grammar.ts';
import { HAS, type Node, type Point } from './nodes.ts';
import { scan } from './scan.ts';
import type { Token } from './tokens.ts';
import type { DateOptions } from './types.ts';

export interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly edge: Edge;
  /** In characters, with the words that are not shown. */
  readonly length: number;
  readonly rank: number;
  readonly context: Context;
}

export function isTaken(taken: Uint8Array, { from, to }: Edge): boolean {
  for (let at = from; at < to; at++) if (taken[at] === 1) return true;
  return false;
}

export function collect(
  tokens: readonly Token[],
  language: DateLanguage,
  now: number,
  options: DateOptions,
  candidates: Candidate[],
): void {
  const isDayFirst = options.dayFirst ?? language !== 'en';
  const given = scan(tokens, lexiconOf(language), isDayFirst);
  if (given === null) return;
  const context: Context = { now, isDayFirst, language };
  const first = tokens.findIndex(({ kind }) => kind !== 'sign');
  const last = tokens.findLastIndex(({ kind }) => kind !== 'sign');
  for (const edge of theGrammar().parse(tokens, given, context)) {
    const strength = strengthOf(edge.node);
    if (strength === 0) continue;
    if (isWithinWord(tokens, edge) || isOfSomething(edge, tokens, given, language)) continue;
    if (strength === 1 && (edge.from > first || edge.to <= last)) continue;
    const start = tokens[edge.core]?.start ?? 0;
    const end = endOf(tokens, edge);
    const length = (tokens[edge.to - 1]?.end ?? 0) - (tokens[edge.from]?.start ?? 0);
    candidates.push({
      start,
      end,
      edge,
      length,
      rank: rankOf(edge.node) - (strength === 1 ? 2 : 0),
      context,
    });
  }
}

/** Where an edge ends in the text, without a full stop or a comma that ends the sentence. */
function endOf(tokens: readonly Token[], edge: Edge): number {
  const last = edge.to - edge.core > 1 && tokens[edge.to - 1]?.text === '.' ? edge.to - 2 : edge.to - 1;
  return tokens[last]?.end ?? 0;
}

/** A bare hour or day of the month before a noun: "the 3rd floor", "at 5 stores". */
function isOfSomething(
  edge: Edge,
  tokens: readonly Token[],
  given: readonly (readonly Edge[] | undefined)[],
  language: DateLanguage,
): boolean {
  const { has, clock } = edge.node as Point;
  const isHour = has === HAS.clock && clock?.grain === 'hour' && clock.isAmbiguous;
  if (has !== HAS.day && !isHour) return false;
  let isKnown = false;
  for (let end = edge.to + 1; end <= edge.to + 4; end++) {
    for (const word of given[end] ?? []) {
      if (word.from !== edge.to) continue;
      if (word.node.cat === 'NOTDATE') return true;
      isKnown = true;
    }
  }
  const next = tokens[edge.to];
  return isHour && language === 'en' && !isKnown && next?.kind === 'word' && PLURAL.test(next.text);
}

/** What after a number is most likely many things; "always" and the like are not. */
const PLURAL =
  /^(?!always|unless|perhaps|besides|thanks|sometimes|please|across|plus|this|.*ss$|.*us$)[a-z]{3,}s$/;

/** Letters or figures right before or after, as in a code: "3am3io", "7ampm". */
function isWithinWord(tokens: readonly Token[], edge: Edge): boolean {
  const first = tokens[edge.from];
  const after = tokens[edge.to];
  return (
    (first?.isGlued === true && tokens[edge.from - 1]?.kind !== 'sign') ||
    (after?.isGlued === true && after.kind !== 'sign')
  );
}

function strengthOf(node: Node): number {
  switch (node.cat) {
    case 'DATE':
    case 'CLOCK':
    case 'PART':
    case 'WHEN':
    case 'PERIOD':
    case 'REPEAT':
    case 'DUR':
      return (node as Point).strength;
    default:
      return 0;
  }
}

/** Of two readings of the same words the one with more to say. */
function rankOf(node: Node): number {
  const { has, isSpan, until } = node as Point;
  switch (node.cat) {
    case 'REPEAT':
      return 5;
    case 'WHEN':
      // "by the end of the month" is from now until then, and not the end of the month.
      return isSpan && has === 1023 ? 5 : 4;
    case 'DATE':
      // Holidays go by their own names ("fin de año"), and "13 to 15 july" are days, and not hours in july.
      if ((has & HAS.holiday) !== 0) return 4.7;
      if ((has & (HAS.span | HAS.day)) === (HAS.span | HAS.day)) return 4.5;
      // "The third monday of march" is no third of march.
      return (has & HAS.week) !== 0 ? 3.6 : 3.5;
    case 'CLOCK':
      // "15 to noon"
      return until === null ? 3.1 : 3;
    case 'PERIOD':
      return 2;
    default:
      return 1;
  }
}
