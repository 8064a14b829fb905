// Jobs to kill a process in the middle of, shared by the test and the processes that it kills.
import { z } from 'zod';
import { defineEvent } from '../src/core/events.ts';
import type { Module } from '../src/core/module.ts';
import { defineJob, work } from '../src/core/queue.ts';

const input = z.object({ name: z.string() });

export const survived = defineEvent({
  type: 'victim.survived',
  doc: 'A job came to its end.',
  permission: 'events:read',
  payload: z.object({ name: z.string(), attempt: z.number() }),
});
export const writeJob = defineJob({
  name: 'victim.write',
  doc: 'Writes.',
  input,
  effect: 'database',
  concurrency: 5,
});
export const callJob = defineJob({ name: 'victim.call', doc: 'Calls outside.', input, effect: 'external' });

/** @param pause what a job does between its beginning and its end */
export function victimModule(pause: (name: string) => Promise<void>): Module {
  return {
    name: 'victim',
    events: [survived],
    jobs: [
      work(writeJob, async (tx, { name }, { attempt }) => {
        tx.append(survived, { name, attempt });
        await pause(name);
      }),
      work(callJob, async (ctx, { name }, { attempt }) => {
        await pause(name);
        await ctx.transaction(async (tx) => tx.append(survived, { name, attempt }));
      }),
    ],
  };
}
