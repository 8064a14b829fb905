// Which models may answer a question, in which order, and why the others may not. Pure.
import type { ModelReason } from '@parley/contract/runs';

/** Private content may reach only what runs on the operator's own machines. */
export type Sensitivity = 'normal' | 'private';

export interface RoutableModel {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Judged by the operator's settings, not only by the workspace's. */
  readonly local: boolean;
}

export interface Route<Candidate extends RoutableModel> {
  readonly candidates: readonly {
    readonly model: Candidate;
    readonly reason: 'preferred' | 'next_in_line';
  }[];
  readonly skipped: readonly ModelReason[];
}

/**
 * The preferred model first, the workspace's other enabled ones after it in their order. Where none is preferred there is
 * no candidate: the built-in model, which stands behind every list, answers.
 */
export function route<Candidate extends RoutableModel>(
  models: readonly Candidate[],
  preferredModelId: string | null,
  sensitivity: Sensitivity,
): Route<Candidate> {
  const preferred = models.find(({ id }) => id === preferredModelId);
  if (!preferred) return { candidates: [], skipped: [] };
  const candidates: { model: Candidate; reason: 'preferred' | 'next_in_line' }[] = [];
  const skipped: ModelReason[] = [];
  for (const model of [preferred, ...models.filter((other) => other !== preferred)]) {
    const refusal = refusalOf(model, sensitivity);
    if (!refusal) candidates.push({ model, reason: model === preferred ? 'preferred' : 'next_in_line' });
    // That somebody switched another model off explains nothing here.
    else if (model === preferred || refusal !== 'disabled') skipped.push(skip(model, refusal));
  }
  return { candidates, skipped };
}

function refusalOf(model: RoutableModel, sensitivity: Sensitivity): string | null {
  if (!model.enabled) return 'disabled';
  if (sensitivity === 'private' && !model.local) return 'private_content';
  return null;
}

export function skip(model: RoutableModel, reason: string): ModelReason {
  return { modelId: model.id, model: model.name, decision: 'skipped', reason, durationMs: 0 };
}
