// Joins what is known of a workspace's models with a question, and asks the pure router. The same for a real question and
// for a dry run.
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { Capability } from '@parley/contract/models';
import type { LatencyClass, Sensitivity } from '@parley/contract/routing';
import type { Context } from '../../core/context.ts';
import { isMoneyCapped } from './holds.ts';
import { orderFor, routingFor } from './overrides.ts';
import { costOf } from './pricing.ts';
import { exhaustedQuotas } from './quotas.ts';
import { type RoutableModel, type Route, route } from './routing.ts';
import { type Catalogue, inferenceRuntime, type KnownModel } from './runtime.ts';
import { labelOf, type SensitivityLabel } from './sensitivity.ts';

export interface Plannable {
  readonly sensitivity: Sensitivity;
  /** What was said, called and told by anybody, in which private content is looked for. */
  readonly texts: readonly string[];
  /** The passages that go along; absent: none. */
  readonly knowledge?: readonly string[];
  readonly language: string;
  readonly needs: readonly Capability[];
  readonly latencyClass: LatencyClass;
  readonly preferredModelId: string | null;
  readonly automatic: boolean;
  /** What a model reads at most. */
  readonly inputTokensMax: number;
  /** What the money is spent on, e.g. `run`. */
  readonly purpose: SpendingPurpose;
  /** Who is answered; null: no contact. */
  readonly contactId: string | null;
}

export interface PlannedModel extends RoutableModel {
  readonly known: KnownModel;
}

export interface Plan extends SensitivityLabel, Route<PlannedModel> {}

export async function plan(ctx: Context, catalogue: Catalogue, asked: Plannable): Promise<Plan> {
  const settings = routingFor(catalogue.routing, asked.purpose);
  const knowledge = settings.detectsInKnowledge ? (asked.knowledge ?? []) : [];
  const label = labelOf(settings, asked.sensitivity, [...asked.texts, ...knowledge]);
  const { breakers, figures } = ctx.use(inferenceRuntime);
  const exhausted = await exhaustedQuotas(ctx, catalogue.models);
  const routable = catalogue.models.map(
    (model): PlannedModel => ({
      id: model.id,
      name: model.name,
      enabled: model.enabled,
      local: model.local,
      capabilities: model.capabilities,
      languages: model.languages,
      typicalMs: figures.typicalMs(model.id),
      costMicros: costOf(model.price, asked.inputTokensMax, model.outputTokensMax),
      hasQuota: !exhausted.has(model.id),
      resting: breakers.isResting(ctx.workspaceId, model),
      known: model,
    }),
  );
  const isThere = (modelId: string) => routable.some(({ id }) => id === modelId);
  const order = orderFor(catalogue.routing, asked, asked.preferredModelId, isThere);
  const spender = { ...asked, workspaceId: ctx.workspaceId };
  const moneyIsCapped = isMoneyCapped(catalogue.caps, spender, ctx.clock.date());
  return { ...label, ...route(routable, { ...asked, ...label, ...order, moneyIsCapped }) };
}
