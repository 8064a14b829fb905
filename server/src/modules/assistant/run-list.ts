// Finds turns of the assistant: the newest, or those that fit.
import type { RunQuery } from '@parley/contract/runs';
import { and, desc, eq, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { readsConversations, search } from '../conversations/conversations.ts';
import { toRuns } from './runs.ts';
import { runs } from './tables.ts';

/** So many places in which the words stand are looked at, the newest. */
const hitsMax = 200;

/** Newest first. @throws ParleyError 400 for a cursor that is not ours; 403 for words of who may not read conversations */
export async function listRuns(system: SystemContext, ctx: Context, query: RunQuery) {
  if (query.q !== undefined && !readsConversations(ctx.actor)) {
    throw new ParleyError({
      status: 403,
      code: 'forbidden',
      message: 'Looking for words of conversations needs the permission conversations:read.',
    });
  }
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  const about = query.q ? await conditionOfWords(system, ctx, query.q) : undefined;
  if (about === null) return { items: [], nextCursor: null };
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(runs)
      .where(
        and(
          eq(runs.workspaceId, tx.workspaceId),
          before ? lt(runs.id, before[0]) : undefined,
          query.conversationId ? eq(runs.conversationId, query.conversationId) : undefined,
          query.outcome ? eq(runs.outcome, query.outcome) : undefined,
          query.policy ? eq(runs.policy, query.policy) : undefined,
          query.model ? eq(runs.model, query.model) : undefined,
          query.from ? gte(runs.startedAt, new Date(query.from)) : undefined,
          query.to ? lte(runs.startedAt, new Date(query.to)) : undefined,
          query.failed === undefined ? undefined : query.failed ? hadError : sql`not ${hadError}`,
          about,
        ),
      )
      .orderBy(desc(runs.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: await toRuns(tx, items), nextCursor };
  });
}

// As the index of runs_failed says it.
const hadError = sql`(${runs.errorCode} is not null or ${runs.reasons} @> '[{"decision": "failed"}]')`;

/** Runs that read or wrote a message with the words, or answered a contact who is called so; null: there are none. */
async function conditionOfWords(system: SystemContext, ctx: Context, q: string): Promise<SQL | null> {
  const { items } = await search(system, ctx, { q, limit: hitsMax });
  const messageIds = items.flatMap(({ message }) => (message ? [message.id] : []));
  const conversationIds = items.flatMap(({ message, note, conversation }) =>
    message || note ? [] : [conversation.id],
  );
  if (messageIds.length + conversationIds.length === 0) return null;
  return (
    or(
      sql`${runs.conversationId} = any(${sql.param(conversationIds)}::uuid[])`,
      sql`${runs.messageId} = any(${sql.param(messageIds)}::uuid[])`,
      sql`${runs.readMessageIds} ?| ${sql.param(messageIds)}::text[]`,
    ) ?? null
  );
}
