// The grammar and the lexicons, made once and kept.
import { Grammar } from './chart.ts';
import { english } from './english.ts';
import { holidaysOf } from './holidays.ts';
import { buildLexicon, type Lexicon } from './lexicon.ts';
import { portuguese } from './portuguese.ts';
import { clockRules } from './rules-clock.ts';
import { dayRules } from './rules-days.ts';
import { lengthRules } from './rules-lengths.ts';
import { periodRules } from './rules-periods.ts';
import { repeatRules } from './rules-repeats.ts';
import { spanish } from './spanish.ts';

export type DateLanguage = 'en' | 'es' | 'pt';

let grammar: Grammar | null = null;
const lexicons = new Map<DateLanguage, Lexicon>();

export function theGrammar(): Grammar {
  grammar ??= new Grammar([...lengthRules, ...dayRules, ...clockRules, ...periodRules, ...repeatRules]);
  return grammar;
}

export function lexiconOf(language: DateLanguage): Lexicon {
  let lexicon = lexicons.get(language);
  if (lexicon === undefined) {
    const words = { en: english, es: spanish, pt: portuguese }[language];
    lexicon = buildLexicon(words, holidaysOf(language));
    lexicons.set(language, lexicon);
  }
  return lexicon;
}
