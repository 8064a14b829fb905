// What a workspace may use, as the router sees it: its models and those of the environment at their prices, how it wants
// to be routed, and its caps. One entry in memory for all of it, dropped in every process when any of it changes.
import { routingSettings } from '@parley/contract/routing';
import { asc, eq } from 'drizzle-orm';
import type { Config } from '../../core/config.ts';
import type { Context, TransactionContext } from '../../core/context.ts';
import { isAllowedHost } from '../../core/egress.ts';
import { notFound } from '../../core/errors.ts';
import { makeVectors } from '../knowledge/knowledge.ts';
import { priceOf } from './pricing.ts';
import {
  type Catalogue,
  type ChatEndpoint,
  inferenceRuntime,
  type KnownModel,
  type StoredModel,
} from './runtime.ts';
import { budgetCaps, modelPrices, models, routingRows } from './tables.ts';

export const keyPlace = (modelId: string) => `models.api_key:${modelId}`;

/** From memory where it is known. Not for use in a transaction. */
export async function knownCatalogue(ctx: Context): Promise<Catalogue> {
  return ctx
    .use(inferenceRuntime)
    .catalogues.get(ctx.workspaceId, () => ctx.transaction((tx) => readCatalogue(tx)));
}

export async function readCatalogue(tx: TransactionContext): Promise<Catalogue> {
  const mine = { models: eq(models.workspaceId, tx.workspaceId) };
  const [rows, prices, [routing], caps] = await Promise.all([
    tx.drizzle.select().from(models).where(mine.models).orderBy(asc(models.id)),
    tx.drizzle.select().from(modelPrices).where(eq(modelPrices.workspaceId, tx.workspaceId)),
    tx.drizzle.select().from(routingRows).where(eq(routingRows.workspaceId, tx.workspaceId)),
    tx.drizzle
      .select()
      .from(budgetCaps)
      .where(eq(budgetCaps.workspaceId, tx.workspaceId))
      .orderBy(asc(budgetCaps.id)),
  ]);
  const own = rows.map((row) => knownModel(tx.config, row));
  const known = [...own, ...tx.use(inferenceRuntime).environmentModels];
  return {
    models: known.map((model) => ({ ...model, price: priceOf(model, prices) })),
    routing: routingSettings.parse(routing?.settings ?? {}),
    caps,
  };
}

export function knownModel(config: Config, row: StoredModel): KnownModel {
  const { workspaceId: _, apiKey, ...settings } = row;
  const local = isLocal(config, row);
  return {
    ...settings,
    local,
    origin: 'workspace',
    price: priceOf({ ...row, local }, []),
    sealedKey: apiKey,
    plainKey: null,
    version: row.updatedAt.toISOString(),
  };
}

/**
 * Whether private content may reach it: it is called local, and the operator of this installation (not only somebody in
 * the workspace) named its host in EGRESS_ALLOW_HOSTS.
 */
export function isLocal(
  config: Config,
  model: { readonly local: boolean; readonly baseUrl: string },
): boolean {
  return model.local && isAllowedHost(config.EGRESS_ALLOW_HOSTS, model.baseUrl);
}

/** A model of the workspace or of the environment. @throws ParleyError 404 */
export async function findModel(tx: TransactionContext, modelId: string): Promise<KnownModel> {
  const found = (await readCatalogue(tx)).models.find(({ id }) => id === modelId);
  if (!found) throw notFound('model');
  return found;
}

/** Opens a model with its key. @throws CryptoError */
export async function openModel(ctx: Context, model: KnownModel): Promise<ChatEndpoint> {
  const { endpoints, opened } = ctx.use(inferenceRuntime);
  const known = opened.get(model);
  if (known) return known;
  const apiKey = model.sealedKey
    ? (await ctx.vault()).openText(model.sealedKey, keyPlace(model.id))
    : model.plainKey;
  const endpoint = await endpoints.open({ baseUrl: model.baseUrl, model: model.model, apiKey });
  opened.set(model, endpoint);
  return endpoint;
}

/** Tells every process, after the commit, and has the vectors of knowledge looked after: who makes them may be another one. */
export function catalogueChanged(tx: TransactionContext): void {
  makeVectors(tx);
  tx.afterCommit(() => tx.use(inferenceRuntime).catalogues.changed(tx.workspaceId));
}
