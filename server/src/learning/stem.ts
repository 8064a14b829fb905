// Takes endings off words lightly, in English, Spanish and Portuguese at once, because the language of a few words is often
// in doubt.

// The longest that fits comes off; at least the given number of letters stays.
const ENDINGS: readonly (readonly [ending: string, replacement: string, lettersLeftMin: number])[] = [
  ['amientos', 'a', 4],
  ['imientos', 'i', 4],
  ['amiento', 'a', 4],
  ['imiento', 'i', 4],
  ['aciones', 'a', 3],
  ['amentos', 'a', 4],
  ['imentos', 'i', 4],
  ['amento', 'a', 4],
  ['imento', 'i', 4],
  ['ations', 'a', 3],
  ['mente', '', 4],
  ['iendo', '', 3],
  ['acoes', 'a', 3],
  ['acion', 'a', 3],
  ['ation', 'a', 3],
  ['ments', '', 4],
  ['icoes', 'i', 3],
  ['ings', '', 3],
  ['ando', '', 3],
  ['endo', '', 3],
  ['indo', '', 3],
  ['ados', '', 3],
  ['adas', '', 3],
  ['idos', '', 3],
  ['idas', '', 3],
  ['amos', '', 3],
  ['emos', '', 3],
  ['imos', '', 3],
  ['aram', '', 3],
  ['aron', '', 3],
  ['eram', '', 3],
  ['iram', '', 3],
  ['acao', 'a', 3],
  ['icao', 'i', 3],
  ['ment', '', 4],
  ['ness', '', 4],
  ['ies', 'i', 3],
  ['ing', '', 3],
  ['ado', '', 3],
  ['ada', '', 3],
  ['ido', '', 3],
  ['ida', '', 3],
  ['oes', 'o', 3],
  ['aes', 'a', 3],
  ['ais', 'a', 3],
  ['eis', 'e', 3],
  ['ers', '', 4],
  ['ao', 'o', 3],
  ['al', 'a', 4],
  ['el', 'e', 4],
  ['ar', '', 3],
  ['er', '', 3],
  ['ir', '', 3],
  ['ed', '', 3],
  ['es', '', 3],
  ['as', '', 3],
  ['os', '', 3],
  ['an', '', 3],
  ['en', '', 3],
  ['am', '', 3],
  ['em', '', 3],
  ['ly', '', 4],
  ['ys', 'i', 3],
  ['s', '', 3],
  ['a', '', 3],
  ['e', '', 3],
  ['o', '', 3],
  ['y', 'i', 3],
];

const ENDINGS_BY_TEXT = new Map(ENDINGS.map((rule) => [rule[0], rule]));
const ENDING_LENGTH_MAX = Math.max(...ENDINGS.map(([ending]) => ending.length));

/** The part of a folded word that its forms share: "abren", "abre" and "abrimos" are one. */
export function stem(foldedWord: string): string {
  if (foldedWord.length < 4 || /\p{N}/u.test(foldedWord)) return foldedWord;
  for (let length = Math.min(ENDING_LENGTH_MAX, foldedWord.length - 3); length > 0; length -= 1) {
    const rule = ENDINGS_BY_TEXT.get(foldedWord.slice(-length));
    if (rule !== undefined && foldedWord.length - length >= rule[2]) {
      return undouble(foldedWord.slice(0, -length) + rule[1]);
    }
  }
  return undouble(foldedWord);
}

function undouble(word: string): string {
  return /(?:bb|dd|gg|mm|nn|pp|rr|tt)$/.test(word) ? word.slice(0, -1) : word;
}
