// What the assistant may know: given as texts, files, pages and pairs, sealed at rest, cut into passages and searched in
// memory, or in the database where it is much. This is the door; the rest of the module is behind it.
import type { Language } from '@parley/contract/common';
import type { KnowledgeChange } from '@parley/contract/shadow-runs';
import type { TrainingDataError } from '@parley/contract/training-data';
import type { Context } from '../../core/context.ts';
import { type AskedQuestions, type EmbeddingModel, embedderPort } from './embedder.ts';
import { type KnownPassage, loadKnowledge } from './knowledge-index.ts';
import { contentTerms } from './phrases.ts';
import {
  buildPassageIndex,
  type PassageIndex,
  type RankablePassage,
  type RankedPassage,
  rankPassages,
  resultsMax,
} from './ranking.ts';
import type { GivenFile } from './read-text.ts';
import { knowledgeRuntime } from './runtime.ts';
import type { QuestionVector } from './vectors/load.ts';
import { rankInMemory } from './vectors/rank-in-memory.ts';
import { fold, wordsOf } from './words.ts';

export {
  type AskedQuestions,
  type Embedder,
  type EmbeddingModel,
  embedderPort,
  type NoVectors,
} from './embedder.ts';
export { makeVectors } from './jobs.ts';
export { type KnownPassage, titlesOf } from './knowledge-index.ts';
export { goLive, isThere, refuseUntriable } from './live.ts';
export { createKnowledgeRuntime, knowledgeRuntime } from './runtime.ts';
export { createText } from './texts.ts';
export { createPair, deleteTrainingData } from './training-data.ts';
export { fold } from './words.ts';

/** Everything that the assistant of a workspace may know, ready to be searched. */
export interface KnowledgeIndex {
  /** Whether a question waits for nobody: then it may be asked within a transaction. */
  readonly isAtOnce: boolean;
  /** What makes vectors of questions; null: nothing. */
  readonly embeddedBy: EmbeddingModel | null;
  /**
   * The passages that share anything with a question, best first, and with its vector those too that point where it points.
   * @throws CryptoError
   */
  rank(question: string, limit: number, vector?: QuestionVector): Promise<RankedPassage<KnownPassage>[]>;
}

/**
 * The workspace's passages, from memory where nothing changed. Not for use in a transaction.
 * @param change tries how it would be with other training data: then they are read anew
 * @throws CryptoError
 */
export async function passagesOf(ctx: Context, change?: KnowledgeChange): Promise<KnowledgeIndex> {
  const { cache } = ctx.use(knowledgeRuntime);
  const known = change
    ? await loadKnowledge(ctx, undefined, change)
    : await cache.get(ctx.workspaceId, (previous) => loadKnowledge(ctx, previous));
  const embeddedBy = await ctx.use(embedderPort).known(ctx);
  if (known.kind === 'memory') return inMemory(known.index, embeddedBy);
  // Loaded with the first large knowledge: most processes never have one.
  const { searchStored } = await import('./stored/search.ts');
  return {
    isAtOnce: false,
    embeddedBy,
    rank: (question, limit, vector) => searchStored(ctx, known, question, limit, vector),
  };
}

/** Pure. */
export function inMemory(
  index: PassageIndex<KnownPassage>,
  embeddedBy: EmbeddingModel | null = null,
): KnowledgeIndex {
  return {
    isAtOnce: embeddedBy === null,
    embeddedBy,
    rank: async (question, limit, vector) =>
      vector ? rankInMemory(index, question, limit, vector) : rankPassages(index, question, limit),
  };
}

/**
 * The same knowledge with the vectors of what it is about to be asked, where a model makes them in time, within the budget and
 * where they may go; otherwise as it is. Not for use in a transaction.
 */
export async function withVectors(
  ctx: Context,
  knowledge: KnowledgeIndex,
  asked: AskedQuestions,
): Promise<KnowledgeIndex> {
  const { embeddedBy } = knowledge;
  if (!embeddedBy) return knowledge;
  // Loaded with the first workspace that has a model for it.
  const { askVectors } = await import('./vectors/ask.ts');
  const vectors = await askVectors(ctx, embeddedBy, asked);
  if (!vectors) return knowledge;
  return {
    ...knowledge,
    rank: (question, limit) => knowledge.rank(question, limit, vectors(question)),
  };
}

/** Prepares passages for many questions; the answers come best first. */
export function indexPassages<T extends RankablePassage>(passages: readonly T[]) {
  const index = buildPassageIndex(passages);
  return (question: string) => rankPassages(index, question);
}

/** The words of a text that say something, as they are compared: without endings and accents. Pure. */
export function contentWordsOf(text: string): string[] {
  return contentTerms(wordsOf(fold(text)));
}

export interface FoundPassage extends KnownPassage {
  /** Comparable within one question only. */
  readonly score: number;
  /** The estimated probability, 0 to 1, that it answers the question. */
  readonly support: number;
}

/** The passages that share anything with a question, best first. @throws CryptoError */
export async function rankKnowledge(
  index: KnowledgeIndex,
  question: string,
): Promise<RankedPassage<KnownPassage>[]> {
  return index.rank(question, resultsMax);
}

/** What the same words say in the contact's language is worth more than in another. */
const sameLanguageFactor = 1.3;

/** The passages that speak most to a question, best first, those in `language` preferred among equals. @throws CryptoError */
export async function findPassages(
  index: KnowledgeIndex,
  question: string,
  language: Language,
  limit: number,
): Promise<FoundPassage[]> {
  const ranked = await index.rank(question, limit * 4);
  return ranked
    .map(({ passage, score, support }) => ({
      ...passage,
      score: passage.language === language ? score * sameLanguageFactor : score,
      support,
    }))
    .sort((left, right) => right.score - left.score)
    .slice(0, limit);
}

/** The content type of a file that can be read, by its bytes; null for every other one. */
export async function isReadable({ bytes, name, contentType }: GivenFile): Promise<string | null> {
  const { recognise } = await import('./file-kinds.ts');
  return (await recognise(bytes, name, contentType))?.contentType ?? null;
}

/** What a file says, read in a process of its own, and what of it could not be read. @throws only when the signal aborts */
export async function readFileText(
  ctx: Context,
  file: GivenFile,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly error: TrainingDataError | null }> {
  // Loaded with the first file that is read: most processes never read one.
  const { readText } = await import('./read-text.ts');
  return readText(ctx, file, signal);
}
