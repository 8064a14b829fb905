// Exports of a contact or of the whole workspace: written by a job, fetched by who asked for it or an owner, gone after a week.
import { randomInt } from 'node:crypto';
import type { DataExport, StartedExport } from '@parley/contract/privacy';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { conflict, databaseErrorCode, notFound, ParleyError, uniqueViolation } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { describeContacts } from './describe-contacts.ts';
import { exportBegun, exportDownloaded, exportFinished } from './events.ts';
import { countRows, exportedTables } from './export-rows.ts';
import { privacyHost } from './host.ts';
import { dataExports } from './tables.ts';

export const writeExport = defineJob({
  name: 'privacy.export',
  doc: 'Writes an export; one whose process was lost is begun again.',
  input: z.object({ exportId: z.uuid() }),
  effect: 'external',
  oneWaitingPerKey: true,
  retries: 4,
  timeoutSeconds: 3 * 3600,
  concurrency: 1,
  workersMax: 1,
});

export const tidyExports = defineJob({
  name: 'privacy.tidy_exports',
  doc: 'Removes exports that are a week old, and goes on with those whose process was lost.',
  input: z.object({}),
  effect: 'system',
});

export const tellExportReady = defineJob({
  name: 'privacy.tell_export_ready',
  doc: 'Mails the member who asked for an export that it is ready.',
  input: z.object({ exportId: z.uuid() }),
  effect: 'external',
});

const keptMs = 7 * 86_400_000;
const lostAfterMs = 10 * 60_000;
export const passphrasePlace = (id: string) => `exports.passphrase:${id}`;
const storageKeyOf = (workspaceId: string, id: string) => `exports/${workspaceId}/${id}`;

export type ExportRow = typeof dataExports.$inferSelect;

/** Without letters that are read for one another: 120 bits and more, in five groups. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const newPassphrase = () =>
  Array.from({ length: 5 }, () =>
    Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join(''),
  ).join('-');

/** Of all: what no single area shows, audit and private chats of members too, is an owner's to take. */
const mayHave = ({ actor }: Pick<Context, 'actor'>, { contactId }: Pick<ExportRow, 'contactId'>) =>
  contactId !== null || actor.permissions.has('workspace:export');

/** @throws ParleyError 403 `forbidden`; 404; 409 `export_running` */
export async function startExport(ctx: Context, contactId: string | null): Promise<StartedExport> {
  if (!mayHave(ctx, { contactId }))
    throw new ParleyError({
      status: 403,
      code: 'forbidden',
      message: 'Only owners export the whole workspace: that needs the permission workspace:export.',
    });
  const passphrase = newPassphrase();
  try {
    return await ctx.transaction(async (tx) => {
      if (contactId !== null && (await describeContacts(tx, [contactId])).size === 0)
        throw notFound('contact');
      let total = 0;
      for (const table of exportedTables(tx, contactId)) total += await countRows(tx, table, contactId);
      const id = newId();
      const now = tx.clock.date();
      const [row] = await tx.drizzle
        .insert(dataExports)
        .values({
          id,
          workspaceId: tx.workspaceId,
          contactId,
          state: 'running',
          total,
          passphrase: tx.seal(passphrase, passphrasePlace(id)),
          actorKind: tx.actor.kind,
          actorId: tx.actor.id,
          createdAt: now,
          workedAt: now,
        })
        .returning();
      tx.append(exportBegun, { exportId: id, contactId });
      tx.enqueue(writeExport, { exportId: id }, { key: id });
      return { ...toExport(tx, row as ExportRow), passphrase };
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict(
      'export_running',
      'An export is being written already. Wait until it is done, or cancel it.',
    );
  }
}

class Canceled extends Error {}

/** The job. @throws when its signal aborts: it is begun again */
export async function runExport(
  ctx: Context,
  { exportId }: { exportId: string },
  job: JobRun,
): Promise<void> {
  const begun = await ctx.transaction(async (tx) => {
    const row = await findExport(tx, exportId).catch(() => null);
    if (row?.state !== 'running' || !row.passphrase) return null;
    return { row, passphrase: tx.openText(row.passphrase, passphrasePlace(exportId)) };
  });
  if (!begun) return;
  const { row, passphrase } = begun;
  const out = await ctx.use(storagePort).write(storageKeyOf(ctx.workspaceId, exportId));
  try {
    // Loaded with the first export.
    const { writeFiles } = await import('./export-files.ts');
    const written = await writeFiles(ctx, row, passphrase, out, async (done) => {
      job.signal.throwIfAborted();
      await ctx.transaction(async (tx) => {
        const rows = await tx.drizzle
          .update(dataExports)
          .set({ done, workedAt: tx.clock.date() })
          .where(and(eq(dataExports.id, exportId), eq(dataExports.state, 'running')))
          .returning({ id: dataExports.id });
        if (rows.length === 0) throw new Canceled('the export was canceled');
      });
    });
    const isUnwanted = await ctx.transaction(async (tx) => {
      const isDone = await finish(tx, exportId, { state: 'done', ...written });
      if (isDone && row.actorKind === 'member') tx.enqueue(tellExportReady, { exportId });
      const { state = null } = (await findExport(tx, exportId).catch(() => null)) ?? {};
      return !isDone && state !== 'done';
    });
    // Canceled, or its person erased, when all of it was there already.
    if (isUnwanted) await ctx.use(storagePort).delete(storageKeyOf(ctx.workspaceId, exportId));
  } catch (error) {
    await out.abort();
    if (error instanceof Canceled) return;
    if (job.isLastAttempt && !job.signal.aborted)
      await ctx.transaction((tx) => finish(tx, exportId, { state: 'failed', errorCode: 'failed' }));
    throw error;
  }
}

export async function runTellExportReady(
  ctx: Context,
  { exportId }: z.infer<typeof tellExportReady.input>,
): Promise<void> {
  const row = await ctx.transaction((tx) => findExport(tx, exportId).catch(() => null));
  if (row?.state === 'done' && row.actorKind === 'member' && row.actorId)
    await ctx.use(privacyHost).tellReady(row.actorId, ctx.workspaceId);
}

async function finish(
  tx: TransactionContext,
  id: string,
  end: Partial<ExportRow> & { state: 'done' | 'failed' | 'canceled' },
): Promise<boolean> {
  const now = tx.clock.date();
  const expiresAt = end.state === 'done' ? new Date(now.getTime() + keptMs) : null;
  const rows = await tx.drizzle
    .update(dataExports)
    .set({ ...end, passphrase: null, workedAt: now, finishedAt: now, expiresAt })
    .where(and(eq(dataExports.id, id), eq(dataExports.state, 'running')))
    .returning({ contactId: dataExports.contactId });
  if (rows[0]) tx.append(exportFinished, { exportId: id, contactId: rows[0].contactId, state: end.state });
  return rows.length > 0;
}

/** @throws ParleyError 404; 409 `export_ended` */
export async function cancelExport(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await findExport(tx, id);
    if (!(await finish(tx, id, { state: 'canceled' })))
      throw conflict('export_ended', 'This export is not being written any more.');
  });
}

