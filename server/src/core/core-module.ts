// What the core itself brings to the app: the event log's route, and the forgetting of Idempotency-Keys, and mails.
import { z } from 'zod';
import type { SystemContext } from './context.ts';
import { registerEventRoutes } from './event-routes.ts';
import { idempotencyHours } from './idempotency.ts';
import { forgetMails, forgetOldMails, sendMail, sendWaitingMail } from './mail.ts';
import type { Module } from './module.ts';
import { defineJob, work } from './queue.ts';
import { jobRefused } from './refused-jobs.ts';
import { coreSealedColumns } from './rotation.ts';

export const forgetIdempotencyKeys = defineJob({
  name: 'core.forget_idempotency_keys',
  doc: `Deletes the answers kept under Idempotency-Keys that are older than ${idempotencyHours} hours.`,
  input: z.object({}),
  effect: 'system',
});

/** So many in one transaction, that a long backlog holds no lock for long. */
const batchMax = 5000;

async function forgetOldKeys(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.clock.now() - idempotencyHours * 3_600_000);
  let deleted: number;
  do {
    const rows = await ctx.system((queries) =>
      queries.sql(
        `delete from idempotency_keys where (workspace_id, key_hash) in (
           select workspace_id, key_hash from idempotency_keys where created_at < $1 limit ${batchMax})
         returning 1 as one`,
        [before],
      ),
    );
    deleted = rows.length;
  } while (deleted === batchMax);
}

export const coreModule: Module = {
  name: 'core',
  routes: async (server, kernel) => {
    registerEventRoutes(server, kernel);
    (await import('./realtime/routes.ts')).registerRealtime(server, kernel);
  },
  events: [jobRefused],
  jobs: [
    work(forgetIdempotencyKeys, forgetOldKeys),
    work(sendMail, sendWaitingMail),
    work(forgetMails, forgetOldMails),
  ],
  schedules: [
    { job: forgetIdempotencyKeys, cron: '17 * * * *', input: {} },
    { job: forgetMails, cron: '37 4 * * *', input: {} },
  ],
  sealed: coreSealedColumns,
  stored: [
    {
      table: 'events',
      key: ['position'],
      keeps: 'facts that were committed: ids, never content',
    },
    {
      table: 'idempotency_keys',
      key: ['key_hash'],
      keeps: `answers to requests, for ${idempotencyHours} hours`,
      copies: 'delete',
    },
  ],
};
