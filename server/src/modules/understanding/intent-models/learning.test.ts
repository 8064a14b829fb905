import { expect, it } from 'vitest';
import { IntentTrainingError } from '../../../learning/intent-training.ts';
import { starterExamples } from '../starter-intents/starter-intents.ts';
import { LearningTooLongError, learnInProcess } from './learning.ts';
import { openIntentModel, sayIntent } from './open.ts';

const usual = { timeoutMs: 60_000, signal: new AbortController().signal, onProgress: () => undefined };
const examples = starterExamples();
const task = { kind: 'model', examples, seed: 1, period: ['When do you open?', 'zzz'] } as const;

it('what is learned in a process of its own is a model, the same for the same seed, and keeps nobody waiting meanwhile', async () => {
  const few = { ...task, examples: examples.filter(({ label }) => /^(price|thanks|address)$/.test(label)) };
  const began = performance.eventLoopUtilization();
  const learned = await learnInProcess(few, usual);
  // Here it only waited.
  expect(performance.eventLoopUtilization(began).utilization).toBeLessThan(0.5);
  expect(sayIntent(openIntentModel(learned.file), 'how much does it cost').name).toBe('price');
  expect(learned.reading).toMatchObject({ messages: 2 });
  expect(learned.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect((await learnInProcess(few, usual)).checksum).toBe(learned.checksum);
});

it('it tells how far it is, and ends at once when nobody wants it any more', async () => {
  const unwanted = new AbortController();
  const shares: number[] = [];
  const learning = learnInProcess(task, {
    ...usual,
    signal: unwanted.signal,
    onProgress: (share) => {
      shares.push(share);
      unwanted.abort(new Error('nobody wants it'));
    },
  });
  await expect(learning).rejects.toThrow('nobody wants it');
  expect(shares).toHaveLength(1);
  expect(shares[0]).toBeGreaterThan(0);
  expect(shares[0]).toBeLessThan(1);
});

it('what takes too long, and what cannot be learned from, is refused by name', async () => {
  await expect(learnInProcess(task, { ...usual, timeoutMs: 1 })).rejects.toThrow(LearningTooLongError);
  const ofOne = { ...task, examples: examples.filter(({ label }) => label === 'price') };
  await expect(learnInProcess(ofOne, usual)).rejects.toThrow(IntentTrainingError);
});

it('too few examples to keep any back are not measured', async () => {
  const few = { kind: 'metrics', examples: examples.slice(0, 40), seed: 1 } as const;
  expect(await learnInProcess(few, usual)).toEqual({ kind: 'metrics', metrics: null });
});
