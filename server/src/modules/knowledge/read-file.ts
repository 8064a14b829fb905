// Reads an uploaded file, and keeps what it says.
import type { TrainingDataProgress } from '@parley/contract/training-data';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import { type MeasuredContent, measureContent } from './documents.ts';
import { recognise } from './file-kinds.ts';
import { openFile } from './file-store.ts';
import { type DocumentToRead, type ReadDocument, readInProcess } from './reading/process.ts';
import { finish, inReading, showProgress } from './reading-state.ts';
import { knowledgeRuntime } from './runtime.ts';
import { insertDocument, replaceContent, roomFor } from './store.ts';
import { trainingData, trainingDocuments } from './tables.ts';
import { sealOrigin } from './training-data.ts';
import { type DataRow, openOrigin } from './view.ts';

export async function readStoredFile(ctx: Context, row: DataRow, signal: AbortSignal): Promise<void> {
  const bytes = row.fileKey ? await openFile(ctx, row.id, row.fileKey) : null;
  const { fileName = '' } = openOrigin(await ctx.vault(), row);
  const recognised = bytes ? await recognise(bytes, fileName, '') : null;
  if (!bytes || !recognised) {
    const error = { code: 'file_lost', message: 'The stored file is not there. Upload it again.' };
    await inReading(ctx, row, (tx, now) => finish(tx, now, error, false, { stale: true }));
    return;
  }
  const document = await readWithin(ctx, row, { bytes, ...recognised, charset: '' }, signal, true);
  const measured = document.parts.length > 0 ? await measureContent(document.parts) : null;
  await inReading(ctx, row, async (tx, now) => {
    const room = await roomFor(tx, await documentIdOf(tx, row.id));
    const tooMuch = measured !== null && measured.characters > room;
    const kept = measured !== null && measured.passages > 0 && !tooMuch;
    if (kept) await keep(tx, now, measured);
    const origin = document.title ? { origin: sealOrigin(tx, now, { ownTitle: document.title }) } : {};
    const error = tooMuch
      ? { code: 'too_much_text', message: 'There is no room for it: all texts together have a limit.' }
      : document.error;
    await finish(tx, now, error, false, { ...origin, stale: !kept });
  });
}

async function documentIdOf(tx: TransactionContext, dataId: string): Promise<string | null> {
  const [row] = await tx.drizzle
    .select({ id: trainingDocuments.id })
    .from(trainingDocuments)
    .where(eq(trainingDocuments.trainingDataId, dataId));
  return row?.id ?? null;
}

async function keep(tx: TransactionContext, row: DataRow, measured: MeasuredContent): Promise<void> {
  const [known] = await tx.drizzle
    .select()
    .from(trainingDocuments)
    .where(eq(trainingDocuments.trainingDataId, row.id));
  const more = { reading: row.reading, state: 'ready' as const };
  if (!known) await insertDocument(tx, row.id, { id: newId() }, measured);
  else if (!(await replaceContent(tx, known, measured, more))) return;
  else
    await tx.drizzle
      .update(trainingData)
      .set({ version: row.version + 1 })
      .where(eq(trainingData.id, row.id));
}

const progressEveryMs = 400;

/** Reads a document in a process of its own; its progress is told, but not more often than anybody could look. */
export async function readWithin(
  ctx: Context,
  row: DataRow,
  document: DocumentToRead,
  signal: AbortSignal,
  telling: boolean,
): Promise<ReadDocument> {
  const { limits, inTurn } = ctx.use(knowledgeRuntime);
  let toldAt = 0;
  let told: Promise<unknown> = Promise.resolve();
  const onProgress = (progress: TrainingDataProgress) => {
    if (!telling || performance.now() - toldAt < progressEveryMs) return;
    toldAt = performance.now();
    // One after the other, so that none overtakes; a lost one is lost.
    told = told.then(() => showProgress(ctx, row, progress)).catch(() => undefined);
  };
  const read = await inTurn(() => readInProcess(document, { limits, signal, onProgress }));
  await told;
  return read;
}
