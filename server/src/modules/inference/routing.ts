// Which models may answer a question, in which order, and why the others may not. Pure. The steps in their order:
// sensitivity, capability, latency, quota, cost, health. The first ones refuse, whatever the later ones would say.
import type { Capability } from '@parley/contract/models';
import type { LatencyClass, Sensitivity } from '@parley/contract/routing';
import type { ModelReason } from '@parley/contract/runs';
import type { SensitivityLabel } from './sensitivity.ts';

export interface RoutableModel {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Judged by the operator's settings, not only by the workspace's. */
  readonly local: boolean;
  readonly capabilities: readonly Capability[];
  readonly languages: readonly string[];
  /** What it takes to answer; null where nobody knows yet. */
  readonly typicalMs: number | null;
  /** What this question would cost at most; null where the model has no price. */
  readonly costMicros: number | null;
  /** Its provider allows another request now. */
  readonly hasQuota: boolean;
  /** It failed several times in a row a moment ago. */
  readonly resting: boolean;
}

export interface Question extends SensitivityLabel {
  /** Besides to chat. */
  readonly needs: readonly Capability[];
  /** `unknown` asks nothing of a model. */
  readonly language: string;
  readonly latencyClass: LatencyClass;
  /** Asked first; null: nobody is preferred. */
  readonly preferredModelId: string | null;
  /** Whether somebody is asked although nobody is preferred. */
  readonly automatic: boolean;
  /** Asked after the preferred one, in this order. */
  readonly order: readonly string[];
  /** A cap on money counts for it: who has no price is not asked. */
  readonly moneyIsCapped: boolean;
}

export type Step = NonNullable<ModelReason['step']>;

export interface Candidate<Model extends RoutableModel> {
  readonly model: Model;
  readonly reason: 'preferred' | 'ordered' | 'fastest' | 'cheapest' | 'next_in_line';
  readonly step: Step;
}

export interface Route<Model extends RoutableModel> {
  readonly candidates: readonly Candidate<Model>[];
  readonly skipped: readonly ModelReason[];
}

/**
 * The preferred model first, then those that the workspace has put in order, then the others: the fastest first where
 * somebody watches, the cheapest first where nobody waits, as they were added otherwise. Where none is preferred and none
 * asked for, there is no candidate: the built-in model, which stands behind every list, answers.
 */
export function route<Model extends RoutableModel>(
  models: readonly Model[],
  question: Question,
): Route<Model> {
  const preferred = models.find(({ id }) => id === question.preferredModelId);
  if (!preferred && !question.automatic) return { candidates: [], skipped: [] };
  const placed = new Map(question.order.map((id, place) => [id, place]));
  const sorted = models
    .map((model, added) => ({ model, added, keys: keysOf(model, added, preferred, placed, question) }))
    .toSorted((a, b) => compare(a.keys, b.keys) || (a.model.id < b.model.id ? -1 : 1));
  const candidates: Candidate<Model>[] = [];
  const skipped: ModelReason[] = [];
  for (const { model } of sorted) {
    const refusal = refusalOf(model, question);
    if (!refusal) candidates.push({ model, ...placeOf(model, preferred, placed, question.latencyClass) });
    // That somebody switched another model off explains nothing here.
    else if (model === preferred || refusal.reason !== 'disabled')
      skipped.push({ ...skip(model, refusal.reason, refusal.step), ...because(refusal.because) });
  }
  return { candidates, skipped };
}

/** Compared from the first to the last, lower first. */
function keysOf(
  model: RoutableModel,
  added: number,
  preferred: RoutableModel | undefined,
  placed: ReadonlyMap<string, number>,
  { latencyClass }: Question,
): readonly number[] {
  const speed = model.typicalMs ?? Number.MAX_VALUE;
  const cost = model.costMicros ?? Number.MAX_VALUE;
  const byClass = { live: [speed, cost], message: [], batch: [cost, speed] };
  return [
    model === preferred ? 0 : 1,
    placed.get(model.id) ?? Number.MAX_VALUE,
    ...byClass[latencyClass],
    added,
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((key, index) => key !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}

function placeOf(
  model: RoutableModel,
  preferred: RoutableModel | undefined,
  placed: ReadonlyMap<string, number>,
  latencyClass: LatencyClass,
): Pick<Candidate<RoutableModel>, 'reason' | 'step'> {
  if (model === preferred) return { reason: 'preferred', step: 'order' };
  if (placed.has(model.id)) return { reason: 'ordered', step: 'order' };
  if (latencyClass === 'live' && model.typicalMs !== null) return { reason: 'fastest', step: 'latency' };
  if (latencyClass === 'batch' && model.costMicros !== null) return { reason: 'cheapest', step: 'cost' };
  return { reason: 'next_in_line', step: 'order' };
}

interface Refusal {
  readonly reason: string;
  readonly step: Step;
  readonly because?: readonly string[];
}

function refusalOf(model: RoutableModel, question: Question): Refusal | null {
  if (!model.enabled) return { reason: 'disabled', step: 'order' };
  if (isForbidden(model, question.sensitivity))
    return { reason: 'private_content', step: 'sensitivity', because: question.because };
  const lacking = [...new Set<Capability>(['chat', ...question.needs])].filter(
    (need) => !model.capabilities.includes(need),
  );
  if (lacking.length > 0) return { reason: 'lacks_capability', step: 'capability', because: lacking };
  const { language } = question;
  if (language !== 'unknown' && model.languages.length > 0 && !model.languages.includes(language))
    return { reason: 'lacks_language', step: 'capability', because: [language] };
  if (!model.hasQuota) return { reason: 'quota_exhausted', step: 'quota' };
  if (question.moneyIsCapped && model.costMicros === null) return { reason: 'price_unknown', step: 'cost' };
  if (model.resting) return { reason: 'circuit_open', step: 'health' };
  return null;
}

/** The one rule that nothing may soften: asked again right before every call. */
export function isForbidden(model: { readonly local: boolean }, sensitivity: Sensitivity): boolean {
  return sensitivity === 'private' && !model.local;
}

const because = (codes: readonly string[] | undefined) =>
  codes && codes.length > 0 ? { because: [...codes] } : {};

export function skip(model: Pick<RoutableModel, 'id' | 'name'>, reason: string, step: Step): ModelReason {
  return { modelId: model.id, model: model.name, decision: 'skipped', reason, step, durationMs: 0 };
}
