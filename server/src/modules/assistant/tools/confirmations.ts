// What waits for a member's word, and what became of it. A call is confirmed once, by somebody whose role has what it needs,
// and made at most once: what only writes here is made in the transaction that confirms it, what calls outside by a job that
// marks it before.
import type { Confirmation, ConfirmationQuery, Decision } from '@parley/contract/tools';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../../core/context.ts';
import { conflict, notFound, ParleyError } from '../../../core/errors.ts';
import { decodeCursor, toPage } from '../../../core/pagination.ts';
import { defineJob } from '../../../core/queue.ts';
import { confirmations } from '../tables.ts';
import { confirmationChanged, inputPlace, resultPlace } from './ask-confirmation.ts';
import { knownTools } from './known-tools.ts';
import type { Audience, Tool, ToolUse } from './tool.ts';

type Row = typeof confirmations.$inferSelect;

export const runConfirmed = defineJob({
  name: 'assistant.run-confirmed',
  doc: 'Makes a call that a member confirmed, to somebody outside.',
  input: z.object({ confirmationId: z.uuid() }),
  effect: 'external',
  retries: 3,
  timeoutSeconds: 60,
});

export const endConfirmations = defineJob({
  name: 'assistant.end-confirmations',
  doc: 'Ends what nobody confirmed in time, and calls whose process is gone.',
  input: z.object({}),
  effect: 'system',
  retries: 2,
});

const callMsMax = 30_000;
/** Longer than a call and its job take. */
const lostAfterMs = 10 * 60_000;

