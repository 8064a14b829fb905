// A look through conversations of before: begun by a member, done by a job that can be killed and goes on where it was,
// cancelled by a change of its row.

import type { LookThrough, LookThroughInput } from '@parley/contract/knowledge-proposals';
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../../core/pagination.ts';
import { defineJob, type JobRun } from '../../../core/queue.ts';
import { lookThroughs } from '../tables.ts';
import { learningSince } from './learning.ts';
import { leaveTurn } from './leave-turn.ts';
import {
  endLookThrough,
  findLookThrough,
  type LookThroughRow,
  tellLookThrough,
  toLookThrough,
} from './look-through-rows.ts';
import { lastId, type Place } from './places.ts';
import { propose, worthProposing } from './propose.ts';
import {
  countConversations,
  type ReadConversations,
  type ReadPair,
  readConversations,
} from './read-conversations.ts';

export const lookThrough = defineJob({
  name: 'assistant.look_through',
  doc: 'Looks through conversations of before for what members answered; many of them in several runs.',
  input: z.object({ lookThroughId: z.uuid() }),
  effect: 'external',
  concurrency: 2,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

/** A run of the job ends itself before its time is over, and leaves the rest to the next. */
const runMs = 300_000;
const dayMs = 86_400_000;

/** Begins one; a job does it. @throws ParleyError 409 `learning_off`, `look_through_running` */
export async function startLookThrough(ctx: Context, { days }: LookThroughInput): Promise<LookThrough> {
  return ctx.transaction(async (tx) => {
    if ((await learningSince(tx, 'share')) === null)
      throw conflict('learning_off', 'Learning from conversations is off: a member allows it first.');
    const now = tx.clock.date();
    const [row] = await tx.drizzle
      .insert(lookThroughs)
      .values({
        id: newId(),
        workspaceId: tx.workspaceId,
        days,
        total: await countConversations(tx, sinceOf({ days, startedAt: now }), now),
        readAt: now,
        readId: lastId,
        startedAt: now,
      })
      .onConflictDoNothing()
      .returning();
    if (!row) throw conflict('look_through_running', 'Conversations are being looked through already.');
    tx.enqueue(lookThrough, { lookThroughId: row.id });
    tellLookThrough(tx, row);
    return toLookThrough(row);
  });
}

export async function listLookThroughs(ctx: Context, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(lookThroughs)
      .where(
        and(
          eq(lookThroughs.workspaceId, tx.workspaceId),
          before ? lt(lookThroughs.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(lookThroughs.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: items.map(toLookThrough), nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function getLookThrough(ctx: Context, id: string): Promise<LookThrough> {
  return ctx.transaction(async (tx) => toLookThrough(await findLookThrough(tx, id)));
}

/** What was proposed stays. @throws ParleyError 404 */
export async function cancelLookThrough(ctx: Context, id: string): Promise<LookThrough> {
  return ctx.transaction(async (tx) => {
    await findLookThrough(tx, id);
    await endLookThrough(tx, id, 'canceled');
    return toLookThrough(await findLookThrough(tx, id));
  });
}

/** The job. */
export async function look(
  ctx: Context,
  { lookThroughId }: { lookThroughId: string },
  run: JobRun,
): Promise<void> {
  try {
    await goOn(ctx, lookThroughId, run.signal);
  } catch (error) {
    if (run.isLastAttempt) await ctx.transaction((tx) => endLookThrough(tx, lookThroughId, 'failed'));
    throw error;
  }
}

async function goOn(ctx: Context, id: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + runMs;
  for (;;) {
    const began = performance.now();
    const read = await ctx.transaction((tx) => readNext(tx, id));
    if (!read) return;
    const { from, last } = read;
    if (last === null) return ctx.transaction((tx) => endLookThrough(tx, id, 'done'));
    const pairs = await worthProposing(ctx, read.pairs);
    await ctx.transaction((tx) => record(tx, id, { from, count: read.count, last }, pairs));
    if (performance.now() > until)
      return ctx.transaction(async (tx) => tx.enqueue(lookThrough, { lookThroughId: id }));
    await leaveTurn(began, signal);
  }
}

interface Read extends ReadConversations {
  readonly from: Place;
}

/** Null when it is over. */
async function readNext(tx: TransactionContext, id: string): Promise<Read | null> {
  const row = await findLookThrough(tx, id);
  if (row.state !== 'running') return null;
  const from = await placeOf(tx, row);
  const read = await readConversations(tx, {
    from,
    newestFirst: true,
    since: sinceOf(row),
    until: row.startedAt,
  });
  return { ...read, from };
}

/** As the database keeps it. */
async function placeOf(tx: TransactionContext, { id }: LookThroughRow): Promise<Place> {
  const [row] = await tx.sql<Place>(
    'select read_at::text as at, read_id as id from look_throughs where id = $1',
    [id],
  );
  if (!row) throw new Error('a row that was read is not there');
  return row;
}

async function record(
  tx: TransactionContext,
  id: string,
  { from, count, last }: { from: Place; count: number; last: Place },
  pairs: readonly ReadPair[],
): Promise<void> {
  const now = await findLookThrough(tx, id, true);
  // Cancelled meanwhile: what was found is not wanted.
  if (now.state !== 'running') return;
  const place = await placeOf(tx, now);
  // Another worker has been here: it counted these.
  if (place.at !== from.at || place.id !== from.id) return;
  const found = await propose(tx, pairs);
  const [row] = await tx.drizzle
    .update(lookThroughs)
    .set({
      done: sql`${lookThroughs.done} + ${count}`,
      found: sql`${lookThroughs.found} + ${found}`,
      readAt: sql`${last.at}::timestamptz`,
      readId: last.id,
    })
    .where(eq(lookThroughs.id, id))
    .returning();
  if (row) tellLookThrough(tx, row);
}

const sinceOf = ({ days, startedAt }: Pick<LookThroughRow, 'days' | 'startedAt'>) =>
  new Date(startedAt.getTime() - days * dayMs);
