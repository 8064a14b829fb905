// What the assistant may know: pasted texts, sealed at rest, cut into passages and searched in memory.
import type { Language } from '@parley/contract/common';
import type { KnowledgeText, KnowledgeTextInput, KnowledgeTextSummary } from '@parley/contract/knowledge';
import { and, asc, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Bus } from '../../core/bus.ts';
import { type Context, definePort, type TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { WorkspaceCache } from '../../core/workspace-cache.ts';
import { loadLanguageDetector } from '../understanding/understanding.ts';
import { cutIntoPassages, type Passage } from './passages.ts';
import { buildPassageIndex, type PassageIndex, type RankablePassage, rankPassages } from './ranking.ts';
import { knowledgeTexts } from './tables.ts';

export const knowledgeChanged = defineEvent({
  type: 'knowledge.changed',
  doc: 'A text of the assistant’s knowledge was added, changed or removed.',
  payload: z.object({
    textId: z.uuid(),
    change: z.enum(['created', 'updated', 'deleted']),
    version: z.number(),
  }),
});

/** All texts of a workspace together: what a process keeps in memory of it has a bound. */
const charactersMax = 2_000_000;

const place = (textId: string) => `knowledge_texts.content:${textId}`;

export interface KnownPassage extends Passage<Language> {
  readonly textId: string;
  readonly version: number;
  readonly title: string;
}

/** Everything that the assistant of a workspace may know, ready to be searched. */
export type KnowledgeIndex = PassageIndex<KnownPassage>;

interface Knowledge {
  /** Of which version of which texts it was made. */
  readonly fingerprint: string;
  readonly index: KnowledgeIndex;
}

export const knowledgeCache = definePort<WorkspaceCache<Knowledge>>('knowledge-cache');

export function createKnowledgeCache(bus: Bus): WorkspaceCache<Knowledge> {
  return new WorkspaceCache('knowledge', bus, { staleAfterMs: 30_000, workspacesMax: 200 });
}

/** The workspace's passages, from memory where nothing changed. Not for use in a transaction. @throws CryptoError */
export async function passagesOf(ctx: Context): Promise<KnowledgeIndex> {
  const { index } = await ctx.use(knowledgeCache).get(ctx.workspaceId, (previous) => load(ctx, previous));
  return index;
}

async function load(ctx: Context, previous: Knowledge | undefined): Promise<Knowledge> {
  const fingerprintOf = (rows: readonly { id: string; version: number }[]) =>
    rows.map(({ id, version }) => `${id}@${version}`).join();
  if (previous) {
    const versions = await ctx.transaction((tx) =>
      tx.drizzle
        .select({ id: knowledgeTexts.id, version: knowledgeTexts.version })
        .from(knowledgeTexts)
        .where(eq(knowledgeTexts.workspaceId, tx.workspaceId))
        .orderBy(asc(knowledgeTexts.id)),
    );
    if (fingerprintOf(versions) === previous.fingerprint) return previous;
  }
  const detect = await loadLanguageDetector();
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(knowledgeTexts)
      .where(eq(knowledgeTexts.workspaceId, tx.workspaceId))
      .orderBy(asc(knowledgeTexts.id)),
  );
  const vault = await ctx.vault();
  const passages = rows.flatMap(({ id, title, version, content }) =>
    cutIntoPassages(vault.openText(content, place(id)), (text) => detect(text).language).map((passage) => ({
      ...passage,
      textId: id,
      version,
      title,
    })),
  );
  return { fingerprint: fingerprintOf(rows), index: buildPassageIndex(passages) };
}

/** Prepares passages for many questions; the answers come best first. */
export function indexPassages<T extends RankablePassage>(passages: readonly T[]) {
  const index = buildPassageIndex(passages);
  return (question: string) => rankPassages(index, question);
}

export interface FoundPassage extends KnownPassage {
  /** Comparable within one question only. */
  readonly score: number;
  /** The estimated probability, 0 to 1, that it answers the question. */
  readonly support: number;
}

/** What the same words say in the contact's language is worth more than in another. */
const sameLanguageFactor = 1.3;

