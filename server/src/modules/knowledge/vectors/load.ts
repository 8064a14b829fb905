// The vectors of a workspace, opened, in the memory of a process: what was loaded before is kept, what changed is opened anew.
import type { Context } from '../../../core/context.ts';
import type { EmbeddingModel } from '../embedder.ts';
import { makeVectors } from '../jobs.ts';
import { padded } from './products.ts';
import { lengthOf } from './similarity.ts';
import { decodeVectors, type PassageVector, vectorsPlace } from './stored-vectors.ts';

/** Those of one row. */
export interface VectorBlock {
  readonly documentId: string;
  readonly passages: readonly Pick<PassageVector, 'id' | 'place'>[];
  /** How many numbers each has. */
  readonly dimensions: number;
  /** One after the other, padded. */
  readonly numbers: Int8Array;
  readonly lengths: Float64Array;
}

export interface Vectors {
  /** The fingerprint of the model that they are of. */
  readonly model: string;
  readonly dimensions: number;
  /** By row. */
  readonly blocks: ReadonlyMap<string, VectorBlock>;
  /** They take more than a process may keep: there are none here. */
  readonly isTooMany: boolean;
  /** What they take in memory, about. */
  readonly bytes: number;
}

/** A question beside the vectors that it is held against. */
export interface QuestionVector {
  /** Quantised and padded. */
  readonly vector: Int8Array;
  readonly vectors: Vectors;
}

interface HeadRow {
  readonly document_id: string;
  readonly version: number;
  readonly first: number;
  readonly withheld: number;
  readonly size: number;
}

/** Rows that are opened at once. */
const openedMax = 200;

/** Not in a transaction. @param bytesMax of more, none are loaded @throws CryptoError */
export async function loadVectors(
  ctx: Context,
  model: EmbeddingModel,
  bytesMax: number,
  previous?: Vectors,
): Promise<Vectors> {
  const rows = await readRows(ctx, model);
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  const none = { model: model.fingerprint, dimensions: 0, blocks: new Map(), bytes: 0 };
  if (bytes > bytesMax) return { ...none, isTooMany: true };
  const before = previous?.model === model.fingerprint ? previous.blocks : new Map<string, VectorBlock>();
  const blocks = new Map<string, VectorBlock>();
  const unknown: HeadRow[] = [];
  for (const row of rows) {
    const known = before.get(keyOf(row));
    if (known) blocks.set(keyOf(row), known);
    else unknown.push(row);
  }
  for (let at = 0; at < unknown.length; at += openedMax)
    for (const [key, block] of await openBlocks(ctx, model, unknown.slice(at, at + openedMax)))
      blocks.set(key, block);
  const { dimensions = 0 } = blocks.values().find(({ lengths }) => lengths.length > 0) ?? {};
  return { ...none, dimensions, blocks, bytes, isTooMany: false };
}

const keyOf = ({ document_id: id, version, first, withheld }: HeadRow) =>
  `${id}:${version}:${first}:${withheld}`;

async function readRows(ctx: Context, model: EmbeddingModel): Promise<HeadRow[]> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<HeadRow>(
      `select v.document_id, v.version, v.first, v.withheld, octet_length(v.vectors) as size
       from knowledge_vectors v join training_documents d on d.id = v.document_id and d.version = v.version
       where v.workspace_id = $1 and v.model = $2 and d.state = 'ready'`,
      [tx.workspaceId, model.fingerprint],
    );
    // Also where a job of before is not to be found any more.
    const [waiting] = await tx.sql(
      `select 1 as one from training_documents d where d.workspace_id = $1 and d.state = 'ready' and d.content is not null
         and not exists (select 1 from knowledge_vectors v
           where v.document_id = d.id and v.version = d.version and v.model = $2 and v.is_last)
         and not exists (select 1 from knowledge_vector_work w
           where w.workspace_id = $1 and w.model = $2 and (w.problem is not null or w.held_until > $3))
       limit 1`,
      [tx.workspaceId, model.fingerprint, tx.clock.date()],
    );
    if (waiting) makeVectors(tx);
    return rows;
  });
}

async function openBlocks(
  ctx: Context,
  { fingerprint }: EmbeddingModel,
  heads: readonly HeadRow[],
): Promise<[string, VectorBlock][]> {
  const rows = await ctx.transaction((tx) =>
    tx.sql<HeadRow & { vectors: Uint8Array }>(
      `select v.document_id, v.version, v.first, v.withheld, v.vectors from knowledge_vectors v
       join unnest($2::uuid[], $3::int[], $4::int[]) as f(document_id, version, first)
         on v.document_id = f.document_id and v.version = f.version and v.first = f.first
       where v.workspace_id = $1 and v.model = $5`,
      [
        ctx.workspaceId,
        heads.map((row) => row.document_id),
        heads.map(({ version }) => version),
        heads.map(({ first }) => first),
        fingerprint,
      ],
    ),
  );
  const vault = await ctx.vault();
  const blocks = rows.map((row): [string, VectorBlock] => {
    const { document_id: documentId, version, first } = row;
    const place = vectorsPlace({ documentId, version, first, model: fingerprint });
    return [keyOf(row), toBlock(documentId, decodeVectors(vault.open(row.vectors, place)))];
  });
  // Others of the process have their turn between any two of these.
  await new Promise((resolve) => setImmediate(resolve));
  return blocks;
}

function toBlock(documentId: string, vectors: readonly PassageVector[]): VectorBlock {
  const dimensions = vectors[0]?.vector.length ?? 0;
  const stride = padded(dimensions);
  const numbers = new Int8Array(stride * vectors.length);
  for (const [at, { vector }] of vectors.entries()) numbers.set(vector, at * stride);
  return {
    documentId,
    dimensions,
    passages: vectors.map(({ id, place }) => ({ id, place })),
    numbers,
    lengths: Float64Array.from(vectors, ({ vector }) => lengthOf(vector)),
  };
}
