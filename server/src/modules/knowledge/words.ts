// Cuts text into the words that are compared when knowledge is searched: folded, without the words that every sentence has,
// and with endings taken off lightly, in the three languages at once because a question's language is often in doubt.
import { stem } from '../../learning/stem.ts';

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

// Six letters tell Portuguese and Spanish words apart as well as whole stems do, and forgive the endings that are not listed.
const TERM_LENGTH_MAX = 6;

// Texts repeat their words: most of building an index is finding stems that were found before.
const terms = new Map<string, string>();
const TERMS_MAX = 30_000;
// A longer piece of a text may hold on to the whole of it (V8's sliced strings have 13 characters or more).
const REMEMBERED_LENGTH_MAX = 12;

/** What a folded word is indexed and asked under. */
export function termOf(foldedWord: string): string {
  const known = terms.get(foldedWord);
  if (known !== undefined) return known;
  const term = stem(foldedWord).slice(0, TERM_LENGTH_MAX);
  if (foldedWord.length > REMEMBERED_LENGTH_MAX) return term;
  if (terms.size === TERMS_MAX) terms.clear();
  terms.set(foldedWord, term);
  return term;
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
