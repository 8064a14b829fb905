// Erases a contact: everything that is theirs, in bounded batches, and then looks for it everywhere. Whoever goes on after a
// kill begins at the front and finds nothing there; what to look for rests sealed in the row until it was looked for, and which
// files lost their rows until they are gone.
import type { Erasure } from '@parley/contract/privacy';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { databaseErrorCode, ParleyError } from '../../core/errors.ts';
import type { JobRun } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { type StoredTable, withPeople } from '../../core/stored-tables.ts';
import { forgetOutsideIds } from '../commerce/commerce.ts';
import { keepRefusals } from '../conversations/conversations.ts';
import { deleteTrainingData } from '../knowledge/knowledge.ts';
import { conversationsOf, knowledgeOf } from './contact-data.ts';
import { eraseCopies, isAwaited } from './copies.ts';
import { declaredTables } from './declared.ts';
import { type ErasureRow, erase, findErasure, needlesPlace } from './erasures.ts';
import { contactErased } from './events.ts';
import { heldNow, refuseHeld } from './holds.ts';
import { privacyHost } from './host.ts';
import type { Needle } from './needles.ts';
import { removeOrphans } from './old-rows.ts';
import { searchEverything } from './search.ts';
import { erasures } from './tables.ts';

const batchUsual = 500;
const lookAgainMs = 2000;
/** A webhook call is a message in seconds, or failed in minutes: what waits longer stays, and the report tells of it. */
const awaitedMs = 3_600_000;

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
  { id, contactId, createdAt }: ErasureRow,
  signal: AbortSignal,
  limit: number,
): Promise<void> {
  const { tables } = ctx.use(declaredTables);
  await removeFiles(ctx, id);
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
      if (gone.files > 0) await removeFiles(ctx, id);
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
  await eraseCopies(ctx, { contactId, needles }, signal, {
    guard: (tx) => refuseHeld(tx, contactId),
    lost: (tx, file) => noteFiles(tx, id, [file]),
  });
  await removeFiles(ctx, id);
  await removeOrphans((work) => ctx.transaction(work), ctx.use(storagePort), ctx.workspaceId, tables);
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
  { id, contactId }: Pick<ErasureRow, 'id' | 'contactId'>,
  limit: number,
): Promise<{ rows: number; files: number }> {
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
    await tx.drizzle.update(erasures).set({ counts, workedAt: tx.clock.date() }).where(eq(erasures.id, id));
  }
  const lost = files ? rows.map(({ file }) => `${files.folder}/${tx.workspaceId}/${file}`) : [];
  await noteFiles(tx, id, lost);
  return { rows: rows.length, files: lost.length };
}

/** By the transaction that deletes their rows. */
async function noteFiles(tx: TransactionContext, id: string, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const row = await findErasure(tx, id, true);
  await tx.drizzle
    .update(erasures)
    .set({ files: row.files + files.length, filesLeft: [...row.filesLeft, ...files] })
    .where(eq(erasures.id, id));
}

async function removeFiles(ctx: Context, id: string): Promise<void> {
  const { filesLeft } = await ctx.transaction((tx) => findErasure(tx, id));
  if (filesLeft.length === 0) return;
  for (const file of filesLeft) await ctx.use(storagePort).delete(file);
  const removed = new Set(filesLeft);
  await ctx.transaction(async (tx) => {
    const row = await findErasure(tx, id, true);
    await tx.drizzle
      .update(erasures)
      .set({ filesLeft: row.filesLeft.filter((file) => !removed.has(file)) })
      .where(eq(erasures.id, id));
  });
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
