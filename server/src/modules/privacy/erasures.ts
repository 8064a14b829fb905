// Erasures of contacts, as members see them: what would go, begun, how far, and what was found afterwards.
import type { Erasure, ErasurePreview } from '@parley/contract/privacy';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { conflict, databaseErrorCode, notFound, uniqueViolation } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob } from '../../core/queue.ts';
import { countFiles, countOfContact, knowledgeOf, needlesOfContact } from './contact-data.ts';
import { declaredTables } from './declared.ts';
import { describeContacts } from './describe-contacts.ts';
import { erasureBegun } from './events.ts';
import { heldNow, refuseHeld } from './holds.ts';
import { erasures } from './tables.ts';

export const erase = defineJob({
  name: 'privacy.erase',
  doc: 'Erases a contact, in batches, and looks for what is left of them.',
  input: z.object({ erasureId: z.uuid() }),
  effect: 'external',
  oneWaitingPerKey: true,
  retries: 8,
  timeoutSeconds: 3600,
  concurrency: 2,
  workersMax: 1,
});

export const goOnErasing = defineJob({
  name: 'privacy.go_on_erasing',
  doc: 'Goes on with erasures whose process was lost.',
  input: z.object({}),
  effect: 'system',
});

const lostAfterMs = 10 * 60_000;
export const needlesPlace = (id: string) => `erasures.needles:${id}`;

export type ErasureRow = typeof erasures.$inferSelect;

/** @throws ParleyError 404 */
export async function previewErasure(ctx: Context, contactId: string): Promise<ErasurePreview> {
  const { tables } = ctx.use(declaredTables);
  return ctx.transaction(async (tx) => {
    await refuseUnknown(tx, contactId);
    const held = await heldNow(tx);
    return {
      contactId,
      counts: await countOfContact(tx, tables, contactId),
      files: await countFiles(tx, contactId),
      knowledge: (await knowledgeOf(tx, contactId)).length,
      held: held.everything || held.contactIds.includes(contactId),
    };
  });
}

async function refuseUnknown(tx: TransactionContext, contactId: string): Promise<void> {
  if ((await describeContacts(tx, [contactId])).size === 0) throw notFound('contact');
}

/** @throws ParleyError 404; 409 `legal_hold`, `erasure_running` */
export async function startErasure(ctx: Context, contactId: string): Promise<Erasure> {
  const { tables } = ctx.use(declaredTables);
  try {
    return await ctx.transaction(async (tx) => {
      await refuseUnknown(tx, contactId);
      await refuseHeld(tx, contactId);
      const id = newId();
      const now = tx.clock.date();
      const counts = await countOfContact(tx, tables, contactId);
      const [row] = await tx.drizzle
        .insert(erasures)
        .values({
          id,
          workspaceId: tx.workspaceId,
          contactId,
          state: 'running',
          counts: counts.map((one) => ({ ...one, erased: 0 })),
          needles: tx.seal(JSON.stringify(await needlesOfContact(tx, contactId)), needlesPlace(id)),
          actorKind: tx.actor.kind,
          actorId: tx.actor.id,
          createdAt: now,
          workedAt: now,
        })
        .returning();
      tx.append(erasureBegun, { erasureId: id, contactId });
      tx.enqueue(erase, { erasureId: id }, { key: id });
      return toErasure(row as ErasureRow);
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict('erasure_running', 'This contact is being erased already.');
  }
}

/** @throws ParleyError 404 */
export async function findErasure(tx: TransactionContext, id: string, locked = false): Promise<ErasureRow> {
  const query = tx.drizzle.select().from(erasures).where(eq(erasures.id, id));
  const [row] = await (locked ? query.for('update') : query);
  if (!row) throw notFound('erasure');
  return row;
}

export const readErasure = async (ctx: Context, id: string): Promise<Erasure> =>
  toErasure(await ctx.transaction((tx) => findErasure(tx, id)));

/** Newest first. */
export async function listErasures(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(erasures)
      .where(and(eq(erasures.workspaceId, tx.workspaceId), before ? lt(erasures.id, before[0]) : undefined))
      .orderBy(desc(erasures.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toErasure), nextCursor };
}

function toErasure(row: ErasureRow): Erasure {
  return {
    id: row.id,
    contactId: row.contactId,
    state: row.state,
    counts: row.counts,
    files: row.files,
    report: row.report,
    errorCode: row.errorCode,
    actor: { kind: row.actorKind, id: row.actorId },
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** The schedule. */
export async function resumeErasures(ctx: SystemContext): Promise<void> {
  const lost = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      "select id, workspace_id from erasures where state = 'running' and worked_at < $1",
      [new Date(ctx.clock.now() - lostAfterMs)],
    ),
  );
  for (const { id, workspace_id } of lost)
    await ctx.transactionIn(workspace_id, async (tx) => tx.enqueue(erase, { erasureId: id }, { key: id }));
}
