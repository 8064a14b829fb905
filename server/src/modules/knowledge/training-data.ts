// Training data as members handle it: add, list, look at, change, read again, forget.
import type {
  TrainingData,
  TrainingDataDetail,
  TrainingDataInput,
  TrainingDataQuery,
} from '@parley/contract/training-data';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, validationError } from '../../core/errors.ts';
import { holdsPort } from '../../core/holds.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { storagePort } from '../../core/storage.ts';
import { loadLanguageDetector } from '../understanding/understanding.ts';
import { type MeasuredContent, measureContent, openContent } from './documents.ts';
import { tell } from './events.ts';
import { storageKeyOf } from './file-store.ts';
import { forgetFile, readTrainingData } from './jobs.ts';
import { cutIntoPassages } from './passages.ts';
import { knowledgeRuntime } from './runtime.ts';
import { documentsOf, findData, insertDocument, refuseTooMany, refuseTooMuch, sumUp } from './store.ts';
import { trainingData } from './tables.ts';
import { lettingOthersIn, withLanguages } from './turns.ts';
import {
  type DataRow,
  openOrigin,
  originPlace,
  type StoredOrigin,
  toDetail,
  toTrainingData,
} from './view.ts';

export async function listTrainingData(ctx: Context, query: TrainingDataQuery) {
  const before = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(trainingData)
      .where(
        and(
          eq(trainingData.workspaceId, tx.workspaceId),
          query.kind ? eq(trainingData.kind, query.kind) : undefined,
          query.state ? eq(trainingData.state, query.state) : undefined,
          before ? lt(trainingData.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(trainingData.id))
      .limit(query.limit + 1);
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: items.map((row) => toTrainingData(tx, row)), nextCursor };
  });
}

const passagesShownMax = 1000;

/** @throws ParleyError 404 */
export async function getTrainingData(ctx: Context, id: string): Promise<TrainingDataDetail> {
  const { row, documents } = await ctx.transaction(async (tx) => ({
    row: await findData(tx, id),
    documents: await documentsOf(tx, id),
  }));
  const vault = await ctx.vault();
  const detect = await loadLanguageDetector();
  const passages: TrainingDataDetail['passagesFound'] = [];
  for (const document of documents) {
    const room = passagesShownMax - passages.length;
    if (room <= 0) break;
    const cut = cutIntoPassages(openContent(vault, document), () => 'unknown').slice(0, room);
    const told = await lettingOthersIn(withLanguages(cut, detect));
    passages.push(...told.map((passage) => ({ ...passage, documentId: document.id })));
  }
  return toDetail(vault, row, documents, passages);
}

/**
 * Adds what is not there yet: a page or sitemap that is there already is answered as it is.
 * @param id what the new one is called
 * @throws ParleyError 400, `knowledge_full`
 */
export async function createTrainingData(
  ctx: Context,
  id: string,
  input: TrainingDataInput,
): Promise<TrainingData> {
  switch (input.kind) {
    case 'text':
      return createRead(
        ctx,
        { id, kind: 'text', title: input.title, live: input.live },
        {},
        await measureContent(input.content),
      );
    case 'pair':
      return createPair(ctx, id, input);
    default:
      return createToRead(
        ctx,
        {
          id,
          kind: input.kind,
          title: input.title ?? null,
          refetchHours: input.refetchHours,
          live: input.live,
          pagesMax: input.kind === 'sitemap' ? input.pagesMax : null,
          depth: input.kind === 'sitemap' ? input.depth : null,
        },
        { url: normalAddress(input.url) },
        normalAddress(input.url),
      );
  }
}

/** @param also what belongs to it, in the same commit. @throws ParleyError `knowledge_full` */
export async function createPair(
  ctx: Context,
  id: string,
  { question, answer, conversationId, live = true }: NewPair,
  also?: (tx: TransactionContext) => Promise<void>,
): Promise<TrainingData> {
  const measured = await measureContent([{ question, answer }]);
  return createRead(
    ctx,
    { id, kind: 'pair', title: null, live },
    { ownTitle: question, conversationId },
    measured,
    also,
  );
}

interface NewPair {
  readonly question: string;
  readonly answer: string;
  /** Where it was said first. */
  readonly conversationId?: string;
  /** False: it is held back. */
  readonly live?: boolean;
}

type NewData = Pick<DataRow, 'id' | 'kind' | 'title'> & Partial<DataRow>;

/** What comes with its content is ready at once. */
async function createRead(
  ctx: Context,
  data: NewData,
  origin: StoredOrigin,
  measured: MeasuredContent,
  also?: (tx: TransactionContext) => Promise<void>,
): Promise<TrainingData> {
  return ctx.transaction(async (tx) => {
    await refuseTooMany(tx);
    await refuseTooMuch(tx, null, measured.characters);
    const now = tx.clock.date();
    await tx.drizzle.insert(trainingData).values({ ...newRow(tx, data, origin), state: 'ready' });
    await insertDocument(tx, data.id, { id: data.id }, measured);
    const row = await sumUp(tx, data.id, { readAt: now });
    tell(tx, row, 'created', true);
    await also?.(tx);
    return toTrainingData(tx, row);
  });
}

