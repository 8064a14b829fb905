// Stores the passages of documents that the index does not have yet, or has as they were before, and what they are found by.
import type { Language } from '@parley/contract/common';
import type { z } from 'zod';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { loadLanguageDetector } from '../../understanding/understanding.ts';
import { type Content, openContent } from '../documents.ts';
import { cutIntoPassages, type Passage } from '../passages.ts';
import { lettingOthersIn, withLanguages } from '../turns.ts';
import { holdHead, isSameIndex, readHead, type StoredKnowledge } from './head.ts';
import { SegmentBuilder, type StoredPostings } from './segment-builder.ts';
import { storePostings } from './store-postings.ts';
import { passagePlace, type storedPassage } from './stored-passage.ts';

/** Characters that are opened at once; a document with more is opened by itself. */
const charactersMax = 1_000_000;
const documentsMax = 200;
/** Passages of one transaction, and one segment. */
const passagesMax = 1024;

interface Document {
  readonly id: string;
  readonly version: number;
}

/** Opened, with the count of its passages that are stored already. */
interface OpenDocument {
  readonly document: Document;
  readonly content: Content;
  readonly stored: number;
}

/** Neighbouring passages of one document. */
interface Piece {
  readonly document: Document;
  readonly from: number;
  readonly passages: readonly Passage<Language>[];
  readonly isLast: boolean;
}

/** `elsewhere`: another worker is at the same documents, or somebody is changing them, or the index was forgotten. */
export type Progress = 'more' | 'done' | 'elsewhere';

/** Stores what fits into one step. @throws CryptoError */
export async function storeSome(ctx: Context, signal: AbortSignal): Promise<Progress> {
  const opened = await openDocuments(ctx);
  const head = await readHead(ctx);
  if (!head) return 'elsewhere';
  if (opened.length === 0) return 'done';
  const detect = await loadLanguageDetector();
  let chunk: Piece[] = [];
  let room = passagesMax;
  const flush = async () => {
    signal.throwIfAborted();
    const isWhole = await storeChunk(ctx, head, chunk);
    chunk = [];
    room = passagesMax;
    return isWhole;
  };
  for (const { document, content, stored } of opened) {
    const cut = cutIntoPassages(content, () => 'unknown');
    const passages = await lettingOthersIn(withLanguages(cut, detect));
    let from = stored;
    do {
      const piece = passages.slice(from, from + room);
      const isLast = from + piece.length >= passages.length;
      chunk.push({ document, from, passages: piece, isLast });
      from += piece.length;
      room -= piece.length;
      if (room === 0 && !(await flush())) return 'elsewhere';
    } while (from < passages.length);
  }
  return chunk.length === 0 || (await flush()) ? 'more' : 'elsewhere';
}

async function openDocuments(ctx: Context): Promise<OpenDocument[]> {
  const rows = await ctx.transaction(async (tx) => {
    const waiting = await tx.sql<Document & { characters: number }>(
      `select id, version, characters from training_documents
       where workspace_id = $1 and state = 'ready' and content is not null and indexed_version is distinct from version
       order by training_data_id, position, id limit ${documentsMax}`,
      [tx.workspaceId],
    );
    let characters = 0;
    const chosen = waiting.filter((row, at) => {
      characters += row.characters;
      return at === 0 || characters <= charactersMax;
    });
    return tx.sql<Document & { format: 'text' | 'parts'; content: Uint8Array | null; stored: number }>(
      `select id, version, format, content, ${storedOf('d')} as stored
       from training_documents d where id = any($1::uuid[]) order by training_data_id, position, id`,
      [chosen.map(({ id }) => id)],
    );
  });
  const vault = await ctx.vault();
  return rows.map((row) => ({ document: row, content: openContent(vault, row), stored: row.stored }));
}

/** SQL: how many passages of its present version are stored, where another worker, or this one before, did not come to the end. */
const storedOf = (document: string) =>
  `case when ${document}.indexing_version = ${document}.version
     then (select count(*)::int from knowledge_passages p where p.document_id = ${document}.id) else 0 end`;

/** @returns whether all of it was still to be stored. */
async function storeChunk(ctx: Context, head: StoredKnowledge, pieces: readonly Piece[]): Promise<boolean> {
  const passages = pieces.flatMap((piece) => piece.passages);
  const builder = new SegmentBuilder();
  const postings = await lettingOthersIn(gather(builder, passages, head));
  return ctx.transaction(async (tx) => {
    const held = await holdHead(tx);
    if (!held || !isSameIndex(held, head)) return false;
    const current = await stillToStore(tx, pieces);
    const rows = await lettingOthersIn(seal(tx, pieces, current, held.next));
    if (rows.length > 0) {
      const next = held.next + passages.length;
      tx.last('update knowledge_indexes set next_number = $2 where workspace_id = $1', [
        tx.workspaceId,
        next,
      ]);
      await storePassages(tx, rows);
      await storePostings(tx, held.next, postings);
      tx.last(
        `insert into knowledge_segments (workspace_id, first, next, passages, lengths) values ($1, $2, $3, $4, $5::float8[])`,
        [tx.workspaceId, held.next, next, passages.length, builder.lengths],
      );
    }
    const ended = [...current].filter(({ isLast }) => isLast).map(({ document }) => document.id);
    tx.last(
      'update training_documents set indexed_version = version, indexing_version = null where id = any($1::uuid[])',
      [ended],
    );
    return current.size === pieces.length;
  });
}

