// From tokens to the first edges: the lexicon's words and phrases, numbers in words and digits, and dates and times in figures.
import type { Edge } from './chart.ts';
import { putDigits, putMonthFirst } from './figures.ts';
import { number, type Put } from './given.ts';
import type { Lexicon, Phrase } from './lexicon.ts';
import type { Num } from './nodes.ts';
import { putNumberWords } from './number-words.ts';
import type { Token } from './tokens.ts';
import { abbreviatedOffset } from './zones.ts';

/** Words that mean something else with their accent than without. */
const OTHER_WORDS = new Set([
  'está',
  'estás',
  'é',
  'né',
  'sé',
  'dé',
  'té',
  'más',
  'sí',
  'vá',
  'dá',
  'avó',
  'avô',
  'só',
]);

const FRACTIONS: Readonly<Record<string, number>> = { '½': 0.5, '¼': 0.25, '¾': 0.75 };

/** Classes that only join: a text of these alone has no date. */
const FUNCTION_WORDS = new Set(
  'OF PRE THE ON AT ATLOOSELY IN YEARLY AGO HENCE AFTERWARDS BEFOREHAND WITHIN SINCE UNTIL BY AFTER BETWEEN AND TO BUT OR FOR EVERY ONCE PER OTHER DIR COMING MORE PAST COMMA HOURS DOT PLUS NOTDATE QUOTE ANDHALF APPROX AMPMLETTER H INONE GREATER QUARTERLETTER HALFLETTER'.split(
    ' ',
  ),
);

/** The first edges by where they end, or null where nothing in the text can be part of a date. */
export function scan(
  tokens: readonly Token[],
  lexicon: Lexicon,
  isDayFirst: boolean,
): (Edge[] | undefined)[] | null {
  const ends: (Edge[] | undefined)[] = [];
  let isAnything = false;
  const put: Put = (from, to, node) => {
    if (!isAnything) isAnything = !FUNCTION_WORDS.has(node.cat) && !(node as Num).isArticle;
    const edge = { from, to, core: from, node };
    const list = ends[to];
    if (list === undefined) ends[to] = [edge];
    else list.push(edge);
  };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    putPhrases(tokens, at, lexicon, put);
    if (token.kind === 'word') {
      putNumberWords(tokens, at, lexicon, put);
      const offset = abbreviatedOffset(token.text);
      if (offset !== null) put(at, at + 1, { cat: 'ZONE', value: offset });
      if (lexicon.months.has(token.text)) putMonthFirst(tokens, at, lexicon, put);
    } else if (token.kind === 'number') {
      putDigits(tokens, at, lexicon, isDayFirst, put);
    } else {
      const fraction = FRACTIONS[token.text];
      if (fraction !== undefined) put(at, at + 1, number(fraction, 0));
      if (token.text === "'") put(at, at + 1, { cat: 'QUOTE', value: 0 });
      if (token.text === '"') put(at, at + 1, { cat: 'DOUBLEQUOTE', value: 0 });
      if (token.text === '.' && token.isGlued && tokens[at - 1]?.kind === 'word')
        put(at, at + 1, { cat: 'DOT', value: 0 });
      if (token.text === '+') put(at, at + 1, { cat: 'PLUS', value: 1 });
      if (token.text === '-') put(at, at + 1, { cat: 'PLUS', value: -1 });
    }
  }
  return isAnything ? ends : null;
}

function putPhrases(tokens: readonly Token[], at: number, lexicon: Lexicon, put: Put): void {
  const token = tokens[at] as Token;
  const hasAccents = token.accented !== token.text;
  if (!hasAccents || !OTHER_WORDS.has(token.accented))
    putMatches(tokens, at, lexicon.phrases.get(token.text), put);
  if (hasAccents) putMatches(tokens, at, lexicon.phrases.get(token.accented), put);
}

function putMatches(
  tokens: readonly Token[],
  at: number,
  list: readonly Phrase[] | undefined,
  put: Put,
): void {
  if (list === undefined) return;
  for (const { words, nodes, isAlone } of list) {
    if (isAlone && tokens.length > words.length) continue;
    let matched = 1;
    while (matched < words.length) {
      const next = tokens[at + matched];
      const word = words[matched];
      if (next === undefined || (next.text !== word && next.accented !== word)) break;
      matched++;
    }
    if (matched < words.length) continue;
    for (const node of nodes) put(at, at + words.length, node);
  }
}
