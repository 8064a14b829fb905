// Texts with their language, from which the language model is made: the public data's, and what is put together from word lists.

import { z } from 'zod';
import { hashText } from '../../server/src/learning/hashing.ts';
import { seededRandom } from '../../server/src/learning/random.ts';
import { CHAT_WORDS, SHARED_WORDS } from './chat-words.ts';
import { readPublicRows } from './rows.ts';
import {
  type Phrase,
  readAnnotations,
  readFilmWords,
  readFrequentWords,
  readInterfaceTexts,
} from './word-lists.ts';

export type TextLanguage = 'en' | 'es' | 'pt' | 'other';

export const labelledText = z.object({
  text: z.string(),
  lang: z.enum(['en', 'es', 'pt', 'other']),
  kind: z.enum(['single-words', 'word-pairs', 'sentences']).optional(),
});
export type LabelledText = z.infer<typeof labelledText>;

export const LANGUAGE_SETS = ['langid_messages', 'langid_tweets', 'langid_lingua'] as const;

/**
 * There is no part of these sets to train on: four fifths of the public part are learned from, and this fifth, by a hash of the
 * text, never is, so that `--split dev` has something to measure.
 */
export function isKeptForMeasuring(text: string): boolean {
  return hashText(lettersOf(text), 20261130) % 5 === 0;
}

