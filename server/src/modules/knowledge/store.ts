// The rows of training data and their documents: found, bounded, written, measured.
import type { TrainingDataError } from '@parley/contract/training-data';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { addressPlace, contentPlace, type MeasuredContent } from './documents.ts';
import { knowledgeRuntime } from './runtime.ts';
import { trainingData, trainingDocuments } from './tables.ts';
import type { DataRow } from './view.ts';

/** Everything of a workspace together: some 100,000 passages are what a question was measured to be quick among. */
export const charactersMax = 50_000_000;
const sourcesMax = 20_000;

/** @throws ParleyError 404 */
export async function findData(tx: TransactionContext, id: string, lock = false): Promise<DataRow> {
  const row = await findDataOrNull(tx, id, lock);
  if (!row) throw notFound('training data');
  return row;
}

export async function findDataOrNull(
  tx: TransactionContext,
  id: string,
  lock = false,
): Promise<DataRow | null> {
  const query = tx.drizzle.select().from(trainingData).where(eq(trainingData.id, id));
  const [row] = await (lock ? query.for('update') : query);
  return row ?? null;
}

export function documentsOf(tx: TransactionContext, id: string) {
  return tx.drizzle
    .select()
    .from(trainingDocuments)
    .where(eq(trainingDocuments.trainingDataId, id))
    .orderBy(asc(trainingDocuments.position), asc(trainingDocuments.id));
}

/** Whether anything of it was ever read, also where its site says that it is gone. */
export async function holdsContent(tx: TransactionContext, id: string): Promise<boolean> {
  const [held] = await tx.sql<{ usable: boolean }>(
    `select exists (select 1 from training_documents where training_data_id = $1 and content is not null and state <> 'failed') as usable`,
    [id],
  );
  return held?.usable ?? false;
}

/** Characters that there is room for, without what one document has now. */
export async function roomFor(tx: TransactionContext, documentId: string | null): Promise<number> {
  const [row] = await tx.sql<{ characters: number }>(
    `select coalesce(sum(characters), 0)::int as characters from training_documents
     where workspace_id = $1 and id is distinct from $2::uuid`,
    [tx.workspaceId, documentId],
  );
  return charactersMax - (row?.characters ?? 0);
}

/** @throws ParleyError `knowledge_full` */
export async function refuseTooMuch(
  tx: TransactionContext,
  documentId: string | null,
  characters: number,
): Promise<void> {
  if (characters <= (await roomFor(tx, documentId))) return;
  throw conflict(
    'knowledge_full',
    `All texts together may have ${charactersMax.toLocaleString('en')} characters. Shorten or remove some.`,
  );
}

/** @throws ParleyError `knowledge_full` */
export async function refuseTooMany(tx: TransactionContext): Promise<void> {
  const [row] = await tx.sql<{ count: number }>(
    'select count(*)::int as count from training_data where workspace_id = $1',
    [tx.workspaceId],
  );
  if ((row?.count ?? 0) < sourcesMax) return;
  throw conflict(
    'knowledge_full',
    `A workspace has at most ${sourcesMax.toLocaleString('en')} of them. Remove some.`,
  );
}

export interface NewDocument {
  readonly id: string;
  readonly position?: number;
  readonly address?: string;
  readonly fingerprint?: string;
}

export async function insertDocument(
  tx: TransactionContext,
  trainingDataId: string,
  document: NewDocument,
  measured: MeasuredContent | null,
): Promise<void> {
  const { id, position = 0, address, fingerprint } = document;
  await tx.drizzle.insert(trainingDocuments).values({
    id,
    workspaceId: tx.workspaceId,
    trainingDataId,
    position,
    ...(address === undefined ? {} : { address: tx.seal(address, addressPlace(id)) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(measured ? { ...columnsOf(tx, id, measured), state: 'ready' as const } : {}),
  });
}

/** Gives a document another content. Returns whether it is another one. */
export async function replaceContent(
  tx: TransactionContext,
  document: { readonly id: string; readonly version: number; readonly contentHash: string | null },
  measured: MeasuredContent,
  more: Partial<typeof trainingDocuments.$inferInsert> = {},
): Promise<boolean> {
  const columns = columnsOf(tx, document.id, measured);
  const same = columns.contentHash === document.contentHash;
  const change = { ...more, ...(same ? {} : { ...columns, version: document.version + 1 }) };
  if (Object.keys(change).length > 0) {
    await tx.drizzle.update(trainingDocuments).set(change).where(eq(trainingDocuments.id, document.id));
  }
  return !same;
}

function columnsOf(tx: TransactionContext, id: string, measured: MeasuredContent) {
  return {
    format: measured.format,
    content: tx.seal(measured.plain, contentPlace(id)),
    contentHash: tx.use(knowledgeRuntime).fingerprint(`content\n${measured.format}\n${measured.plain}`),
    characters: measured.characters,
    passages: measured.passages,
    language: measured.language,
  };
}

/** Adds up what its documents hold now. */
export async function sumUp(
  tx: TransactionContext,
  id: string,
  change: Partial<typeof trainingData.$inferInsert> & { error?: TrainingDataError | null },
): Promise<DataRow> {
  const ofData = and(eq(trainingDocuments.trainingDataId, id), eq(trainingDocuments.state, 'ready'));
  const [sums] = await tx.drizzle
    .select({
      characters: sql<number>`coalesce(sum(${trainingDocuments.characters}), 0)::int`,
      passages: sql<number>`coalesce(sum(${trainingDocuments.passages}), 0)::int`,
      language: sql<
        DataRow['language']
      >`(array_agg(${trainingDocuments.language} order by ${trainingDocuments.characters} desc))[1]`,
    })
    .from(trainingDocuments)
    .where(ofData);
  const [row] = await tx.drizzle
    .update(trainingData)
    .set({ ...sums, ...change })
    .where(eq(trainingData.id, id))
    .returning();
  if (!row) throw notFound('training data');
  return row;
}
