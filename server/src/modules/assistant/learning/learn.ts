// Learns by itself where it may: conversations in which nothing was said for an hour are read once more, in the order in
// which they came to rest.
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../../core/context.ts';
import { defineJob, type JobRun } from '../../../core/queue.ts';
import { learningSince } from './learning.ts';
import { leaveTurn } from './leave-turn.ts';
import type { Place } from './places.ts';
import { propose, worthProposing } from './propose.ts';
import { type ReadPair, readConversations } from './read-conversations.ts';

export const learn = defineJob({
  name: 'assistant.learn',
  doc: 'Proposes what members answered in conversations that have come to rest, where the workspace allows it.',
  input: z.object({}),
  effect: 'external',
  oneWaitingPerKey: true,
  concurrency: 2,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

export const learnDue = defineJob({
  name: 'assistant.learn_due',
  doc: 'Asks for the conversations to be read that have come to rest, in workspaces that allow it.',
  input: z.object({}),
  effect: 'system',
});

/** Closed or not: what is still being said may change the answer. */
export const restMs = 3_600_000;
const runMs = 300_000;
/** What is left goes with the next time. */
const workspacesMax = 1000;

/** The `assistant.learn_due` job. Returns in how many workspaces there is something to read. */
export async function askToLearn(ctx: SystemContext): Promise<number> {
  const due = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select l.workspace_id from knowledge_learning l where exists (
         select 1 from conversations c where c.workspace_id = l.workspace_id and c.last_message_at <= $1
           and (c.last_message_at, c.id) > (l.read_at, l.read_id)) limit ${workspacesMax}`,
      [new Date(ctx.clock.now() - restMs)],
    ),
  );
  for (const { workspace_id: workspaceId } of due)
    await ctx.transactionIn(workspaceId, async (tx) => tx.enqueue(learn, {}, { key: workspaceId }));
  return due.length;
}

/** The `assistant.learn` job. */
export async function learnFromRested(ctx: Context, _input: object, run: JobRun): Promise<void> {
  const endAt = performance.now() + runMs;
  const until = new Date(ctx.clock.now() - restMs);
  for (;;) {
    const began = performance.now();
    const read = await ctx.transaction((tx) => readNext(tx, until));
    if (!read) return;
    const pairs = await worthProposing(ctx, read.pairs);
    const isWanted = await ctx.transaction((tx) => record(tx, read, pairs));
    if (!isWanted || read.isLast) return;
    if (performance.now() > endAt)
      return ctx.transaction(async (tx) => tx.enqueue(learn, {}, { key: tx.workspaceId }));
    await leaveTurn(began, run.signal);
  }
}

interface Read {
  readonly since: Date;
  readonly to: Place;
  readonly isLast: boolean;
  readonly pairs: readonly ReadPair[];
}

/** Null while it is off. */
async function readNext(tx: TransactionContext, until: Date): Promise<Read | null> {
  const since = await learningSince(tx);
  const [from] = await tx.sql<Place>(
    'select read_at::text as at, read_id as id from knowledge_learning where workspace_id = $1',
    [tx.workspaceId],
  );
  if (since === null || !from) return null;
  const { last, pairs } = await readConversations(tx, { from, newestFirst: false, since, until });
  return { since, to: last ?? { at: until.toISOString(), id: from.id }, isLast: last === null, pairs };
}

/** @returns false when it was switched off, or off and on again, meanwhile */
async function record(
  tx: TransactionContext,
  { since, to }: Read,
  pairs: readonly ReadPair[],
): Promise<boolean> {
  const now = await learningSince(tx, 'update');
  if (now?.getTime() !== since.getTime()) return false;
  await propose(tx, pairs);
  await tx.sql(
    `update knowledge_learning set read_at = $2::timestamptz, read_id = $3::uuid
     where workspace_id = $1 and (read_at, read_id) < ($2::timestamptz, $3::uuid)`,
    [tx.workspaceId, to.at, to.id],
  );
  return true;
}