/** The passages that speak most to a question, best first, those in `language` preferred among equals. Pure. */
export function findPassages(
  index: KnowledgeIndex,
  question: string,
  language: Language,
  limit: number,
): FoundPassage[] {
  return rankPassages(index, question, limit * 4)
    .map(({ passage, score, support }) => ({
      ...passage,
      score: passage.language === language ? score * sameLanguageFactor : score,
      support,
    }))
    .sort((left, right) => right.score - left.score)
    .slice(0, limit);
}

export async function listTexts(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const { id, title, version, characters, createdAt, updatedAt } = knowledgeTexts;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select({ id, title, version, characters, createdAt, updatedAt })
      .from(knowledgeTexts)
      .where(
        and(
          eq(knowledgeTexts.workspaceId, tx.workspaceId),
          before ? lt(knowledgeTexts.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(knowledgeTexts.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toSummary), nextCursor };
}

/** @throws ParleyError 404 */
export async function getText(ctx: Context, textId: string): Promise<KnowledgeText> {
  return ctx.transaction(async (tx) => {
    const row = await findText(tx, textId);
    return { ...toSummary(row), content: tx.openText(row.content, place(textId)) };
  });
}

/** @throws ParleyError `knowledge_full` */
export async function createText(ctx: Context, input: KnowledgeTextInput): Promise<KnowledgeText> {
  return ctx.transaction(async (tx) => {
    const id = newId();
    const now = tx.clock.date();
    await refuseTooMuch(tx, input.content.length);
    const row = {
      id,
      workspaceId: tx.workspaceId,
      title: input.title,
      content: tx.seal(input.content, place(id)),
      characters: input.content.length,
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    await tx.drizzle.insert(knowledgeTexts).values(row);
    changed(tx, id, 'created', 1);
    return { ...toSummary(row), content: input.content };
  });
}

/** Replaces title and content; the version grows unless both are the same. @throws ParleyError 404, `knowledge_full` */
export async function updateText(
  ctx: Context,
  textId: string,
  input: KnowledgeTextInput,
): Promise<KnowledgeText> {
  return ctx.transaction(async (tx) => {
    const before = await findText(tx, textId, true);
    if (before.title === input.title && tx.openText(before.content, place(textId)) === input.content) {
      return { ...toSummary(before), content: input.content };
    }
    await refuseTooMuch(tx, input.content.length - before.characters);
    const change = {
      title: input.title,
      content: tx.seal(input.content, place(textId)),
      characters: input.content.length,
      version: before.version + 1,
      updatedAt: tx.clock.date(),
    };
    await tx.drizzle.update(knowledgeTexts).set(change).where(eq(knowledgeTexts.id, textId));
    changed(tx, textId, 'updated', change.version);
    return { ...toSummary({ ...before, ...change }), content: input.content };
  });
}

/** @throws ParleyError 404 */
export async function deleteText(ctx: Context, textId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .delete(knowledgeTexts)
      .where(eq(knowledgeTexts.id, textId))
      .returning({ version: knowledgeTexts.version });
    if (!row) throw notFound('text');
    changed(tx, textId, 'deleted', row.version);
  });
}

type TextRow = typeof knowledgeTexts.$inferSelect;

async function findText(tx: TransactionContext, textId: string, lock = false): Promise<TextRow> {
  const query = tx.drizzle.select().from(knowledgeTexts).where(eq(knowledgeTexts.id, textId));
  const [row] = await (lock ? query.for('update') : query);
  if (!row) throw notFound('text');
  return row;
}

async function refuseTooMuch(tx: TransactionContext, added: number): Promise<void> {
  const [row] = await tx.sql<{ characters: number }>(
    'select coalesce(sum(characters), 0)::int as characters from knowledge_texts where workspace_id = $1',
    [tx.workspaceId],
  );
  if ((row?.characters ?? 0) + added <= charactersMax) return;
  throw conflict(
    'knowledge_full',
    `All texts together may have ${charactersMax.toLocaleString('en')} characters. Shorten or remove some.`,
  );
}

function changed(
  tx: TransactionContext,
  textId: string,
  change: 'created' | 'updated' | 'deleted',
  version: number,
): void {
  tx.append(knowledgeChanged, { textId, change, version });
  tx.afterCommit(() => tx.use(knowledgeCache).changed(tx.workspaceId));
}

function toSummary(row: Omit<TextRow, 'content' | 'workspaceId'>): KnowledgeTextSummary {
  return {
    id: row.id,
    title: row.title,
    version: row.version,
    characters: row.characters,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
