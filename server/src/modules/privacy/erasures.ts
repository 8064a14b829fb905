// Erases a contact: everything that is theirs, in bounded batches, and then looks for it everywhere. Whoever goes on after a
// kill begins at the front and finds nothing there; what to look for rests sealed in the row until it was looked for.
import type { Erasure, ErasurePreview } from '@parley/contract/privacy';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { conflict, databaseErrorCode, notFound, ParleyError, uniqueViolation } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { type StoredTable, withPeople } from '../../core/stored-tables.ts';
import { forgetOutsideIds } from '../commerce/commerce.ts';
import { keepRefusals } from '../conversations/conversations.ts';
import { deleteTrainingData } from '../knowledge/knowledge.ts';
import {
  conversationsOf,
  countFiles,
  countOfContact,
  knowledgeOf,
  needlesOfContact,
} from './contact-data.ts';
import { eraseCopies, isAwaited } from './copies.ts';
import { declaredTables } from './declared.ts';
import { describeContacts } from './describe-contacts.ts';
import { contactErased, erasureBegun } from './events.ts';
import { heldNow, refuseHeld } from './holds.ts';
import { privacyHost } from './host.ts';
import type { Needle } from './needles.ts';
import { removeOrphans } from './old-rows.ts';
import { searchEverything } from './search.ts';
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

const batchUsual = 500;
const lostAfterMs = 10 * 60_000;
const lookAgainMs = 2000;
/** A webhook call is a message in seconds, or failed in minutes: what waits longer stays, and the report tells of it. */
const awaitedMs = 3_600_000;
export const needlesPlace = (id: string) => `erasures.needles:${id}`;

type Row = typeof erasures.$inferSelect;

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
      return toErasure(row as Row);
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict('erasure_running', 'This contact is being erased already.');
  }
}

/** The job. @throws when its signal aborts: it is taken up again */
export async function runErasure(
  ctx: Context,
  { erasureId }: { erasureId: string },
  job: Pick<JobRun, 'signal' | 'isLastAttempt'>,
  limit = batchUsual,
): Promise<void> {
  const row = await ctx.transaction((tx) => findErasure(tx, erasureId)).catch(() => null);
  if (row?.state !== 'running') return;
  try {
    await eraseAll(ctx, row, job.signal, limit);
  } catch (error) {
    const isRefused = error instanceof ParleyError && error.code === 'legal_hold';
    if (isRefused || (job.isLastAttempt && !job.signal.aborted)) {
      const code = error instanceof ParleyError ? error.code : (databaseErrorCode(error) ?? 'failed');
      await ctx.transaction((tx) => finish(tx, erasureId, { errorCode: code }));
    }
    if (!isRefused) throw error;
  }
}

async function eraseAll(
  ctx: Context,
  { id, contactId, createdAt }: Row,
  signal: AbortSignal,
  limit: number,
): Promise<void> {
  const { tables } = ctx.use(declaredTables);
  const storage = ctx.use(storagePort);
  const needles = await ctx.transaction((tx) => openNeedles(tx, id));
  const conversations = await ctx.transaction((tx) => conversationsOf(tx, contactId));
  // What was acknowledged and is no message yet would come back as a new contact.
  if (ctx.clock.now() < createdAt.getTime() + awaitedMs && (await isAwaited(ctx, needles, signal))) {
    const startAfter = new Date(ctx.clock.now() + lookAgainMs);
    await ctx.transaction(async (tx) => {
      await tx.drizzle.update(erasures).set({ workedAt: tx.clock.date() }).where(eq(erasures.id, id));
      tx.enqueue(erase, { erasureId: id }, { key: id, startAfter });
    });
    return;
  }
  const forgetJobs = () => ctx.use(privacyHost).forgetJobs(ctx.workspaceId, [...conversations, contactId]);
  await forgetJobs();
  for (const dataId of await ctx.transaction((tx) => knowledgeOf(tx, contactId))) {
    await ctx.transaction((tx) => refuseHeld(tx, contactId));
    await deleteTrainingData(ctx, dataId).catch((error) => {
      if (!(error instanceof ParleyError) || error.status !== 404) throw error;
    });
  }
  await ctx.transaction((tx) => keepRefusals(tx, contactId));
  for (const table of tables) {
    if (!table.ofPeople || table.goesAlong) continue;
    for (;;) {
      signal.throwIfAborted();
      const gone = await ctx.transaction((tx) => eraseBatch(tx, table, { id, contactId }, limit));
      for (const file of gone.files) await storage.delete(file);
      if (gone.rows < limit) break;
    }
  }
  const addresses = needles.flatMap(({ what, value }) =>
    what === 'address' ? (/^\d+$/.test(value) ? [value, `+${value}`] : [value]) : [],
  );
  await inBatches(signal, limit, () =>
    ctx.transaction(async (tx) => {
      await refuseHeld(tx, contactId);
      return forgetOutsideIds(tx, addresses, limit);
    }),
  );
  const files = await eraseCopies(ctx, { contactId, needles }, signal, (tx) => refuseHeld(tx, contactId));
  for (const file of files) await storage.delete(file);
  await removeOrphans((work) => ctx.transaction(work), storage, ctx.workspaceId, tables);
  await forgetJobs();
  // The row's own needles are no trace of the contact: they go with the report.
  const report = await searchEverything(ctx, needles, signal);
  await ctx.transaction((tx) => finish(tx, id, { report: withoutOwn(report) }));
}