/** Opens the file for whoever made it, or an owner. @throws ParleyError as `findFetchable` */
export async function openExport(ctx: Context, id: string) {
  const row = await ctx.transaction((tx) => findFetchable(tx, id));
  const file = await ctx.use(storagePort).read(storageKeyOf(ctx.workspaceId, id));
  if (!file) throw notFound('export');
  await ctx.transaction(async (tx) =>
    tx.append(exportDownloaded, { exportId: id, contactId: row.contactId }),
  );
  return file;
}

/** @throws ParleyError 403 `export_not_yours`; 404; 409 `export_not_ready`; 410 `export_expired` */
export async function findFetchable(tx: TransactionContext, id: string): Promise<ExportRow> {
  const row = await findExport(tx, id);
  if (!isTheirs(tx, row))
    throw new ParleyError({
      status: 403,
      code: 'export_not_yours',
      message: 'Only who made an export, and owners, may fetch it.',
    });
  const isOver = row.expiresAt !== null && row.expiresAt.getTime() <= tx.clock.now();
  if (row.state === 'expired' || isOver)
    throw new ParleyError({
      status: 410,
      code: 'export_expired',
      message: 'This export is gone: make another one.',
    });
  if (row.state !== 'done') throw conflict('export_not_ready', 'There is no file of this export.');
  return row;
}

const isTheirs = ({ actor }: Pick<Context, 'actor'>, row: ExportRow) =>
  mayHave({ actor }, row) &&
  (actor.permissions.has('owners:manage') || (actor.kind === row.actorKind && actor.id === row.actorId));

/** @throws ParleyError 404 */
export async function findExport(tx: TransactionContext, id: string): Promise<ExportRow> {
  const [row] = await tx.drizzle.select().from(dataExports).where(eq(dataExports.id, id));
  if (!row) throw notFound('export');
  return row;
}

export const readExport = async (ctx: Context, id: string): Promise<DataExport> =>
  toExport(ctx, await ctx.transaction((tx) => findExport(tx, id)));

/** Newest first. */
export async function listExports(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(dataExports)
      .where(
        and(eq(dataExports.workspaceId, tx.workspaceId), before ? lt(dataExports.id, before[0]) : undefined),
      )
      .orderBy(desc(dataExports.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map((row) => toExport(ctx, row)), nextCursor };
}

function toExport(ctx: Pick<Context, 'actor'>, row: ExportRow): DataExport {
  return {
    id: row.id,
    contactId: row.contactId,
    state: row.state,
    total: row.total,
    done: row.done,
    bytes: row.bytes,
    checksum: row.checksum,
    errorCode: row.errorCode,
    actor: { kind: row.actorKind, id: row.actorId },
    mine: isTheirs(ctx, row),
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

/** The schedule. */
export async function removeOldExports(ctx: SystemContext): Promise<void> {
  const now = ctx.clock.date();
  const rows = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string; state: string }>(
      `select id, workspace_id, state from exports
       where (state = 'done' and expires_at <= $1) or (state = 'running' and worked_at < $2)`,
      [now, new Date(now.getTime() - lostAfterMs)],
    ),
  );
  for (const { id, workspace_id, state } of rows) {
    if (state === 'done') await ctx.use(storagePort).delete(storageKeyOf(workspace_id, id));
    await ctx.transactionIn(workspace_id, async (tx) => {
      if (state === 'running') tx.enqueue(writeExport, { exportId: id }, { key: id });
      else await tx.sql("update exports set state = 'expired' where id = $1", [id]);
    });
  }
}
