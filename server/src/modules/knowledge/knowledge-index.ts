// What a workspace knows, ready to be searched: all passages in memory, where what changed is cut anew and the rest stays, or,
// where that is too much, what a question needs to know of the stored index.
import type { Language } from '@parley/contract/common';
import type { KnowledgeChange } from '@parley/contract/shadow-runs';
import { and, asc, eq, inArray, isNotNull } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { loadLanguageDetector } from '../understanding/understanding.ts';
import { openContent } from './documents.ts';
import { indexKnowledge } from './jobs.ts';
import { isUsedWith, noChange } from './live.ts';
import { cutIntoPassages, type Passage } from './passages.ts';
import { buildInSteps, type PassageIndex } from './ranking.ts';
import { type KnowledgeRuntime, knowledgeRuntime, workspacesMax } from './runtime.ts';
import { readHead, type StoredKnowledge } from './stored/head.ts';
import { measureKnowledge } from './stored/size.ts';
import { trainingData, trainingDocuments } from './tables.ts';
import { lettingOthersIn, withLanguages } from './turns.ts';
import { openOrigin, titleOf } from './view.ts';

export interface KnownPassage extends Passage<Language> {
  /** The training data that it is of. */
  readonly textId: string;
  readonly documentId: string;
  readonly version: number;
  readonly title: string;
}

interface KnowledgeInMemory {
  readonly kind: 'memory';
  /** Of which version of which documents it was made. */
  readonly fingerprint: string;
  readonly index: PassageIndex<KnownPassage>;
}

export type Knowledge = KnowledgeInMemory | StoredKnowledge;

/** By document and version. */
export type CutPassages = ReadonlyMap<string, readonly Passage<Language>[]>;

interface Head {
  readonly id: string;
  readonly documentVersion: number;
  readonly dataId: string;
  readonly version: number;
  readonly characters: number;
}

const cutKey = ({ id, documentVersion }: Head) => `${id}@${documentVersion}`;
/** Documents that are opened at once: their content stands in memory twice meanwhile. */
const openedMax = 50;

/**
 * Reads the workspace's knowledge; not in a transaction.
 * @param change what is used besides what is live, and what of that is not; then nothing of it is remembered
 * @throws CryptoError
 */
export async function loadKnowledge(
  ctx: Context,
  previous: Knowledge | undefined,
  change?: KnowledgeChange,
): Promise<Knowledge> {
  const inMemoryMax = ctx.config.KNOWLEDGE_CHARACTERS_IN_MEMORY;
  const { characters, isBehind } = await measureKnowledge(ctx);
  if (characters > inMemoryMax) {
    const head = await readHead(ctx, previous?.kind === 'stored' ? previous : undefined, change);
    // Also where a job of before is not to be found any more, or the limit was another one.
    if (isBehind || !head?.complete)
      await ctx.transaction(async (tx) => tx.enqueue(indexKnowledge, {}, { key: tx.workspaceId }));
    if (head?.complete) {
      ctx.use(knowledgeRuntime).cut.delete(ctx.workspaceId);
      return head;
    }
  }
  return loadIntoMemory(ctx, previous?.kind === 'memory' ? previous : undefined, inMemoryMax, change);
}

/** @param charactersMax what does not fit is not found: until the stored index is complete, the oldest is searched */
async function loadIntoMemory(
  ctx: Context,
  previous: KnowledgeInMemory | undefined,
  charactersMax: number,
  change: KnowledgeChange | undefined,
): Promise<KnowledgeInMemory> {
  let room = charactersMax;
  const heads = (await readHeads(ctx, change ?? noChange)).filter(({ characters }) => {
    if (characters > room) return false;
    room -= characters;
    return true;
  });
  const fingerprint = heads.map((head) => `${cutKey(head)}:${head.version}`).join();
  if (previous?.fingerprint === fingerprint) return previous;
  const remembered = ctx.use(knowledgeRuntime).cut;
  const before = remembered.get(ctx.workspaceId);
  const detect = await loadLanguageDetector();
  const cut = new Map<string, readonly Passage<Language>[]>();
  const unknown: Head[] = [];
  for (const head of heads) {
    const known = before?.get(cutKey(head));
    if (known) cut.set(cutKey(head), known);
    else unknown.push(head);
  }
  for (let at = 0; at < unknown.length; at += openedMax) {
    for (const { head, content } of await readContents(ctx, unknown.slice(at, at + openedMax))) {
      cut.set(
        cutKey(head),
        await lettingOthersIn(
          withLanguages(
            cutIntoPassages(content, () => 'unknown'),
            detect,
          ),
        ),
      );
    }
  }
  if (!change) remember(remembered, ctx.workspaceId, cut);
  const titles = await readTitles(ctx, heads);
  const passages = heads.flatMap((head) =>
    (cut.get(cutKey(head)) ?? []).map((passage) => ({
      ...passage,
      textId: head.dataId,
      documentId: head.id,
      version: head.version,
      title: titles.get(head.dataId) ?? '',
    })),
  );
  return { kind: 'memory', fingerprint, index: await lettingOthersIn(buildInSteps(passages)) };
}

function remember(all: KnowledgeRuntime['cut'], workspaceId: string, cut: CutPassages): void {
  all.delete(workspaceId);
  all.set(workspaceId, cut);
  for (const oldest of all.keys()) {
    if (all.size <= workspacesMax) break;
    all.delete(oldest);
  }
}

async function readHeads(ctx: Context, change: KnowledgeChange): Promise<Head[]> {
  return ctx.transaction((tx) =>
    tx.drizzle
      .select({
        id: trainingDocuments.id,
        documentVersion: trainingDocuments.version,
        dataId: trainingDocuments.trainingDataId,
        version: trainingData.version,
        characters: trainingDocuments.characters,
      })
      .from(trainingDocuments)
      .innerJoin(trainingData, eq(trainingData.id, trainingDocuments.trainingDataId))
      .where(
        and(
          eq(trainingDocuments.workspaceId, tx.workspaceId),
          eq(trainingDocuments.state, 'ready'),
          isNotNull(trainingDocuments.content),
          isUsedWith(change),
        ),
      )
      .orderBy(
        asc(trainingDocuments.trainingDataId),
        asc(trainingDocuments.position),
        asc(trainingDocuments.id),
      ),
  );
}

async function readContents(ctx: Context, heads: readonly Head[]) {
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(trainingDocuments)
      .where(
        inArray(
          trainingDocuments.id,
          heads.map(({ id }) => id),
        ),
      ),
  );
  const vault = await ctx.vault();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return heads.flatMap((head) => {
    const row = byId.get(head.id);
    // Changed or gone since: the wake-up that tells of it loads again.
    if (!row?.content || row.version !== head.documentVersion) return [];
    return [{ head, content: openContent(vault, row) }];
  });
}

async function readTitles(ctx: Context, heads: readonly Head[]): Promise<ReadonlyMap<string, string>> {
  const ids = heads.map(({ dataId }) => dataId);
  return ctx.transaction((tx) => titlesOf(tx, ids));
}

/** What training data is called now; nothing for what is not there. @throws CryptoError */
export async function titlesOf(
  tx: TransactionContext,
  dataIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (dataIds.length === 0) return new Map();
  const { id, title, origin } = trainingData;
  const rows = await tx.drizzle
    .select({ id, title, origin })
    .from(trainingData)
    .where(inArray(id, [...new Set(dataIds)]));
  return new Map(rows.map((row) => [row.id, titleOf(row.title, openOrigin(tx, row))]));
}