/** Two texts with the same letters are one: some sets are made from others, without their links and names. */
function lettersOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/\S*(?:[@#]|http)\S*/g, ' ')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
}

export interface LanguageExample {
  readonly text: string;
  readonly language: TextLanguage;
  /** How much it counts. */
  readonly importance: number;
}

const RUNNING_TEXTS: readonly (readonly [language: TextLanguage, set: string, file: string])[] = [
  ['en', 'intent_clinc150', 'train'],
  ['en', 'intent_banking77', 'train'],
  ['en', 'intent_hwu64', 'train'],
  ['en', 'intent_mtod_en', 'train'],
  ['en', 'intent_homeassistant', 'en.train'],
  ['en', 'sentiment_semeval_en', 'train'],
  ['en', 'sentiment_xlmt', 'en.train'],
  ['en', 'sms_spam', 'train'],
  ['en', 'retrieval_xquad_en', 'dev'],
  ['en', 'retrieval_stackfaq_en', 'dev'],
  ['es', 'intent_mtod_es', 'train'],
  ['es', 'intent_mtod_es', 'dev'],
  ['es', 'intent_homeassistant', 'es.train'],
  ['es', 'sentiment_xlmt', 'es.train'],
  ['es', 'sentiment_xlmt', 'es.dev'],
  ['es', 'retrieval_xquad_es', 'dev'],
  ['pt', 'intent_homeassistant', 'pt.train'],
  ['pt', 'sentiment_xlmt', 'pt.train'],
  ['pt', 'sentiment_xlmt', 'pt.dev'],
  ['pt', 'retrieval_faquad_pt', 'dev'],
];

const PASSAGES = [
  ['en', 'retrieval_xquad_en'],
  ['es', 'retrieval_xquad_es'],
  ['pt', 'retrieval_faquad_pt'],
] as const;

const textRow = z.union([
  z.object({ text: z.string() }).transform(({ text }) => text),
  z.object({ q: z.string() }).transform(({ q }) => q),
]);

// What each kind of example counts, chosen by cross-validation on the public parts.
const OF_THE_SETS = 4;
const FRAGMENT = 0.3;
const PHRASE = 0.5;
const OTHER_SENTENCE = 1.5;
const OTHER_WORDS = 0.1;
const FILM_WORD = 0.6;
const CHAT_WORD = 20;
const SHARED_WORD = 10;

const OURS = ['en', 'es', 'pt'] as const;

/** All examples, the same for the same seed. @throws where the data or the packages of `evals/training` are missing */
export function languageExamples(dataDirectory: string, seed: number): LanguageExample[] {
  const random = seededRandom(seed);
  const examples: LanguageExample[] = [];
  const add = (text: string, language: TextLanguage, importance: number) =>
    examples.push({ text, language, importance });
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T;
  const addFragment = (text: string, language: TextLanguage, importance: number) => {
    const words = text.split(/\s+/);
    if (words.length <= 4) return;
    const length = 1 + Math.floor(random() * 4);
    const start = Math.floor(random() * (words.length - length));
    add(words.slice(start, start + length).join(' '), language, importance * FRAGMENT);
  };
  // People in a hurry leave accents out.
  const hurried = (text: string, language: TextLanguage, share: number) =>
    isAccented(text) && (language === 'es' || language === 'pt') && random() < share
      ? withoutAccents(text)
      : text;

  const newsWords: Record<TextLanguage, string[]> = { en: [], es: [], pt: [], other: [] };
  const addNewsWords = (text: string, language: TextLanguage) => {
    for (const [word] of text.toLowerCase().matchAll(/\p{L}[\p{L}\p{M}]{3,}/gu))
      newsWords[language].push(word);
  };

  for (const set of LANGUAGE_SETS) {
    for (const { text, lang, kind } of readPublicRows(dataDirectory, set, 'dev', labelledText)) {
      if (isKeptForMeasuring(text)) continue;
      add(hurried(text, lang, set === 'langid_messages' ? 0.15 : 0), lang, OF_THE_SETS);
      if (kind === 'sentences') addNewsWords(text, lang);
      if (kind === 'sentences' || kind === undefined) addFragment(text, lang, OF_THE_SETS);
    }
  }
  for (const [language, set, file] of RUNNING_TEXTS) {
    for (const text of readPublicRows(dataDirectory, set, file, textRow)) {
      if (isKeptForMeasuring(text) || (language === 'en' && random() > 0.5)) continue;
      const importance = language === 'pt' ? 2 : 1;
      add(hurried(text, language, 0.15), language, importance);
      addFragment(hurried(text, language, 0.15), language, importance);
    }
  }
  for (const [language, set] of PASSAGES) {
    for (const passage of readPublicRows(dataDirectory, set, 'passages', textRow)) {
      for (const sentence of passage.split(/(?<=[.!?])\s+/)) {
        if (sentence.length <= 10) continue;
        addNewsWords(sentence, language);
        add(hurried(sentence, language, 0.15), language, 1);
        addFragment(hurried(sentence, language, 0.15), language, 1);
      }
    }
  }

  const annotations = readAnnotations();
  for (const phrase of [...annotations, ...readInterfaceTexts()]) {
    const { text, language, source } = phrase;
    if (random() > shareOf(phrase)) continue;
    add(hurried(text, language, 0.15), language, PHRASE * (language === 'other' ? OTHER_SENTENCE : 1));
    if (source === 'interface' && language !== 'other') addNewsWords(text, language);
  }
  // As long as a sentence, in languages of which there is none.
  for (const texts of byLocale(annotations)) {
    for (let count = 0; count < 60; count += 1) {
      const length = 3 + Math.floor(random() * 8);
      add(Array.from({ length }, () => pick(texts)).join(' '), 'other', OTHER_SENTENCE);
    }
  }

  // Some Spanish pages have lost their accented letters ("informacin"); the public data has them, and so has the web.
  const damaged = (word: string, language: TextLanguage) =>
    language === 'es' && isAccented(word) && random() < 0.5 ? withoutAccentedLetters(word) : word;
  for (const language of OURS) {
    const words = newsWords[language];
    for (let count = 0; count < 30_000; count += 1) {
      add(damaged(pick(words), language), language, 1);
      add(`${damaged(pick(words), language)} ${damaged(pick(words), language)}`, language, 1);
    }
  }
  for (let count = 0; count < 3000; count += 1) {
    add(pick(newsWords.other), 'other', OTHER_WORDS);
    add(`${pick(newsWords.other)} ${pick(newsWords.other)}`, 'other', OTHER_WORDS);
  }
  for (const { language, words } of readFrequentWords()) {
    const isOurs = language !== 'other';
    words.forEach((listed, rank) => {
      if (!isOurs && (listed.length < 3 || random() > 0.25)) return;
      const word = hurried(damaged(listed, language), language, 0.2);
      add(word, language, isOurs ? (rank < 1000 ? 2 : 1) : OTHER_WORDS);
    });
    for (let count = 0; count < (isOurs ? 4000 : 150); count += 1)
      add(
        `${damaged(pick(words), language)} ${damaged(pick(words), language)}`,
        language,
        isOurs ? 1 : OTHER_WORDS,
      );
    // Frequent words more often, as they come in a sentence (Zipf).
    const frequent = () => words[Math.floor(words.length ** random())] ?? pick(words);
    for (let count = 0; count < (isOurs ? 1000 : 100); count += 1) {
      const length = 4 + Math.floor(random() * 10);
      add(Array.from({ length }, frequent).join(' '), language, isOurs ? 1 : OTHER_SENTENCE);
    }
  }
  for (const language of [...OURS, 'other'] as const) {
    const entries = CHAT_WORDS[language];
    for (const entry of entries) {
      add(entry, language, CHAT_WORD);
      add(`${entry} ${pick(entries)}`, language, 1);
    }
  }
  for (const word of SHARED_WORDS) for (const language of OURS) add(word, language, SHARED_WORD);
  for (const word of readFilmWords().slice(0, 30_000)) if (word.length > 2) add(word, 'en', FILM_WORD);
  return examples;
}

/** There is more of other languages than is needed, and more of what programs say than of what people say. */
function shareOf({ language, source }: Phrase): number {
  if (source === 'interface') return 0.5;
  return language === 'other' ? 0.2 : 1;
}

function byLocale(annotations: readonly Phrase[]): string[][] {
  const locales = new Map<string, string[]>();
  for (const { text, language, locale } of annotations) {
    if (language !== 'other') continue;
    const texts = locales.get(locale);
    if (texts) texts.push(text);
    else locales.set(locale, [text]);
  }
  return [...locales.values()].filter((texts) => texts.length > 200);
}

function isAccented(text: string): boolean {
  return /[^\p{ASCII}]/u.test(text);
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

function withoutAccentedLetters(word: string): string {
  return word.replace(/[^\p{ASCII}]/gu, '');
}
