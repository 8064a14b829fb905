// The head of a workspace's stored index: its key, its next number, how much is in it, and what of that is not in use.
import type { KnowledgeChange } from '@parley/contract/shadow-runs';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { newDataKey } from '../../../core/crypto.ts';
import { isUsed, noChange } from '../live.ts';
import { TermHasher } from './terms.ts';

export const indexKeyPlace = (workspaceId: string) => `knowledge_indexes.key:${workspaceId}`;

/** Lengths as each field of the ranking counts them: terms, 4-grams, then those of the heading. */
export type FieldLengths = readonly [
  terms: number,
  grams: number,
  headingTerms: number,
  headingGrams: number,
];

/** What a question needs to know of a stored index before it asks it. */
export interface StoredKnowledge {
  readonly kind: 'stored';
  readonly sealedKey: Uint8Array;
  readonly hasher: TermHasher;
  readonly passages: number;
  readonly lengthMeans: FieldLengths;
  /** What is used besides what is live, and what of that is not. */
  readonly change: KnowledgeChange;
  /** The numbers of passages that nothing is answered from: among the best they would take the place of others. */
  readonly unused: ReadonlySet<number>;
  /** In how many passages a term stands, as far as it was asked for: the words of headings come again and again. */
  readonly frequencies: Map<string, number>;
}

interface HeadRow {
  readonly key: Uint8Array;
  readonly complete: boolean;
  readonly passages: number;
  readonly lengths: readonly (number | null)[];
}

/** Makes the index where there is none, not complete. */
export async function makeHead(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    const key = tx.seal(newDataKey(), indexKeyPlace(tx.workspaceId));
    await tx.sql('insert into knowledge_indexes (workspace_id, key) values ($1, $2) on conflict do nothing', [
      tx.workspaceId,
      key,
    ]);
  });
}

export interface HeldHead {
  readonly sealedKey: Uint8Array;
  /** What the next passage is numbered. */
  readonly next: number;
}

/**
 * Keeps whoever else writes the index away until the transaction ends. What is read before this may be old, so it comes
 * first: then segments commit in the order of their numbers. Null where there is no index.
 */
export async function holdHead(tx: TransactionContext): Promise<HeldHead | null> {
  const [row] = await tx.sql<{ key: Uint8Array; next_number: number }>(
    'select key, next_number from knowledge_indexes where workspace_id = $1 for update',
    [tx.workspaceId],
  );
  return row ? { sealedKey: row.key, next: row.next_number } : null;
}

/** Whether both are heads of one index: one that was forgotten and made again has another key, and numbers from 0. */
export function isSameIndex(
  one: Pick<HeldHead, 'sealedKey'> | null,
  other: Pick<HeldHead, 'sealedKey'>,
): boolean {
  return one !== null && Buffer.compare(one.sealedKey, other.sealedKey) === 0;
}

/**
 * Null where there is no index.
 * @param previous what it knows already is kept
 * @throws CryptoError
 */
export async function readHead(
  ctx: Context,
  previous?: StoredKnowledge,
  change: KnowledgeChange = noChange,
): Promise<(StoredKnowledge & { readonly complete: boolean }) | null> {
  return ctx.transaction(async (tx) => {
    const [row] = await tx.sql<HeadRow>(
      `select i.key, i.complete, s.passages, s.lengths from knowledge_indexes i, (
         select coalesce(sum(passages), 0)::int as passages,
           array[sum(lengths[1]), sum(lengths[2]), sum(lengths[3]), sum(lengths[4])] as lengths
         from knowledge_segments where workspace_id = $1
       ) s where i.workspace_id = $1`,
      [tx.workspaceId],
    );
    if (!row) return null;
    const unused = await tx.sql<{ number: number }>(
      `select p.number from training_data
       join training_documents d on d.training_data_id = training_data.id join knowledge_passages p on p.document_id = d.id
       where training_data.workspace_id = $1 and not ${isUsed(2)}`,
      [tx.workspaceId, change.with, change.without],
    );
    const mean = (field: number) => (row.lengths[field] ?? 0) / row.passages || 1;
    const isSameKey = previous && Buffer.compare(previous.sealedKey, row.key) === 0;
    return {
      kind: 'stored',
      complete: row.complete,
      sealedKey: row.key,
      hasher: isSameKey ? previous.hasher : new TermHasher(tx.open(row.key, indexKeyPlace(tx.workspaceId))),
      passages: row.passages,
      lengthMeans: [mean(0), mean(1), mean(2), mean(3)],
      frequencies: new Map(),
      change,
      unused: new Set(unused.map(({ number }) => number)),
    };
  });
}

/** Forgets all of the index: what is searched in memory needs none. */
export async function forgetIndex(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    if (!(await holdHead(tx))) return;
    for (const table of [
      'knowledge_postings',
      'knowledge_segments',
      'knowledge_passages',
      'knowledge_indexes',
    ])
      tx.last(`delete from ${table} where workspace_id = $1`, [tx.workspaceId]);
    tx.last(
      'update training_documents set indexed_version = null where workspace_id = $1 and indexed_version is not null',
      [tx.workspaceId],
    );
  });
}
