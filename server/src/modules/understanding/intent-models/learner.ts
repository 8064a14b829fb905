// The process that learns intents: a task comes in, how far it is and what came of it go out. Started by learning.ts for one task,
// and ended by it. Whoever answers messages in the process that started it is not kept waiting.
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { IntentModelMetrics } from '@parley/contract/intent-models';
import { type Reading, readingOf } from '../../../learning/drift.ts';
import {
  type IntentExample,
  IntentTrainingError,
  type IntentTrainingProblem,
  trainIntentClassifier,
} from '../../../learning/intent-training.ts';
import { measure, splitOff } from './measuring.ts';
import { sayIntent } from './open.ts';

export type LearningTask = { readonly examples: readonly IntentExample[]; readonly seed: number } & (
  | {
      /** Learns from all examples, and reads the messages of a time. */
      readonly kind: 'model';
      readonly period: readonly string[];
    }
  /** Learns from a part of them, and measures on the rest. */
  | { readonly kind: 'metrics' }
);

export interface LearnedModel {
  readonly kind: 'model';
  readonly file: Uint8Array<ArrayBuffer>;
  readonly checksum: string;
  readonly empty: number;
  readonly contradicting: number;
  readonly fingerprint: string;
  /** Of the period's messages. */
  readonly reading: Reading;
}

export interface LearnedMetrics {
  readonly kind: 'metrics';
  /** Null: there are too few examples to keep any back. */
  readonly metrics: IntentModelMetrics | null;
}

export type Told =
  | { readonly progress: number }
  | { readonly learned: LearnedModel | LearnedMetrics }
  | { readonly problem: IntentTrainingProblem; readonly message: string }
  | { readonly failure: string };

const tellEveryMs = 500;

async function* learn(task: LearningTask): AsyncGenerator<number, LearnedModel | LearnedMetrics> {
  const { examples, seed } = task;
  if (task.kind === 'metrics') {
    const { learned, measured } = splitOff(examples, seed);
    if (measured.length === 0) return { kind: 'metrics', metrics: null };
    const began = performance.now();
    const { model } = yield* trainIntentClassifier(learned, { seed });
    const trainSeconds = (performance.now() - began) / 1000;
    return { kind: 'metrics', metrics: { ...measure(model, measured), trainSeconds } };
  }
  const { model, bytes, empty, contradicting } = yield* trainIntentClassifier(examples, { seed });
  return {
    kind: 'model',
    file: bytes,
    checksum: createHash('sha256').update(bytes).digest('hex'),
    empty,
    contradicting,
    fingerprint: fingerprintOf(examples),
    reading: readingOf(
      task.period.map((text) => {
        const { name, confidence } = sayIntent(model, text);
        return { label: name, confidence };
      }),
    ),
  };
}

function fingerprintOf(examples: readonly IntentExample[]): string {
  const hash = createHash('sha256');
  for (const line of examples.map(({ text, label }) => JSON.stringify([label, text])).sort())
    hash.update(`${line}\n`);
  return hash.digest('hex');
}

const tell = (told: Told) => new Promise<void>((resolve) => process.send?.(told, () => resolve()));

async function work(task: LearningTask): Promise<Told> {
  try {
    const steps = learn(task);
    let told = performance.now();
    for (;;) {
      const step = await steps.next();
      if (step.done) return { learned: step.value };
      // In this turn it notices that nobody listens any more.
      await setImmediate();
      if (performance.now() - told < tellEveryMs) continue;
      told = performance.now();
      await tell({ progress: step.value });
    }
  } catch (error) {
    if (error instanceof IntentTrainingError) return { problem: error.problem, message: error.message };
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.once('disconnect', () => process.exit(1));
process.once('message', async (task) => {
  await tell(await work(task as LearningTask));
  process.exit(0);
});
