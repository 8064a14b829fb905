// What makes vectors of texts, as knowledge sees it: whoever knows the models stands above, and fills this port.
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { Sensitivity } from '@parley/contract/routing';
import { type Context, definePort } from '../../core/context.ts';

/** The model that a workspace has chosen for it. */
export interface EmbeddingModel {
  readonly name: string;
  /** Another one where its vectors mean something else. */
  readonly fingerprint: string;
  /** Another one where other passages may reach it than before. */
  readonly privacy: string;
  /** Passages that it is asked for at once, at most. */
  readonly textsMax: number;
}

export interface AskedQuestions {
  readonly texts: readonly string[];
  /** What was said besides, in which private content is looked for too. */
  readonly said: readonly string[];
  readonly sensitivity: Sensitivity;
  /** What they are asked for, e.g. `run`. */
  readonly purpose: SpendingPurpose;
  /** Who is answered, for caps and for what it has cost. */
  readonly conversationId?: string;
  readonly contactId?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why no vectors came, in the codes of runs, and when it is worth another try; null: not before something is changed. */
export interface NoVectors {
  readonly failed: string;
  readonly retryAfterMs: number | null;
}

export interface Embedder {
  /** Null: none is chosen. Not for use in a transaction. */
  current(ctx: Context): Promise<EmbeddingModel | null>;
  /** The same, from memory where it is known. */
  known(ctx: Context): Promise<EmbeddingModel | null>;
  /**
   * A vector for each passage; none for one that is private where it would not stay on the operator's machines, and for one
   * that the model refuses though it takes others. Not for use in a transaction. @throws the signal's reason when it aborts
   */
  embedPassages(
    ctx: Context,
    model: EmbeddingModel,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly (Float32Array | null)[] | NoVectors>;
  /** A vector for each question, none of them where any is private. Likewise. */
  embedQuestions(
    ctx: Context,
    model: EmbeddingModel,
    asked: AskedQuestions,
  ): Promise<readonly Float32Array[] | NoVectors>;
}

export const embedderPort = definePort<Embedder>('embedder of knowledge');
