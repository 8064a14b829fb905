// How training data looks from outside.
import type {
  TrainingData,
  TrainingDataDetail,
  TrainingDataOrigin,
  TrainingDocument,
} from '@parley/contract/training-data';
import { trainingDataOrigin } from '@parley/contract/training-data';
import { z } from 'zod';
import type { Vault } from '../../core/crypto.ts';
import { addressPlace, type DocumentRow, openContent } from './documents.ts';
import type { DocumentPart } from './passages.ts';
import type { trainingData } from './tables.ts';

export type DataRow = typeof trainingData.$inferSelect;
type Opener = Pick<Vault, 'openText'>;

/** Where it came from, and what it calls itself: content, like all that strangers wrote. */
export const storedOrigin = trainingDataOrigin.extend({
  ownTitle: z.string().optional(),
});
export type StoredOrigin = z.infer<typeof storedOrigin>;

export const originPlace = (id: string) => `training_data.origin:${id}`;

/** @throws CryptoError */
export function openOrigin(
  opener: Opener,
  row: { readonly id: string; readonly origin: Uint8Array | null },
): StoredOrigin {
  return row.origin ? storedOrigin.parse(JSON.parse(opener.openText(row.origin, originPlace(row.id)))) : {};
}

export function titleOf(given: string | null, origin: StoredOrigin): string {
  return given ?? origin.ownTitle ?? origin.fileName ?? origin.url ?? '';
}

/** @throws CryptoError */
export function toTrainingData(opener: Opener, row: DataRow): TrainingData {
  const { ownTitle: _, ...origin } = openOrigin(opener, row);
  return {
    id: row.id,
    kind: row.kind,
    title: titleOf(row.title, openOrigin(opener, row)),
    origin: origin satisfies TrainingDataOrigin,
    state: row.state,
    live: row.live,
    version: row.version,
    progress: row.progress,
    error: row.error,
    characters: row.characters,
    passages: row.passages,
    language: row.language,
    pagesMax: row.pagesMax,
    depth: row.depth,
    refetchHours: row.refetchHours,
    nextFetchAt: row.nextFetchAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    readAt: row.readAt?.toISOString() ?? null,
  };
}

/** @throws CryptoError */
export function toDetail(
  opener: Opener,
  row: DataRow,
  documents: readonly DocumentRow[],
  passagesFound: TrainingDataDetail['passagesFound'],
): TrainingDataDetail {
  const [first] = documents;
  const content = first && (row.kind === 'text' || row.kind === 'pair') ? openContent(opener, first) : null;
  return {
    ...toTrainingData(opener, row),
    content: typeof content === 'string' ? content : null,
    ...pairOf(typeof content === 'string' ? undefined : content?.[0]),
    documents: documents.map((document) => toDocument(opener, document)),
    passagesFound,
  };
}

function pairOf(part: DocumentPart | undefined): { question: string | null; answer: string | null } {
  return part && 'question' in part ? part : { question: null, answer: null };
}

function toDocument(opener: Opener, row: DocumentRow): TrainingDocument {
  return {
    id: row.id,
    url: row.address ? opener.openText(row.address, addressPlace(row.id)) : null,
    state: row.state,
    error: row.error,
    characters: row.characters,
    passages: row.passages,
    language: row.language,
    fetchedAt: row.fetchedAt?.toISOString() ?? null,
  };
}
