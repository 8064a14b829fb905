// Makes the vectors of documents that have none by the present model, or have those of what they said before. Of passages
// that were there before, the vectors are taken over.
import type { Context, TransactionContext } from '../../../core/context.ts';
import { openContent } from '../documents.ts';
import { type EmbeddingModel, embedderPort, type NoVectors } from '../embedder.ts';
import { cutIntoPassages, type Passage } from '../passages.ts';
import { knowledgeRuntime } from '../runtime.ts';
import { toBytes } from './similarity.ts';
import { decodeVectors, encodeVectors, type PassageVector, vectorsPlace } from './stored-vectors.ts';
import { type HeldWork, isStillMine } from './work.ts';

/** Of documents that need no request, so many pieces are written together. */
const piecesMax = 128;
const charactersMax = 500_000;
const documentsMax = 100;

interface Document {
  readonly id: string;
  readonly version: number;
}

/** Neighbouring passages of one document: one row. */
interface Piece {
  readonly document: Document;
  readonly first: number;
  readonly passages: readonly Passage[];
  readonly isLast: boolean;
}

/** By document and passage. */
type KnownVectors = ReadonlyMap<string, Int8Array>;
const keyOf = (documentId: string, passageId: string) => `${documentId}:${passageId}`;

/** `elsewhere`: another job is at it. */
export type Made = 'more' | 'done' | 'elsewhere' | NoVectors;

/**
 * Makes those of some documents, a request at a time.
 * @param isWanted asked before each request: where it says no, it ends there
 * @throws CryptoError
 */
export async function makeSome(
  ctx: Context,
  work: HeldWork,
  isWanted: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Made> {
  const rows = await readWaiting(ctx, work.model);
  if (rows.length === 0) return 'done';
  const vault = await ctx.vault();
  const { known, done } = await readKnown(ctx, work.model, rows);
  const pieces = rows.flatMap((row) =>
    piecesOf(
      row,
      cutIntoPassages(openContent(vault, row), () => 'unknown'),
      work.model.textsMax,
    ).filter(({ document, first }) => !done.has(`${document.id}:${document.version}:${first}`)),
  );
  let { dimensions } = work;
  for (const chunk of chunksOf(pieces, known, work.model.textsMax)) {
    signal.throwIfAborted();
    if (!(await isWanted())) break;
    const made = await makeChunk(ctx, { ...work, dimensions }, chunk, known, signal);
    if (made === 'elsewhere' || 'failed' in made) return made;
    dimensions = made.dimensions;
  }
  return 'more';
}

async function readWaiting(ctx: Context, model: EmbeddingModel) {
  return ctx.transaction(async (tx) => {
    const waiting = await tx.sql<{ id: string; characters: number }>(
      `select d.id, d.characters from training_documents d
       where d.workspace_id = $1 and d.state = 'ready' and d.content is not null and (
         not exists (select 1 from knowledge_vectors v
           where v.document_id = d.id and v.version = d.version and v.model = $2 and v.is_last)
         or exists (select 1 from knowledge_vectors v
           where v.document_id = d.id and v.version = d.version and v.model = $2 and v.withheld > 0 and v.privacy <> $3))
       order by d.training_data_id, d.position, d.id limit ${documentsMax}`,
      [tx.workspaceId, model.fingerprint, model.privacy],
    );
    let characters = 0;
    const chosen = waiting.filter((row, at) => {
      characters += row.characters;
      return at === 0 || characters <= charactersMax;
    });
    return tx.sql<Document & { format: 'text' | 'parts'; content: Uint8Array | null }>(
      `select id, version, format, content from training_documents where id = any($1::uuid[])
       order by training_data_id, position, id`,
      [chosen.map(({ id }) => id)],
    );
  });
}

/** What was made of these documents before, of whichever version, and which pieces of the present one need no more. */
async function readKnown(ctx: Context, model: EmbeddingModel, documents: readonly Document[]) {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<{
      document_id: string;
      version: number;
      first: number;
      withheld: number;
      privacy: string;
      vectors: Uint8Array;
    }>(
      `select document_id, version, first, withheld, privacy, vectors from knowledge_vectors
       where document_id = any($1::uuid[]) and model = $2`,
      [documents.map(({ id }) => id), model.fingerprint],
    );
    const known = new Map<string, Int8Array>();
    const done = new Set<string>();
    for (const { document_id: documentId, version, first, withheld, privacy, vectors } of rows) {
      const place = vectorsPlace({ documentId, version, first, model: model.fingerprint });
      for (const { id, vector } of decodeVectors(tx.open(vectors, place)))
        known.set(keyOf(documentId, id), vector);
      if (withheld === 0 || privacy === model.privacy) done.add(`${documentId}:${version}:${first}`);
    }
    return { known, done };
  });
}

function piecesOf({ id, version }: Document, passages: readonly Passage[], textsMax: number): Piece[] {
  const pieces: Piece[] = [];
  let first = 0;
  do {
    const some = passages.slice(first, first + textsMax);
    const isLast = first + some.length === passages.length;
    pieces.push({ document: { id, version }, first, passages: some, isLast });
    first += some.length;
  } while (first < passages.length);
  return pieces;
}

/** As many pieces together as one request takes. */
function* chunksOf(pieces: readonly Piece[], known: KnownVectors, textsMax: number): Generator<Piece[]> {
  let chunk: Piece[] = [];
  let texts = 0;
  for (const piece of pieces) {
    const unknown = piece.passages.filter(({ id }) => !known.has(keyOf(piece.document.id, id))).length;
    if (chunk.length > 0 && (texts + unknown > textsMax || chunk.length === piecesMax)) {
      yield chunk;
      chunk = [];
      texts = 0;
    }
    chunk.push(piece);
    texts += unknown;
  }
  if (chunk.length > 0) yield chunk;
}

