// Reads a page, or the pages that a sitemap names: what did not change is left alone, what is gone is said so.
import type { TrainingDataError } from '@parley/contract/training-data';
import { and, asc, eq, lt, notInArray } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import { addressPlace, type DocumentRow, measureContent } from './documents.ts';
import { readTrainingData } from './jobs.ts';
import { readWithin } from './read-file.ts';
import { finish, inReading, showProgress } from './reading-state.ts';
import { knowledgeRuntime } from './runtime.ts';
import { readSitemap } from './sitemaps.ts';
import { insertDocument, replaceContent, roomFor } from './store.ts';
import { trainingData, trainingDocuments } from './tables.ts';
import { sealOrigin } from './training-data.ts';
import { type DataRow, openOrigin } from './view.ts';
import { PageFetcher, pageError, recognisePage } from './web-pages.ts';

/** After so long the rest is left to the next run, so that a stop or a crash loses little. */
const runMs = 45_000;

export async function readPages(ctx: Context, row: DataRow, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const fetcher = new PageFetcher(ctx.use(knowledgeRuntime).egress, ctx.config.publicUrl, signal);
  // The addresses were written down by the run that began, if this one goes on.
  if (row.progress === null && !(await plan(ctx, row, fetcher))) return;
  for (;;) {
    signal.throwIfAborted();
    const next = await nextDocument(ctx, row);
    if (next === null) break;
    await readPage(ctx, row, next, fetcher, signal);
    if (row.kind === 'sitemap') await showDone(ctx, row);
    if (performance.now() - startedAt > runMs) {
      await inReading(ctx, row, async (tx) => {
        tx.enqueue(readTrainingData, { trainingDataId: row.id, reading: row.reading });
      });
      return;
    }
  }
  await inReading(ctx, row, endReading);
}

/** Writes down which pages there are. Returns false when there is nothing to read. */
async function plan(ctx: Context, row: DataRow, fetcher: PageFetcher): Promise<boolean> {
  const { url = '' } = openOrigin(await ctx.vault(), row);
  const found =
    row.kind === 'page'
      ? { kind: 'pages' as const, addresses: [url], isPartial: false }
      : await readSitemap(fetcher, url, { pagesMax: row.pagesMax ?? 1, depth: row.depth ?? 0 });
  const planned = await inReading(ctx, row, async (tx, now) => {
    if (found.kind !== 'pages') {
      const error = found.kind === 'gone' ? pageError('page_gone') : found.error;
      await finish(tx, now, error, found.kind === 'failed' && found.again, { stale: true });
      return false;
    }
    const removed = found.isPartial ? false : await removeOthers(tx, now, found.addresses);
    await writeDown(tx, now, found.addresses);
    const progress = { done: 0, of: found.addresses.length, unit: 'pages' as const };
    await tx.drizzle
      .update(trainingData)
      // Kept in the row: another process may end what this one begins.
      .set({
        progress,
        ...(row.kind === 'sitemap' ? { error: found.isPartial ? sitemapFailed : null } : {}),
        ...(removed ? { version: now.version + 1 } : {}),
      })
      .where(eq(trainingData.id, now.id));
    return true;
  });
  return planned === true;
}

const sitemapFailed: TrainingDataError = {
  code: 'some_pages_failed',
  message: 'A part of the sitemap could not be read.',
};

const hashesOf = (tx: TransactionContext, addresses: readonly string[]): string[] =>
  addresses.map((address) => tx.use(knowledgeRuntime).fingerprint(`address\n${address}`));

/** Returns whether pages were taken out that the sitemap names no more. */
async function removeOthers(
  tx: TransactionContext,
  row: DataRow,
  addresses: readonly string[],
): Promise<boolean> {
  const hashes = hashesOf(tx, addresses);
  const removed = await tx.drizzle
    .delete(trainingDocuments)
    .where(
      and(eq(trainingDocuments.trainingDataId, row.id), notInArray(trainingDocuments.fingerprint, hashes)),
    )
    .returning({ id: trainingDocuments.id });
  return removed.length > 0;
}

/** Pages that are not among these stay, and count towards the most that there may be. */
async function writeDown(tx: TransactionContext, row: DataRow, addresses: readonly string[]): Promise<void> {
  const hashes = hashesOf(tx, addresses);
  const known = await tx.drizzle
    .select({
      id: trainingDocuments.id,
      fingerprint: trainingDocuments.fingerprint,
      position: trainingDocuments.position,
    })
    .from(trainingDocuments)
    .where(eq(trainingDocuments.trainingDataId, row.id));
  const byHash = new Map(known.map((document) => [document.fingerprint, document]));
  let room = (row.pagesMax ?? 1) - known.length;
  for (const [position, address] of addresses.entries()) {
    const hash = hashes[position] ?? '';
    const document = byHash.get(hash);
    if (!document) {
      if (room <= 0) continue;
      room -= 1;
      await insertDocument(tx, row.id, { id: newId(), position, address, fingerprint: hash }, null);
    } else if (document.position !== position) {
      await tx.drizzle
        .update(trainingDocuments)
        .set({ position })
        .where(eq(trainingDocuments.id, document.id));
    }
  }
}

async function nextDocument(ctx: Context, row: DataRow): Promise<DocumentRow | null> {
  // The first reading has number 1; a document that nobody looked at has 0.
  const [next] = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(trainingDocuments)
      .where(and(eq(trainingDocuments.trainingDataId, row.id), lt(trainingDocuments.reading, row.reading)))
      .orderBy(asc(trainingDocuments.position), asc(trainingDocuments.id))
      .limit(1),
  );
  return next ?? null;
}

