// The jobs of knowledge.
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineJob } from '../../core/queue.ts';

export const readTrainingData = defineJob({
  name: 'knowledge.read',
  doc: 'Reads a file, a page or the pages of a sitemap; a long sitemap in several runs.',
  input: z.object({ trainingDataId: z.uuid(), reading: z.number().int() }),
  effect: 'external',
  concurrency: 2,
  retries: 4,
  retryDelaySeconds: 2,
  // A file may wait for others to be read before it.
  timeoutSeconds: 600,
});

export const forgetFile = defineJob({
  name: 'knowledge.forget_file',
  doc: 'Removes the stored file of training data that is not there (any more).',
  input: z.object({ trainingDataId: z.uuid() }),
  effect: 'external',
  retries: 20,
});

export const indexKnowledge = defineJob({
  name: 'knowledge.index',
  doc: 'Stores what a large knowledge is found by; where it fits into memory, there is nothing to do.',
  input: z.object({}),
  effect: 'external',
  oneWaitingPerKey: true,
  concurrency: 1,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

export const sweepKnowledge = defineJob({
  name: 'knowledge.sweep',
  doc: 'Takes passages that are gone out of the lists of what a large knowledge is found by.',
  input: z.object({}),
  effect: 'external',
  oneWaitingPerKey: true,
  concurrency: 1,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

export const embedKnowledge = defineJob({
  name: 'knowledge.embed',
  doc: 'Makes the vectors of passages that have none by the model that was chosen; where none is, those that were made go.',
  input: z.object({}),
  effect: 'external',
  oneWaitingPerKey: true,
  concurrency: 1,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

/** Has the vectors of the workspace looked after. */
export function makeVectors(tx: TransactionContext): void {
  tx.enqueue(embedKnowledge, {}, { key: tx.workspaceId });
}

export const refetchDue = defineJob({
  name: 'knowledge.refetch',
  doc: 'Asks for the pages and sitemaps to be read again whose time has come.',
  input: z.object({}),
  effect: 'system',
});