/** What has to be read is read by a job. @param identity of which there is one in a workspace */
export async function createToRead(
  ctx: Context,
  data: NewData,
  origin: StoredOrigin,
  identity: string,
): Promise<TrainingData> {
  return ctx.transaction(async (tx) => {
    const fingerprint = tx.use(knowledgeRuntime).fingerprint(`${data.kind}\n${identity}`);
    const [known] = await findByFingerprint(tx, data.kind, fingerprint);
    if (known) return toTrainingData(tx, known);
    await refuseTooMany(tx);
    const [row] = await tx.drizzle
      .insert(trainingData)
      .values({ ...newRow(tx, data, origin), fingerprint, reading: 1 })
      .onConflictDoNothing()
      .returning();
    if (!row) {
      // Somebody else was a moment sooner.
      const [first] = await findByFingerprint(tx, data.kind, fingerprint);
      if (!first) throw new Error('a row that stands in the way was not found');
      return toTrainingData(tx, first);
    }
    tx.enqueue(readTrainingData, { trainingDataId: row.id, reading: row.reading });
    tell(tx, row, 'created', false);
    return toTrainingData(tx, row);
  });
}

export async function findByFingerprint(tx: TransactionContext, kind: DataRow['kind'], fingerprint: string) {
  return tx.drizzle
    .select()
    .from(trainingData)
    .where(
      and(
        eq(trainingData.workspaceId, tx.workspaceId),
        eq(trainingData.kind, kind),
        eq(trainingData.fingerprint, fingerprint),
      ),
    );
}

function newRow(tx: TransactionContext, data: NewData, origin: StoredOrigin) {
  const now = tx.clock.date();
  const sealedOrigin = tx.seal(JSON.stringify(origin), originPlace(data.id));
  return { ...data, workspaceId: tx.workspaceId, origin: sealedOrigin, createdAt: now, updatedAt: now };
}

/** @throws ParleyError 400 */
function normalAddress(input: string): string {
  const url = new URL(input);
  if (url.username !== '' || url.password !== '') {
    throw validationError('The address cannot be read.', [
      { path: 'body.url', message: 'names credentials, which an address must not' },
    ]);
  }
  url.hash = '';
  return url.href;
}

export function sealOrigin(
  tx: TransactionContext,
  row: Pick<DataRow, 'id' | 'origin'>,
  change: Partial<StoredOrigin>,
): Uint8Array {
  return tx.seal(JSON.stringify({ ...openOrigin(tx, row), ...change }), originPlace(row.id));
}

/** Asks for it to be read again. What a reading that still runs brings is not taken. @throws ParleyError 404, 409 */
export async function readAgain(ctx: Context, id: string): Promise<TrainingData> {
  return ctx.transaction(async (tx) => {
    const row = await findData(tx, id, true);
    if (row.kind === 'text' || row.kind === 'pair') {
      throw conflict('nothing_to_read', 'It is as it was written: there is nothing to read again.');
    }
    return toTrainingData(tx, await queueReading(tx, row));
  });
}

/** The row must be locked. */
export async function queueReading(tx: TransactionContext, row: DataRow): Promise<DataRow> {
  const reading = row.reading + 1;
  const [after] = await tx.drizzle
    .update(trainingData)
    .set({ reading, state: 'queued', settled: settledOf(row), progress: null, nextFetchAt: null })
    .where(eq(trainingData.id, row.id))
    .returning();
  if (!after) throw new Error('a locked row is not there');
  tx.enqueue(readTrainingData, { trainingDataId: row.id, reading });
  tell(tx, after, 'updated', false);
  return after;
}

/** How the last reading that came to an end ended: what holds again when the next one is cancelled. */
function settledOf({ state, error, settled }: DataRow): DataRow['settled'] {
  return state === 'queued' || state === 'reading' ? settled : { state, error };
}

/** Forgets all of it: rows, passages, the stored file, and the key of whatever copy of the file there is. @throws ParleyError 404; 409 `legal_hold` */
export async function deleteTrainingData(ctx: Context, id: string): Promise<void> {
  const { kind } = await ctx.transaction(async (tx) => {
    const row = await findData(tx, id, true);
    await tx.use(holdsPort).refuse(tx, []);
    await tx.drizzle.delete(trainingData).where(eq(trainingData.id, id));
    if (row.kind === 'file') tx.enqueue(forgetFile, { trainingDataId: id });
    tell(tx, row, 'deleted', true);
    return row;
  });
  // Now, and by the job where this does not come to its end.
  if (kind === 'file') {
    const key = storageKeyOf(ctx.workspaceId, id);
    await ctx
      .use(storagePort)
      .delete(key)
      .catch((error: unknown) => ctx.log.warn({ err: error }, 'a file is removed later'));
  }
}
