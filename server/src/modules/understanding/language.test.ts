import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelFileError } from '../../learning/model-file.ts';
import {
  type DetectedLanguage,
  detectLanguage,
  loadLanguageDetector,
  readLanguageModel,
} from './language.ts';

const detect = await loadLanguageDetector();
const spanish: DetectedLanguage = { language: 'es', confidence: 0.95 };
const portuguese: DetectedLanguage = { language: 'pt', confidence: 0.95 };
const english: DetectedLanguage = { language: 'en', confidence: 0.95 };

test('what people write to a shop is told apart', async () => {
  const messages = {
    en: ['What are your opening hours?', 'hello', 'hi', 'thanks', 'and on sunday?', 'how much is it'],
    es: ['¿A qué hora abren?', 'hola', 'gracias', 'cuanto cuesta', 'y el domingo?', 'donde estan'],
    pt: ['onde fica a loja?', 'bom dia', 'obrigado', 'quanto custa', 'e no domingo?', 'vcs abrem hoje'],
  };
  for (const [language, texts] of Object.entries(messages)) {
    for (const text of texts) expect((await detectLanguage(text)).language, text).toBe(language);
  }
});

test('a language that we do not speak is unknown, whatever the conversation was in', () => {
  for (const text of [
    'Guten Morgen, wie geht es Ihnen heute?',
    'Привет, как дела',
    'Où se trouve votre magasin ?',
    '営業時間は',
  ]) {
    for (const prior of [undefined, english, spanish, portuguese]) {
      expect(detect(text, prior).language, text).toBe('unknown');
    }
  }
});

test('a short text takes the language of its conversation', () => {
  for (const text of ['ok', 'no', 'jaja', 'menu', 'a ver']) {
    expect(detect(text, spanish).language, text).toBe('es');
  }
  expect(detect('que horas abre?', portuguese).language).toBe('pt');
  expect(detect('que horas abre?', spanish).language).toBe('es');
});

test('a text that says enough changes the language of its conversation', () => {
  expect(detect('Can you answer me in English please?', spanish).language).toBe('en');
  expect(detect('Hola, ¿puede responder en español?', english).language).toBe('es');
  expect(detect('Prefiro falar português, por favor', spanish).language).toBe('pt');
});

test('emoji, numbers and links have the language of the conversation, or none', () => {
  for (const text of [
    '👍',
    '',
    '555 123 0001',
    'https://example.com/the/opening/hours',
    '@maria',
    '!!!',
    '\uD800',
  ]) {
    expect(detect(text)).toEqual({ language: 'unknown', confidence: 0 });
    expect(detect(text, portuguese)).toEqual(portuguese);
  }
});

test('any text gets an answer that is the same each time, with a probability', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 1200 }),
      fc.constantFrom(undefined, english),
      (text, prior) => {
        const first = detect(text, prior);
        expect(['en', 'es', 'pt', 'unknown']).toContain(first.language);
        expect(first.confidence).toBeGreaterThanOrEqual(0);
        expect(first.confidence).toBeLessThanOrEqual(1);
        expect(detect(text, prior)).toEqual(first);
      },
    ),
  );
});

test('a prior never talks a text out of the language that it speaks for', () => {
  const word = fc.constantFrom(
    'hola',
    'hello',
    'casa',
    'the',
    'loja',
    'abre',
    'ok',
    'precio',
    'price',
    'que',
    'não',
    'no',
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      const text = words.join(' ');
      const alone = detect(text);
      if (alone.language === 'unknown') return;
      const agreed = detect(text, { language: alone.language, confidence: 0.9 });
      expect(agreed.language).toBe(alone.language);
      expect(agreed.confidence).toBeGreaterThanOrEqual(alone.confidence);
    }),
  );
});

test('a process that never detects does not carry the detector', () => {
  const script = `await import(${JSON.stringify(new URL('./language.ts', import.meta.url).href)});
    console.log(process.memoryUsage().heapUsed)`;
  const heapBytes = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString());
  expect(heapBytes).toBeLessThan(25_000_000);
});

test('loading the detector takes no time that anybody notices', () => {
  const script = `const { loadLanguageDetector } = await import(${JSON.stringify(new URL('./language.ts', import.meta.url).href)});
    const startedAt = process.cpuUsage().user;
    await loadLanguageDetector();
    console.log((process.cpuUsage().user - startedAt) / 1000)`;
  const ms = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString());
  expect(ms).toBeLessThan(50);
});

test('a damaged model is told apart before it is used', () => {
  const bytes = readFileSync(new URL('models/language.bin', import.meta.url));
  expect(bytes.length).toBeLessThan(500_000);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ change;
      expect(() => readLanguageModel(damaged)).toThrow(ModelFileError);
    }),
    { numRuns: 20 },
  );
  expect(() => readLanguageModel(bytes.subarray(0, 100_000))).toThrow(/damaged or cut off/);
});

const devDirectory = new URL('../../../../../shared/evals/', import.meta.url);

test('at least 99 % of the published messages are told right, and 98 % of foreign sentences are refused', () => {
  if (!existsSync(devDirectory) && !process.env.CI) {
    console.log('the published messages are not here: accuracy was not measured');
    return;
  }
  const read = (set: string) =>
    readFileSync(new URL(`${set}/dev.jsonl`, devDirectory), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const messages = read('langid_messages');
  const right = messages.filter((row) => detect(row.text).language === row.lang);
  expect(right.length / messages.length).toBeGreaterThanOrEqual(0.99);
  const foreign = read('langid_lingua').filter((row) => row.lang === 'other' && row.kind === 'sentences');
  const refused = foreign.filter((row) => detect(row.text).language === 'unknown');
  expect(refused.length / foreign.length).toBeGreaterThanOrEqual(0.98);
});
