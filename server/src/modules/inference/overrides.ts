// How one kind of work is routed: as the workspace has it, but for what was set for that work. Pure.
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { LatencyClass, RoutedWork, RoutingSettings } from '@parley/contract/routing';

/** Checks, trials and shadow runs stand for answers to contacts: they show what those would be. */
const workOf: Partial<Record<SpendingPurpose, RoutedWork>> = {
  run: 'run',
  trial: 'run',
  check: 'run',
  shadow: 'run',
  chat: 'chat',
  api: 'api',
};

/** They try one model: it stays the first. */
const namesItsModel: ReadonlySet<SpendingPurpose> = new Set(['api', 'shadow', 'test']);

/** As the workspace's settings, for work of that purpose. */
export function routingFor(settings: RoutingSettings, purpose: SpendingPurpose): RoutingSettings {
  const work = workOf[purpose];
  const override = work && settings.overrides[work];
  if (!override) return settings;
  return {
    ...settings,
    // An override never makes public what the workspace finds private.
    alwaysPrivate: settings.alwaysPrivate || override.alwaysPrivate,
    lastResort: override.lastResort ?? settings.lastResort,
  };
}

/**
 * Who is asked first, and who after.
 * @param preferred the assistant's own first choice, or the model that was asked for by name
 * @param isThere of a model that is gone, its place may be left
 */
export function orderFor(
  settings: RoutingSettings,
  { purpose, latencyClass }: { readonly purpose: SpendingPurpose; readonly latencyClass: LatencyClass },
  preferred: string | null,
  isThere: (modelId: string) => boolean,
): { readonly preferredModelId: string | null; readonly order: readonly string[] } {
  const work = workOf[purpose];
  const own = (work && settings.overrides[work]?.order)?.filter(isThere);
  if (!own) return { preferredModelId: preferred, order: settings.order[latencyClass] };
  const [first] = own;
  // Where none is preferred, the built-in model is meant, or the router chooses.
  if (first === undefined || preferred === null || namesItsModel.has(purpose))
    return { preferredModelId: preferred, order: own };
  return { preferredModelId: first, order: [...own, preferred] };
}