export async function listConfirmations(ctx: Context, input: ConfirmationQuery) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(confirmations)
      .where(
        and(
          eq(confirmations.workspaceId, tx.workspaceId),
          input.conversationId ? eq(confirmations.conversationId, input.conversationId) : undefined,
          input.state ? eq(confirmations.state, input.state) : undefined,
          before ? lt(confirmations.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(confirmations.id))
      .limit(input.limit + 1);
    const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
    return { items: items.map((row) => toConfirmation(tx, row)), nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function getConfirmation(ctx: Context, confirmationId: string): Promise<Confirmation> {
  return ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle.select().from(confirmations).where(eq(confirmations.id, confirmationId));
    if (!row) throw notFound('confirmation');
    return toConfirmation(tx, row);
  });
}

function toConfirmation(tx: TransactionContext, row: Row): Confirmation {
  return {
    id: row.id,
    tool: row.tool,
    input: JSON.parse(tx.openText(row.input, inputPlace(row.id))) as Record<string, unknown>,
    permission: row.permission,
    askedBy: { kind: row.askedByKind, id: row.askedBy },
    conversationId: row.conversationId,
    state: row.state === 'waiting' && row.expiresAt <= tx.clock.date() ? 'expired' : row.state,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    result: row.result ? tx.openText(row.result, resultPlace(row.id)) : null,
    errorCode: row.errorCode,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

/**
 * A member says yes or no. What then cannot be done, e.g. because the contact opted out, goes on waiting.
 * @throws ParleyError 403; 404; 409 `already_decided`, `confirmation_expired`, and whatever the tool throws
 */
export async function decide(
  ctx: Context,
  confirmationId: string,
  { decision }: Decision,
): Promise<Confirmation> {
  const tools = await knownTools(ctx);
  await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .select()
      .from(confirmations)
      .where(eq(confirmations.id, confirmationId))
      .for('update');
    if (!row) throw notFound('confirmation');
    if (tx.actor.kind !== 'member' || !tx.actor.permissions.has(row.permission)) {
      throw new ParleyError({
        status: 403,
        code: 'forbidden',
        message: 'Only a member whose role allows it confirms this.',
      });
    }
    if (row.state === 'expired' || (row.state === 'waiting' && row.expiresAt <= tx.clock.date()))
      throw conflict('confirmation_expired', 'Nobody confirmed it in time. Ask for it again.');
    if (row.state !== 'waiting') throw conflict('already_decided', 'Somebody has decided this already.');
    const decided = { decidedBy: tx.actor.id, decidedAt: tx.clock.date() };
    if (decision === 'refused') return become(tx, row, { ...decided, state: 'refused' });
    const tool = tools.find(({ name }) => name === row.tool);
    if (!tool) return become(tx, row, { ...decided, state: 'failed', errorCode: 'unknown_tool' });
    if (tool.outside) {
      tx.enqueue(runConfirmed, { confirmationId });
      return become(tx, row, { ...decided, state: 'confirmed' });
    }
    const result = await make(tx, tool, row, AbortSignal.timeout(callMsMax));
    return become(tx, row, { ...decided, state: 'done', result: tx.seal(result, resultPlace(row.id)) });
  });
  return getConfirmation(ctx, confirmationId);
}

function make(tx: TransactionContext, tool: Tool, row: Row, signal: AbortSignal): Promise<string> {
  const input = tool.read(JSON.parse(tx.openText(row.input, inputPlace(row.id))));
  return tool.run(useOf(tx, row, signal), input);
}

function useOf(ctx: Context, row: Row, signal: AbortSignal): ToolUse {
  const audience: Audience =
    row.askedByKind === 'contact' && row.conversationId && row.askedBy
      ? { kind: 'contact', conversationId: row.conversationId, contactId: row.askedBy }
      : { kind: 'member' };
  return { ctx, audience, signal, passages: [], stepId: row.id };
}

async function become(
  tx: TransactionContext,
  row: Row,
  changes: Partial<Row> & Pick<Row, 'state'>,
): Promise<void> {
  await tx.drizzle
    .update(confirmations)
    .set({ ...changes, updatedAt: tx.clock.date() })
    .where(eq(confirmations.id, row.id));
  const { id: confirmationId, conversationId } = row;
  tx.append(confirmationChanged, { confirmationId, conversationId, state: changes.state });
}

/** The job. What was marked as running is never called again: it may have arrived. */
export async function runNow(ctx: Context, { confirmationId }: { confirmationId: string }): Promise<void> {
  const tools = await knownTools(ctx);
  const started = await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .select()
      .from(confirmations)
      .where(eq(confirmations.id, confirmationId))
      .for('update');
    const tool = tools.find(({ name }) => name === row?.tool);
    if (row?.state !== 'confirmed') return null;
    if (!tool) {
      await become(tx, row, { state: 'failed', errorCode: 'unknown_tool' });
      return null;
    }
    await become(tx, row, { state: 'running' });
    return { row, tool, input: tool.read(JSON.parse(tx.openText(row.input, inputPlace(row.id)))) };
  });
  if (!started) return;
  const { row, tool, input } = started;
  const actor = { kind: 'member' as const, id: row.decidedBy, permissions: new Set([row.permission]) };
  const outcome = await tool.run(useOf(ctx.as(actor), row, AbortSignal.timeout(callMsMax)), input).then(
    (result) => ({ state: 'done' as const, result, errorCode: null }),
    (error: unknown) => {
      ctx.log.warn({ err: error, tool: tool.name }, 'a confirmed call failed');
      const told = error instanceof ParleyError ? error : null;
      return {
        state: 'failed' as const,
        result: told?.message ?? '',
        errorCode: told?.code ?? 'tool_failed',
      };
    },
  );
  await ctx.transaction((tx) =>
    become(tx, row, { ...outcome, result: tx.seal(outcome.result, resultPlace(row.id)) }),
  );
}

/** The schedule. */
export async function endOverdue(ctx: SystemContext): Promise<void> {
  const now = ctx.clock.date();
  const overdue = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      `select id, workspace_id from confirmations
       where (state = 'waiting' and expires_at <= $1)
         or (state in ('confirmed', 'running') and updated_at <= $2)
       order by id limit 500`,
      [now, new Date(now.getTime() - lostAfterMs)],
    ),
  );
  for (const { id, workspace_id: workspaceId } of overdue) {
    await ctx.transactionIn(workspaceId, async (tx) => {
      const [row] = await tx.drizzle
        .select()
        .from(confirmations)
        .where(eq(confirmations.id, id))
        .for('update');
      if (row?.state === 'waiting') await become(tx, row, { state: 'expired' });
      else if (row?.state === 'confirmed' || row?.state === 'running')
        await become(tx, row, { state: 'failed', errorCode: 'outcome_unknown' });
    });
  }
}