type Outcome = Partial<typeof trainingDocuments.$inferInsert>;

async function readPage(
  ctx: Context,
  row: DataRow,
  document: DocumentRow,
  fetcher: PageFetcher,
  signal: AbortSignal,
): Promise<void> {
  const address = document.address
    ? (await ctx.vault()).openText(document.address, addressPlace(document.id))
    : '';
  const usable = document.content !== null && document.state === 'ready';
  // Who was gone is asked for anew: nothing says that it comes back as it was.
  const fetched = await fetcher.fetch(
    address,
    usable && !document.error ? document : { etag: null, lastModified: null },
  );
  const settle = (outcome: Outcome) => settleDocument(ctx, row, document, outcome);
  if (fetched.kind === 'unchanged') return settle({ fetchedAt: ctx.clock.date(), error: null });
  if (fetched.kind === 'gone') return settle({ state: 'gone', error: pageError('page_gone') });
  if (fetched.kind === 'failed') return settle(failure(document, fetched.error));
  const recognised = await recognisePage(fetched);
  if (!recognised) return settle(failure(document, pageError('type_not_read')));
  const read = await readWithin(
    ctx,
    row,
    { bytes: fetched.bytes, ...recognised, charset: fetched.charset },
    signal,
    row.kind === 'page',
  );
  const measured = read.parts.length > 0 ? await measureContent(read.parts) : null;
  if (!measured || measured.passages === 0) {
    const nothing = { code: 'no_text', message: 'There is no text on the page.' };
    return settle(failure(document, read.error ?? nothing));
  }
  await inReading(ctx, row, async (tx, now) => {
    if (measured.characters > (await roomFor(tx, document.id))) {
      const error = {
        code: 'too_much_text',
        message: 'There is no room for it: all texts together have a limit.',
      };
      await write(tx, now, document, failure(document, error));
      return;
    }
    const changed = await replaceContent(tx, document, measured, {
      state: 'ready',
      error: read.error,
      etag: fetched.etag,
      lastModified: fetched.lastModified,
      fetchedAt: tx.clock.date(),
      reading: now.reading,
    });
    // Back from the gone, or known for the first time, or another one now.
    const searched = changed || document.state !== 'ready';
    const ownTitle = row.kind === 'page' ? read.title : null;
    if (!searched && ownTitle === null) return;
    await tx.drizzle
      .update(trainingData)
      .set({
        ...(searched ? { version: now.version + 1 } : {}),
        ...(ownTitle === null ? {} : { origin: sealOrigin(tx, now, { ownTitle }) }),
      })
      .where(eq(trainingData.id, now.id));
  });
}

/** What was known stays known; the error says that it may be old. */
function failure(document: DocumentRow, error: TrainingDataError): Outcome {
  return { state: document.content === null ? 'failed' : document.state, error };
}

async function settleDocument(
  ctx: Context,
  row: DataRow,
  document: DocumentRow,
  outcome: Outcome,
): Promise<void> {
  await inReading(ctx, row, (tx, now) => write(tx, now, document, outcome));
}

async function write(
  tx: TransactionContext,
  row: DataRow,
  document: DocumentRow,
  outcome: Outcome,
): Promise<void> {
  await tx.drizzle
    .update(trainingDocuments)
    .set({ ...outcome, reading: row.reading })
    .where(eq(trainingDocuments.id, document.id));
  if (outcome.state !== undefined && outcome.state !== document.state && document.content !== null) {
    await tx.drizzle
      .update(trainingData)
      .set({ version: row.version + 1 })
      .where(eq(trainingData.id, row.id));
  }
}

async function showDone(ctx: Context, row: DataRow): Promise<void> {
  const [counts] = await ctx.transaction((tx) =>
    tx.sql<{ done: number; all: number }>(
      `select (count(*) filter (where reading >= $2))::int as done, count(*)::int as all
       from training_documents where training_data_id = $1`,
      [row.id, row.reading],
    ),
  );
  await showProgress(ctx, row, { done: counts?.done ?? 0, of: counts?.all ?? null, unit: 'pages' });
}

const mayWorkLater = new Set(['not_fetched', 'took_too_long', 'too_much_memory']);

async function endReading(tx: TransactionContext, row: DataRow): Promise<void> {
  const documents = await tx.drizzle
    .select({ state: trainingDocuments.state, error: trainingDocuments.error })
    .from(trainingDocuments)
    .where(eq(trainingDocuments.trainingDataId, row.id));
  const failed = documents.filter(({ error }) => error !== null);
  const again = failed.some(({ error }) => error !== null && mayWorkLater.has(error.code));
  const [only] = failed;
  // Said by whoever wrote down the pages.
  const planned = row.kind === 'sitemap' ? row.error : null;
  if (row.kind === 'page' || (documents.length === 1 && !planned)) {
    // A page of which only a part could be read is as new as it can be.
    const partly = only?.error?.page !== undefined;
    return finish(tx, row, only?.error ?? null, again, { stale: only !== undefined && !partly });
  }
  const error =
    failed.length === 0
      ? planned
      : {
          code: 'some_pages_failed',
          message: `${failed.length} of ${documents.length} pages could not be read.`,
        };
  await finish(tx, row, error, again || planned !== null, { stale: failed.length === documents.length });
}
