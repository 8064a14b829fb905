// A job that ruins the process that runs it where its name says so, and does no harm otherwise.
import { z } from 'zod';
import { defineEvent } from '../src/core/events.ts';
import type { Module } from '../src/core/module.ts';
import { defineJob, work } from '../src/core/queue.ts';

export const poisons = ['crash', 'loop', 'memory'] as const;

export const poisonJob = defineJob({
  name: 'poison.take',
  doc: 'Ruins its process, or does no harm.',
  input: z.object({ name: z.string() }),
  effect: 'database',
  retries: 4,
  retryDelaySeconds: 1,
  retryDelaySecondsMax: 1,
});
export const lived = defineEvent({
  type: 'poison.lived',
  doc: 'A job came to its end.',
  permission: 'events:read',
  payload: z.object({ name: z.string() }),
});

const ruin: Readonly<Record<string, () => void>> = {
  crash: () => process.abort(),
  loop: () => {
    for (;;);
  },
  memory: () => {
    const kept: string[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => `kept ${index}`));
  },
} satisfies Record<(typeof poisons)[number], () => void>;

export const poisonModule: Module = {
  name: 'poison',
  events: [lived],
  jobs: [
    work(poisonJob, async (tx, { name }) => {
      ruin[name]?.();
      tx.append(lived, { name });
    }),
  ],
};
