// Cuts text into the words that are compared when knowledge is searched: folded, without the words that every sentence has,
// and with endings taken off lightly, in the three languages at once because a question's language is often in doubt.

/** Lower case, without accents: "Açúcar" and "acucar" are the same word to a person in a hurry. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The words and numbers of a folded text, in order. */
export function wordsOf(folded: string): string[] {
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

const STOP_WORDS = new Set(
  fold(
    `a about am an and any anyone are as at be been but by can could did do does doing don for from get give go got had has have
    having he hello her hey hi him his how i if in into is it its just know let like ll make many may me might much must my need
    no not of ok okay on one or our out please re s shall she should so some someone sorry such t tell than thank thanks that
    the their them then there these they thing this those to too up us use ve very want was way we were what when where which
    who whom whose why will with would yes you your
    al algo alguien alguno alguna algún como cómo con cual cuál cuales cuáles cuando cuándo cuanto cuánto cuanta cuánta cuantos
    cuántos de del desde donde dónde e el él ella ellas ellos en entre era eran eres es esa ese eso esta está están este esto
    estos estas fue fueron gracias ha haber hace hacen hacer han hasta hay hola la las le les lo los más me mi mis mucho muy nos
    nosotros o os para pero por porque puede pueden puedo podría que qué quien quién quiero quisiera necesito se ser si sí sin
    sobre son soy su sus tal también te tener tengo tiene tienen tu tú tus un una unas uno unos usted ustedes y ya yo favor
    ao aos aquela aquele as até com da das do dos ela elas ele eles em essa esse isso isto eu foi foram gostaria já mais mas
    meu meus minha muito na nas nem no nos nós não oi olá obrigado obrigada onde ou pela pelas pelo pelos pode podem posso
    preciso pra pro qual quais quando quanto quanta quantos quantas quem quero sao são seja sem ser será seu seus sim só sua
    suas também tem têm tenho ter um uma umas uns vc vcs você vocês à às é`,
  ).match(/\S+/g),
);

/** Words that every sentence has, and single letters ("u", the s of "what's"). */
export function isStopWord(foldedWord: string): boolean {
  return STOP_WORDS.has(foldedWord) || /^\p{L}$/u.test(foldedWord);
}

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

// Six letters tell Portuguese and Spanish words apart as well as whole stems do, and forgive the endings that are not listed.
const TERM_LENGTH_MAX = 6;

/** What a folded word is indexed and asked under. */
export function termOf(foldedWord: string): string {
  return stem(foldedWord).slice(0, TERM_LENGTH_MAX);
}

/** The character 4-grams of one folded word, its borders included: what survives a typing mistake. */
export function gramsOfWord(foldedWord: string): string[] {
  return gramsOf([foldedWord]);
}

/** The character 4-grams of folded words in a row; those that span two words hold their order. */
export function gramsOf(foldedWords: readonly string[]): string[] {
  if (foldedWords.length === 0) return [];
  const joined = `_${foldedWords.join('_')}_`;
  if (joined.length <= 4) return [joined];
  const grams: string[] = [];
  for (let start = 0; start + 4 <= joined.length; start += 1) grams.push(joined.slice(start, start + 4));
  return grams;
}
