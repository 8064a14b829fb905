import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIntentModel, writeIntentModel } from './intent-file.ts';
import { classify } from './intent-model.ts';
import {
  EXAMPLES_MAX,
  type IntentExample,
  IntentTrainingError,
  type IntentTrainingOptions,
  LABELS_MAX,
  trainIntentClassifier,
} from './intent-training.ts';
import { ModelFileError } from './model-file.ts';
import { runToEnd } from './steps.ts';

/** Also halves of surrogate pairs. */
const ANY_UNIT = fc.nat(0xffff).map((code) => String.fromCharCode(code));

const OPENINGS = ['when do you', 'can you tell me when you', 'at what time do you', 'do you', 'hi, will you'];
const ABOUT: Record<string, readonly string[]> = {
  hours: ['open', 'close today', 'open on sunday', 'close at night', 'start in the morning'],
  delivery: ['deliver', 'ship my parcel', 'send the package', 'deliver abroad', 'ship to spain'],
  refund: ['refund me', 'give my money back', 'pay back the refund', 'return the money', 'refund this'],
};
const examples: IntentExample[] = Object.entries(ABOUT).flatMap(([label, endings]) =>
  endings.flatMap((ending) => OPENINGS.map((opening) => ({ text: `${opening} ${ending}`, label }))),
);
const train = (from: readonly IntentExample[], options?: IntentTrainingOptions) =>
  runToEnd(trainIntentClassifier(from, options));
const trained = train(examples);
const { model } = trained;

test('what is asked in other words, or with typing errors, is understood', () => {
  for (const [text, label] of [
    ['will you open tomorrow?', 'hours'],
    ['DELIVERY to portugal??', 'delivery'],
    ['i want a refnud of my money', 'refund'],
    ['cn u shp the parcl', 'delivery'],
  ]) {
    expect(classify(model, text ?? '').ranked[0]?.label, text).toBe(label);
  }
});

test('what an intent is called is known as well, though no example says it', () => {
  const names: Record<string, string> = { hours: 'visitingTime', delivery: 'bulky_cargo', refund: '?!' };
  const named = train(examples.map(({ text, label }) => ({ text, label: names[label ?? ''] ?? label })));
  for (const [text, label] of [
    ['visiting', 'visitingTime'],
    ['bulky cargo', 'bulky_cargo'],
    ['pay my money back', '?!'],
  ])
    expect(classify(named.model, text ?? '').ranked[0]?.label, text).toBe(label);
  expect(named.used).toBe(75);
});

test('probabilities are between 0 and 1, the ranked ones in order', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_UNIT, maxLength: 400 }), (text) => {
      const answer = classify(model, `open ${text}`);
      const probabilities = answer.ranked.map(({ probability }) => probability);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
      for (const value of [...probabilities, answer.inScope]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
      expect(classify(model, `open ${text}`)).toEqual(answer);
    }),
    { numRuns: 30 },
  );
});

test('a text that says nothing has no intent', () => {
  for (const text of ['', ' ', '👍', '?!', '\uD800', 'שלום', '営業']) {
    expect(classify(model, text)).toEqual({ label: null, probability: 0, inScope: 0, ranked: [] });
  }
});

test('one character, right-to-left beside known words, and 100,000 characters have a clear answer', () => {
  expect(classify(model, 'o').inScope).toBeLessThan(classify(model, 'when do you open').inScope);
  expect(classify(model, 'שלום when do you open').ranked[0]?.label).toBe('hours');
  expect(classify(model, 'when do you open '.repeat(6_000)).ranked[0]?.label).toBe('hours');
});

test('what is about something else is taken for out of scope sooner than what is known', () => {
  const strange = ['my cat likes music', 'write a poem about rain', 'who won the football match'];
  const known = ['when do you open', 'will you ship my parcel', 'refund the money'];
  const most = Math.max(...strange.map((text) => classify(model, text).inScope));
  for (const text of known) expect(classify(model, text).inScope).toBeGreaterThan(most);
});

