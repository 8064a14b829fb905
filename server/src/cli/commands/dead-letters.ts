// Jobs that failed for the last time: what they were, why, and another try.
import { z } from 'zod';
import { notFound } from '../../core/errors.ts';
import { defineCommand, table } from '../command.ts';

export const deadLettersListCommand = defineCommand({
  name: 'dead-letters list',
  description: 'List the jobs that failed for the last time',
  place: 'anywhere',
  input: z.object({
    limit: z.coerce.number().int().min(1).max(1000).default(100).describe('how many at most'),
  }),
  run: async (host, { limit }) => {
    const { kernel } = await host.app();
    const letters = await kernel.queue.deadLetters(limit);
    return { items: letters.map((letter) => ({ ...letter, createdAt: letter.createdAt.toISOString() })) };
  },
  print: ({ items }) =>
    items.length === 0
      ? 'There is no dead letter.'
      : table(
          ['id', 'job', 'since', 'tries', 'error'],
          items.map((letter) => [
            letter.id,
            letter.job,
            letter.createdAt,
            String(letter.attempts),
            letter.error ?? '',
          ]),
        ),
});

export const deadLettersReplayCommand = defineCommand({
  name: 'dead-letters replay',
  description: 'Put dead letters back into their queues',
  place: 'anywhere',
  input: z
    .object({
      id: z.uuid().optional().describe('the one to replay'),
      all: z.boolean().default(false).describe('all of them'),
    })
    .refine(({ id, all }) => (id !== undefined) !== all, 'give --id or --all'),
  run: async (host, { id }) => {
    const { kernel } = await host.app();
    const replayed = await kernel.queue.redrive(id ? [id] : undefined);
    if (id && replayed === 0) throw notFound('dead letter');
    return { replayed };
  },
  print: ({ replayed }) => `${replayed} job${replayed === 1 ? ' goes' : 's go'} back to work.`,
});
