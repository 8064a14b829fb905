import { expect, test } from 'vitest';
import { ModelFileError } from './model-file.ts';
import { readSpamModel, type SpamExample, spamProbability, trainSpamModel, writeSpamModel } from './spam.ts';
import { runToEnd } from './steps.ts';

const PRIZES = ['a holiday', '£1000 cash', 'a new phone', '$500', 'a free ringtone', 'two tickets'];
const FRIENDS = ['Ana', 'mum', 'the boss', 'Joe', 'everyone', 'my sister'];
const examples: SpamExample[] = [0, 1, 2, 3].flatMap((week) => [
  ...PRIZES.map((prize) => ({
    text: `WINNER!! You have won ${prize}! Call 0906123456${week} NOW to claim, T&C apply`,
    isSpam: true,
  })),
  ...FRIENDS.map((friend) => ({
    text: `see you with ${friend} at ${week + 4}, i am a bit late`,
    isSpam: false,
  })),
]);
const model = runToEnd(trainSpamModel(examples));

test('what looks like spam is probably spam, in another language too, and what friends write is not', () => {
  expect(spamProbability(model, 'URGENT! You have won £200, call 09061234567 now')).toBeGreaterThan(0.7);
  expect(spamProbability(model, 'PREMIO!! GANASTE R$ 5000! LIGUE 09061234567 AGORA!')).toBeGreaterThan(0.5);
  expect(spamProbability(model, 'ok, see you at 5')).toBeLessThan(0.3);
});

test('a text that says nothing, or goes on without end, has an answer', () => {
  expect(spamProbability({ ...model, space: { ...model.space, slots: new Uint32Array(4) } }, 'hi')).toBe(0);
  for (const text of ['', '👍', 'שלום', 'WIN £100 '.repeat(20_000)]) {
    const probability = spamProbability(model, text);
    expect(probability).toBeGreaterThanOrEqual(0);
    expect(probability).toBeLessThanOrEqual(1);
  }
});

test('a model that was written and read says nearly the same, and a damaged one is refused', () => {
  const bytes = writeSpamModel(model);
  const text = 'You have won a phone, call now';
  expect(spamProbability(readSpamModel(bytes), text)).toBeCloseTo(spamProbability(model, text), 1);
  expect(() => readSpamModel(bytes.subarray(0, 100))).toThrow(ModelFileError);
});

test('one kind of message alone teaches nothing, and says so', () => {
  expect(() => trainSpamModel(examples.filter(({ isSpam }) => isSpam)).next()).toThrow(RangeError);
});
