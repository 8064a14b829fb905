import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelFileError } from '../../learning/model-file.ts';
import { loadSentimentReader, readSentimentModel, sentimentModelFile } from './sentiment.ts';
import { tokeniseSentiment } from './sentiment-features.ts';

const read = await loadSentimentReader();

test('praise and anger are told apart in three languages', () => {
  const messages = {
    en: {
      positive: ['thank you so much, you are amazing!', 'I love it 😍', 'great service, very happy'],
      negative: [
        'this is the worst service ever, I am so angry',
        'terrible, never again',
        'I hate waiting 😡',
      ],
    },
    es: {
      positive: [
        'muchas gracias, son geniales!',
        'me encanta, está precioso',
        'excelente atención, muy contenta',
      ],
      negative: [
        'qué asco de servicio, estoy harta',
        'esto es una vergüenza, qué mal',
        'odio esperar, pésima atención',
      ],
    },
    pt: {
      positive: [
        'muito obrigada, vocês são maravilhosos!',
        'amei, ficou lindo ❤️',
        'adorei o atendimento, perfeito',
      ],
      negative: [
        'que nojo de atendimento, péssimo',
        'estou com muita raiva, que vergonha',
        'odeio esperar, horrível',
      ],
    },
  };
  for (const [language, sentiments] of Object.entries(messages))
    for (const [label, texts] of Object.entries(sentiments))
      for (const text of texts) expect(read(text, language as 'en')?.label, text).toBe(label);
});

test('a negated word is marked until the sentence ends, and no longer', () => {
  const negated = tokeniseSentiment('I do not like this at all really, but it works', 'en')
    .filter(({ isNegated }) => isNegated)
    .map(({ text }) => text);
  expect(negated).toEqual(['like', 'this', 'at', 'all']);
  expect(tokeniseSentiment('No, gracias', 'es').some(({ isNegated }) => isNegated)).toBe(false);
  expect(read('not good at all', 'en')?.score).toBeLessThan(read('good', 'en')?.score ?? 0);
});

test('emphasis, laughter and smiles are told by what they are, however they are written', () => {
  const texts = (text: string) => tokeniseSentiment(text, 'es').map((token) => token.text);
  expect(texts('holaaaaa')).toEqual(['hola', 'STRETCHED']);
  expect(texts('jajajaja kkkkk')).toEqual(['LAUGH', 'LAUGH']);
  expect(texts('NADA :) :-(')).toEqual(['nada', 'LOUD', ':)', 'HAPPY', ':-(', 'SAD']);
  expect(texts('qué???')).toEqual(['que', '?+']);
});

test('nothing to read, or another language, has no sentiment', () => {
  for (const text of ['', '   ', '\uD800', '———']) expect(read(text, 'en')).toBeNull();
  expect(read('Das ist schrecklich', 'unknown')).toBeNull();
});

test('any text has one answer, whose figures agree', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 1200 }),
      fc.constantFrom('en', 'es', 'pt'),
      (text, language) => {
        const answer = read(text, language);
        expect(read(text, language)).toEqual(answer);
        if (answer === null) return;
        expect(answer.confidence).toBeGreaterThanOrEqual(1 / 3);
        expect(answer.confidence).toBeLessThanOrEqual(1);
        expect(Math.abs(answer.score)).toBeLessThanOrEqual(1);
        if (answer.label === 'positive') expect(answer.score).toBeGreaterThanOrEqual(0);
        if (answer.label === 'negative') expect(answer.score).toBeLessThanOrEqual(0);
      },
    ),
  );
  expect(read('a'.repeat(100_000), 'en')).not.toBeNull();
});

test('it is loaded in no time, and a damaged file is told apart', () => {
  const script = `const { loadSentimentReader } = await import(${JSON.stringify(new URL('./sentiment.ts', import.meta.url).href)});
    const startedAt = process.cpuUsage().user;
    await loadSentimentReader();
    console.log((process.cpuUsage().user - startedAt) / 1000)`;
  const ms = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString());
  expect(ms).toBeLessThan(50);
  const bytes = readFileSync(sentimentModelFile);
  expect(bytes.length).toBeLessThan(1_000_000);
  const damaged = Uint8Array.from(bytes);
  damaged[500_000] = (damaged[500_000] ?? 0) ^ 1;
  expect(() => readSentimentModel(damaged)).toThrow(ModelFileError);
});

const publicData = new URL('../../../../../shared/evals/', import.meta.url);

test('most published tweets are told right', () => {
  if (!existsSync(publicData) && !process.env.CI) {
    console.log('the published tweets are not here: accuracy was not measured');
    return;
  }
  const floors = {
    'sentiment_tweeteval/dev': 0.65,
    'sentiment_xlmt/es.dev': 0.54,
    'sentiment_xlmt/pt.dev': 0.54,
  };
  for (const [path, floor] of Object.entries(floors)) {
    const language = path.includes('/es') ? 'es' : path.includes('/pt') ? 'pt' : 'en';
    const rows = readFileSync(new URL(`${path}.jsonl`, publicData), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const right = rows.filter((row) => read(row.text, language)?.label === row.label);
    expect(right.length / rows.length, path).toBeGreaterThan(floor);
  }
});