/** What is looked for rests in the row of the erasure until it was looked for. */
const withoutOwn = (report: NonNullable<Erasure['report']>) => ({
  ...report,
  found: report.found.filter(({ place }) => place !== 'erasures'),
});

async function inBatches(signal: AbortSignal, limit: number, batch: () => Promise<number>): Promise<void> {
  do signal.throwIfAborted();
  while ((await batch()) === limit);
}

async function eraseBatch(
  tx: TransactionContext,
  { table, key, ofPeople, files, waits }: StoredTable,
  { id, contactId }: Pick<Row, 'id' | 'contactId'>,
  limit: number,
): Promise<{ rows: number; files: string[] }> {
  await refuseHeld(tx, contactId);
  const { contactIds: held } = await heldNow(tx);
  const keys = key.map((column) => `t.${column}`).join(', ');
  const same = key.map((column) => `g.${column} = d.${column}`).join(' and ');
  const rows = await tx.sql<{ file: string }>(
    `with doomed as materialized (
       select ${keys} from ${table} t where t.workspace_id = $1 and (${withPeople(ofPeople ?? 'false', 2)})
         and (${withPeople(ofPeople ?? 'false', 3)}) is not true and not (${waits ?? 'false'})
       order by ${keys} limit ${limit} for update of t
     ) delete from ${table} g using doomed d where g.workspace_id = $1 and ${same} returning g.${key[0]}::text as file`,
    [tx.workspaceId, [contactId], held],
  );
  if (rows.length > 0) {
    const before = await findErasure(tx, id, true);
    const known = before.counts.find((one) => one.table === table);
    const counts = known
      ? before.counts.map((one) => (one === known ? { ...one, erased: one.erased + rows.length } : one))
      : [...before.counts, { table, rows: rows.length, erased: rows.length }];
    await tx.drizzle
      .update(erasures)
      .set({ counts, files: before.files + (files ? rows.length : 0), workedAt: tx.clock.date() })
      .where(eq(erasures.id, id));
  }
  return {
    rows: rows.length,
    files: files ? rows.map(({ file }) => `${files.folder}/${tx.workspaceId}/${file}`) : [],
  };
}

async function openNeedles(tx: TransactionContext, id: string): Promise<Needle[]> {
  const { needles } = await findErasure(tx, id);
  return needles ? (JSON.parse(tx.openText(needles, needlesPlace(id))) as Needle[]) : [];
}

async function finish(
  tx: TransactionContext,
  id: string,
  { report = null, errorCode = null }: { report?: Erasure['report']; errorCode?: string | null },
): Promise<void> {
  const row = await findErasure(tx, id, true);
  if (row.state !== 'running') return;
  const now = tx.clock.date();
  const state = errorCode === null ? 'done' : 'failed';
  // What went along with other rows went too.
  const counts =
    state === 'done'
      ? row.counts.map((one) => ({ ...one, erased: Math.max(one.erased, one.rows) }))
      : row.counts;
  await tx.drizzle
    .update(erasures)
    .set({ state, report, errorCode, counts, needles: null, workedAt: now, finishedAt: now })
    .where(eq(erasures.id, id));
  const found = report?.found.reduce((sum, one) => sum + one.rows, 0) ?? null;
  tx.append(contactErased, { erasureId: id, contactId: row.contactId, state, found });
}

/** @throws ParleyError 404 */
async function findErasure(tx: TransactionContext, id: string, locked = false): Promise<Row> {
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

function toErasure(row: Row): Erasure {
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