interface PassageRow {
  readonly number: number;
  readonly documentId: string;
  readonly language: Language;
  readonly content: Buffer;
}

/** Numbers all of them, and seals those that are stored: their lists name the others too, until they are swept. */
function* seal(
  tx: TransactionContext,
  pieces: readonly Piece[],
  stored: ReadonlySet<Piece>,
  first: number,
): Generator<undefined, PassageRow[]> {
  const rows: PassageRow[] = [];
  let number = first;
  for (const piece of pieces) {
    if (stored.has(piece))
      for (const [at, { id, heading, text, page, language }] of piece.passages.entries()) {
        if (at % step === 0) yield;
        const content = JSON.stringify({ id, heading, text, page } satisfies z.infer<typeof storedPassage>);
        const sealed = tx.seal(content, passagePlace(tx.workspaceId, number + at));
        rows.push({ number: number + at, documentId: piece.document.id, language, content: sealed });
      }
    number += piece.passages.length;
  }
  return rows;
}

const step = 32;

function* gather(
  builder: SegmentBuilder,
  passages: readonly Passage[],
  head: StoredKnowledge,
): Generator<undefined, StoredPostings[]> {
  for (const [at, passage] of passages.entries()) {
    if (at % step === 0) yield;
    builder.add(passage);
  }
  const [ofAll] = head.lengthMeans;
  const lengthMean = head.passages > 0 ? ofAll : builder.lengths[0] / passages.length || 1;
  const lists: StoredPostings[] = [];
  for (const list of builder.postings(head.hasher, lengthMean)) {
    if (lists.length % (step * step) === 0) yield;
    lists.push(list);
  }
  return lists;
}

/**
 * Those whose document is as it was when it was opened, and is not stored yet; what was stored of an older version goes.
 * The documents stay as they are until the transaction ends. One that somebody else holds is not waited for: who deletes a
 * sitemap holds many of them, in an order of its own.
 */
async function stillToStore(tx: TransactionContext, pieces: readonly Piece[]): Promise<ReadonlySet<Piece>> {
  const ids = pieces.map(({ document }) => document.id);
  const held = await tx.sql<Document>(
    `select id, version from training_documents
     where id = any($1::uuid[]) and state = 'ready' and indexed_version is distinct from version
     for no key update skip locked`,
    [ids],
  );
  // Counted once they are held, so that what another worker stored a moment ago is seen.
  const counted = await tx.sql<{ id: string; stored: number }>(
    `select id, ${storedOf('d')} as stored from training_documents d where id = any($1::uuid[])`,
    [ids],
  );
  const versions = new Map(held.map(({ id, version }) => [id, version]));
  const stored = new Map(counted.map((row) => [row.id, row.stored]));
  // Of two workers at one document, the one whose passages come next goes on, and the other after it: they cut it in the same way.
  const current = pieces.filter(
    ({ document: { id, version }, from }) => versions.get(id) === version && stored.get(id) === from,
  );
  const begun = current.filter(({ from }) => from === 0).map(({ document }) => document.id);
  if (begun.length > 0) {
    await tx.sql('delete from knowledge_passages where document_id = any($1::uuid[])', [begun]);
    await tx.sql('update training_documents set indexing_version = version where id = any($1::uuid[])', [
      begun,
    ]);
  }
  return new Set(current);
}

async function storePassages(tx: TransactionContext, rows: readonly PassageRow[]): Promise<void> {
  let start = 1;
  const starts = rows.map(({ content }) => {
    start += content.length;
    return start - content.length;
  });
  await tx.sql(
    `insert into knowledge_passages (workspace_id, number, document_id, language, content)
     select $1, r.number, r.document_id, r.language, substring($2::bytea from r.start for r.length)
     from unnest($3::int[], $4::uuid[], $5::text[], $6::int[], $7::int[])
       as r(number, document_id, language, start, length)`,
    [
      tx.workspaceId,
      Buffer.concat(rows.map(({ content }) => content)),
      rows.map(({ number }) => number),
      rows.map(({ documentId }) => documentId),
      rows.map(({ language }) => language),
      starts,
      rows.map(({ content }) => content.length),
    ],
  );
}