test('examples out of scope are learned as such', () => {
  const strangers = Array.from({ length: 30 }, (_, at) => ({
    text: `write a poem number ${at}`,
    label: null,
  }));
  const taught = train([...examples, ...strangers]);
  expect(classify(taught.model, 'write me a poem').label).toBe(null);
  expect(classify(taught.model, 'when do you open').label).toBe('hours');
  expect(taught.model.labels).toEqual(['hours', 'delivery', 'refund']);
});

test('a single example out of scope is learned like any other', () => {
  const lonely = train([...examples, { text: 'write a poem about rain', label: null }]);
  expect(classify(lonely.model, 'write a poem about rain').inScope).toBeLessThan(
    classify(lonely.model, 'when do you open').inScope,
  );
  expect(classify(lonely.model, 'when do you open').ranked[0]?.label).toBe('hours');
});

test('examples held out decide how sure the model may be', () => {
  // A held-out part in which the model is always wrong leaves it no certainty.
  const wrong = examples.map(({ text, label }) => ({ text, label: label === 'hours' ? 'refund' : 'hours' }));
  const unsure = train(examples, { heldOut: wrong });
  expect(classify(unsure.model, 'when do you open').probability).toBeLessThan(0.5);
  expect(classify(model, 'when do you open').probability).toBeGreaterThan(0.5);
});

test('the same examples and seed give the same file, another seed another one', () => {
  expect(train(examples).bytes).toEqual(trained.bytes);
  expect(train(examples, { seed: 2 }).bytes).not.toEqual(trained.bytes);
});

test('a model that was written and read answers as before, and is written the same again', () => {
  const read = readIntentModel(trained.bytes);
  expect(classify(read, 'do you ship')).toEqual(classify(model, 'do you ship'));
  expect(writeIntentModel(read)).toEqual(trained.bytes);
});

test('a damaged file is refused, and the model in use is not touched', () => {
  const damaged = trained.bytes.slice();
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  expect(() => readIntentModel(damaged)).toThrow(ModelFileError);
  expect(classify(model, 'when do you open').ranked[0]?.label).toBe('hours');
});

test('progress only grows, and training can be stopped after any step', () => {
  const shares = [...trainIntentClassifier(Array.from({ length: 6 }, () => examples).flat())];
  expect(shares.length).toBeGreaterThan(2);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
  const steps = trainIntentClassifier(Array.from({ length: 6 }, () => examples).flat());
  steps.next();
  expect(steps.return(trained).done).toBe(true);
});

test('two examples are enough to begin with, though not to be sure', () => {
  const tiny = train([
    { text: 'open', label: 'hours' },
    { text: 'refund', label: 'refund' },
  ]);
  expect(classify(tiny.model, 'refund').ranked[0]?.label).toBe('refund');
});

test('contradicting labels are counted and learned as what they are: a doubt', () => {
  const doubtful = train([...examples, ...examples.map(({ text }) => ({ text, label: 'other' }))]);
  expect(doubtful.contradicting).toBe(150);
  expect(classify(doubtful.model, 'when do you open').probability).toBeLessThan(0.8);
  expect(trained).toMatchObject({ used: 75, empty: 0, contradicting: 0 });
});

test('one label, too many labels and a million examples are refused by name, before anything is learned', () => {
  const problem = (from: readonly IntentExample[]) => {
    try {
      trainIntentClassifier(from).next();
      return 'none';
    } catch (error) {
      return error instanceof IntentTrainingError ? error.problem : error;
    }
  };
  expect(problem([])).toBe('one_label');
  expect(problem(examples.filter(({ label }) => label === 'hours'))).toBe('one_label');
  expect(problem([...examples.slice(0, 3), { text: '?', label: 'nothing said' }])).toBe('one_label');
  expect(problem(new Array(1_000_000).fill(examples[0]))).toBe('too_many_examples');
  expect(problem(Array.from({ length: LABELS_MAX + 1 }, (_, at) => ({ text: 'hi', label: `${at}` })))).toBe(
    'too_many_labels',
  );
  expect(EXAMPLES_MAX).toBe(50_000);
});
