// What inference keeps in memory in one process: the workspaces' models, the breakers of their endpoints, figures.
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Histogram } from 'prom-client';
import { definePort } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { WorkspaceCache } from '../../core/workspace-cache.ts';
import { indexPassages } from '../knowledge/knowledge.ts';
import { Breakers } from './asking.ts';
import { createBuiltinModel } from './builtin-model.ts';
import type { models } from './tables.ts';

/** As it is stored: its key is sealed. */
export type StoredModel = typeof models.$inferSelect;

/** Opens models at endpoints outside. */
export interface ModelEndpoints {
  open(endpoint: { baseUrl: string; model: string; apiKey: string | null }): Promise<LanguageModelV4>;
}

export interface InferenceRuntime {
  readonly endpoints: ModelEndpoints;
  readonly builtIn: LanguageModelV4;
  readonly models: WorkspaceCache<readonly StoredModel[]>;
  readonly breakers: Breakers;
  /** `kind` is built_in or outside; names of models are the customers' own. */
  readonly seconds: Histogram<'kind' | 'outcome'>;
}

export const inferenceRuntime = definePort<InferenceRuntime>('inference runtime');

export function createInferenceRuntime(kernel: Kernel, endpoints: ModelEndpoints): InferenceRuntime {
  return {
    endpoints,
    builtIn: createBuiltinModel(indexPassages),
    models: new WorkspaceCache('models', kernel.bus, { staleAfterMs: 10_000, workspacesMax: 5_000 }),
    breakers: new Breakers(),
    seconds: kernel.metrics.histogram('parley_model_call_seconds', 'How long models take to answer.', [
      'kind',
      'outcome',
    ]),
  };
}