const textOf = ({ heading, text }: Passage) => (heading === null ? text : `${heading}\n${text}`);

async function makeChunk(
  ctx: Context,
  work: HeldWork,
  pieces: readonly Piece[],
  known: KnownVectors,
  signal: AbortSignal,
): Promise<{ dimensions: number | null } | 'elsewhere' | NoVectors> {
  const unknown = pieces.flatMap(({ document, passages }) =>
    passages
      .filter(({ id }) => !known.has(keyOf(document.id, id)))
      .map((passage) => ({ key: keyOf(document.id, passage.id), text: textOf(passage) })),
  );
  const vectors = new Map(known);
  let { dimensions } = work;
  if (unknown.length > 0) {
    const texts = unknown.map(({ text }) => text);
    const made = await ctx.use(embedderPort).embedPassages(ctx, work.model, texts, signal);
    if ('failed' in made) return made;
    for (const [at, { key }] of unknown.entries()) {
      const vector = made[at];
      if (!vector) continue;
      dimensions ??= vector.length;
      // A model whose vectors grow or shrink is another one, whatever its name is.
      if (vector.length !== dimensions) return { failed: 'unreadable_answer', retryAfterMs: null };
      vectors.set(key, toBytes(vector));
    }
  }
  const isStored = await storeChunk(ctx, { ...work, dimensions }, pieces, vectors);
  return isStored ? { dimensions } : 'elsewhere';
}

/** @returns whether the work is still this job's. What changed meanwhile, or is gone, is not stored. */
async function storeChunk(
  ctx: Context,
  work: HeldWork,
  pieces: readonly Piece[],
  vectors: KnownVectors,
): Promise<boolean> {
  const left = await storeThose(ctx, work, pieces, vectors, 'skip locked');
  if (!left) return false;
  // Whoever waits for a document holds no other one: a member may be deleting both.
  for (const some of Map.groupBy(left, ({ document }) => document.id).values())
    if (!(await storeThose(ctx, work, some, vectors, 'wait'))) return false;
  return true;
}

/** @returns those that were not stored; null where the work is another job's. */
async function storeThose(
  ctx: Context,
  work: HeldWork,
  pieces: readonly Piece[],
  vectors: KnownVectors,
  ifLocked: 'skip locked' | 'wait',
): Promise<Piece[] | null> {
  const { fingerprint, privacy } = work.model;
  return ctx.transaction(async (tx) => {
    if (!(await isStillMine(tx, work))) return null;
    const current = await holdCurrent(tx, pieces, ifLocked);
    const wanted = pieces.filter(({ document }) => current.get(document.id) === document.version);
    const rows = wanted.map((piece) => {
      const { document, first, passages, isLast } = piece;
      const made = passages.flatMap(({ id }, at): PassageVector[] => {
        const vector = vectors.get(keyOf(document.id, id));
        return vector ? [{ id, place: first + at, vector }] : [];
      });
      const place = vectorsPlace({
        documentId: document.id,
        version: document.version,
        model: fingerprint,
        first,
      });
      const sealed = tx.seal(encodeVectors(made), place);
      return {
        document,
        first,
        isLast,
        count: passages.length,
        withheld: passages.length - made.length,
        sealed,
      };
    });
    for (const { document, first, isLast, count, withheld, sealed } of rows) {
      tx.last(insertVectors, [
        tx.workspaceId,
        document.id,
        document.version,
        fingerprint,
        first,
        count,
        withheld,
        privacy,
        isLast,
        sealed,
      ]);
    }
    const ended = wanted.filter(({ isLast }) => isLast).map(({ document }) => document.id);
    tx.last(
      `delete from knowledge_vectors v using training_documents d
       where v.document_id = any($1::uuid[]) and d.id = v.document_id and (v.version <> d.version or v.model <> $2)`,
      [ended, fingerprint],
    );
    tx.last('update knowledge_vector_work set dimensions = $2, problem = null where workspace_id = $1', [
      tx.workspaceId,
      work.dimensions,
    ]);
    tx.afterCommit(() => tx.use(knowledgeRuntime).vectors.changed(tx.workspaceId));
    const stored = new Set(wanted);
    return pieces.filter((piece) => !stored.has(piece));
  });
}

const insertVectors = {
  name: 'knowledge_vectors_insert',
  text: `insert into knowledge_vectors
      (workspace_id, document_id, version, model, first, passages, withheld, privacy, is_last, vectors)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (document_id, version, model, first) do update set passages = excluded.passages,
      withheld = excluded.withheld, privacy = excluded.privacy, is_last = excluded.is_last, vectors = excluded.vectors`,
};

/** The versions of the documents that are there, which stay so until the transaction ends. */
async function holdCurrent(
  tx: TransactionContext,
  pieces: readonly Piece[],
  ifLocked: 'skip locked' | 'wait',
): Promise<ReadonlyMap<string, number>> {
  const ids = [...new Set(pieces.map(({ document }) => document.id))];
  const rows = await tx.sql<Document>(
    `select id, version from training_documents where id = any($1::uuid[]) and state = 'ready'
     for no key update ${ifLocked === 'wait' ? '' : ifLocked}`,
    [ids],
  );
  return new Map(rows.map(({ id, version }) => [id, version]));
}
