// What inference keeps in memory in one process: what workspaces may use, the breakers of endpoints, figures.
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { ModelPrice } from '@parley/contract/models';
import type { RoutingSettings } from '@parley/contract/routing';
import type { Histogram } from 'prom-client';
import { type Context, definePort } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { WorkspaceCache } from '../../core/workspace-cache.ts';
import { indexPassages } from '../knowledge/knowledge.ts';
import { Breakers } from './breakers.ts';
import { createBuiltinModel } from './builtin-model.ts';
import { FigureBook } from './figure-book.ts';
import { LedgerNotes } from './notes.ts';
import type { budgetCaps, models } from './tables.ts';

/** As it is stored: its key is sealed. */
export type StoredModel = typeof models.$inferSelect;
export type StoredCap = typeof budgetCaps.$inferSelect;

/** A model of the workspace or of the environment. */
export interface KnownModel extends Omit<StoredModel, 'workspaceId' | 'apiKey'> {
  readonly origin: 'workspace' | 'environment';
  /** What counts; null: nobody knows. */
  readonly price: ModelPrice | null;
  readonly sealedKey: Uint8Array | null;
  /** Of the environment. */
  readonly plainKey: string | null;
  /** Another one when its settings change. */
  readonly version: string;
}

export interface Catalogue {
  readonly models: readonly KnownModel[];
  readonly routing: RoutingSettings;
  readonly caps: readonly StoredCap[];
}

/** The head of an endpoint's answer; its body is read in one of two ways, once. */
export interface ChatAnswer {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  json(): Promise<unknown>;
  pieces(): AsyncIterable<unknown>;
}

export type EmbeddedKind = 'question' | 'passage';

/** One model at an endpoint that speaks OpenAI's chat completions, its embeddings, or both. */
export interface ChatEndpoint {
  chat(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ChatAnswer>;
  /** @param kind what the texts are; models of this machine tell one from the other. */
  embed(
    body: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    kind: EmbeddedKind,
  ): Promise<ChatAnswer>;
}

/** Opens models at endpoints outside. */
export interface ModelEndpoints {
  open(endpoint: { baseUrl: string; model: string; apiKey: string | null }): Promise<ChatEndpoint>;
}

export interface InferenceRuntime {
  readonly endpoints: ModelEndpoints;
  readonly opened: WeakMap<KnownModel, ChatEndpoint>;
  readonly builtIn: LanguageModelV4;
  readonly environmentModels: readonly KnownModel[];
  readonly catalogues: WorkspaceCache<Catalogue>;
  readonly breakers: Breakers;
  readonly figures: FigureBook;
  /** Entries of the ledger that are written together, a moment later. */
  readonly notes: LedgerNotes;
  /** What is written down without anybody waiting for it. */
  readonly background: Set<Promise<void>>;
  /** `kind` is built_in or outside; names of models are the customers' own. */
  readonly seconds: Histogram<'kind' | 'outcome'>;
}

export const inferenceRuntime = definePort<InferenceRuntime>('inference runtime');

export interface InferenceParts {
  readonly endpoints: ModelEndpoints;
  readonly environmentModels: readonly KnownModel[];
}

export function createRuntime(kernel: Kernel, parts: InferenceParts): InferenceRuntime {
  return {
    ...parts,
    opened: new WeakMap(),
    builtIn: createBuiltinModel(indexPassages),
    catalogues: new WorkspaceCache('inference', kernel.bus, { staleAfterMs: 10_000, workspacesMax: 5_000 }),
    breakers: new Breakers(),
    figures: new FigureBook(),
    notes: new LedgerNotes(() => kernel.systemContext()),
    background: new Set(),
    seconds: kernel.metrics.histogram('parley_model_call_seconds', 'How long models take to answer.', [
      'kind',
      'outcome',
    ]),
  };
}

/** Writes something down that nothing waits for, but the end of the process; its failure is logged. */
export function inBackground(ctx: Context, what: string, work: Promise<unknown>): void {
  const { background } = ctx.use(inferenceRuntime);
  const done = work.then(
    () => undefined,
    (error: unknown) => ctx.log.error({ err: error }, `${what} could not be written down`),
  );
  background.add(done);
  void done.then(() => background.delete(done));
}
