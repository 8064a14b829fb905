// The workspace's models: endpoints that speak OpenAI's chat completions, beside those of the environment and the built-in
// one that is always there.
import type { Model, ModelInput } from '@parley/contract/models';
import { and, asc, eq, gt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, validationError } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { catalogueChanged, findModel, isLocal, keyPlace, readCatalogue } from './catalogue.ts';
import { describeFigures, readFigures } from './figures.ts';
import { presetOf } from './presets.ts';
import { requestWindows } from './quotas.ts';
import type { KnownModel, StoredModel } from './runtime.ts';
import { models } from './tables.ts';

export const modelChanged = defineEvent({
  type: 'model.changed',
  doc: 'A model was added, changed or removed.',
  permission: 'assistant:read',
  payload: z.object({ modelId: z.uuid(), change: z.enum(['created', 'updated', 'deleted']) }),
  audit: { target: 'model', id: 'modelId' },
});

/** The workspace's own, oldest first; those of the environment stand before them on the first page. */
export async function listModels(ctx: Context, input: { limit: number; cursor?: string }) {
  const after = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select({ id: models.id })
      .from(models)
      .where(and(eq(models.workspaceId, tx.workspaceId), after ? gt(models.id, after[0]) : undefined))
      .orderBy(asc(models.id))
      .limit(input.limit + 1);
    const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
    const shown = new Set(items.map(({ id }) => id));
    const catalogue = await readCatalogue(tx);
    const [own, environment] = [
      catalogue.models.filter(({ id }) => shown.has(id)),
      catalogue.models.filter(({ origin }) => origin === 'environment'),
    ];
    return { items: await toModels(tx, after ? own : [...environment, ...own]), nextCursor };
  });
}

/** @throws ParleyError 404 */
export async function getModel(ctx: Context, modelId: string): Promise<Model> {
  return ctx.transaction(async (tx) => one(await toModels(tx, [await findModel(tx, modelId)])));
}

export async function createModel(ctx: Context, input: ModelInput): Promise<Model> {
  return ctx.transaction(async (tx) => {
    const now = tx.clock.date();
    const id = newId();
    const { apiKey, ...given } = input;
    const preset = presetOf(given.preset ?? 'custom');
    const row: StoredModel = {
      id,
      workspaceId: tx.workspaceId,
      firstTokenMs: 10_000,
      betweenTokensMs: 10_000,
      requestsPerMinuteMax: null,
      requestsPerDayMax: null,
      languages: [],
      capabilities: [...preset.capabilities],
      ...given,
      preset: preset.preset,
      baseUrl: checkedUrl(tx, given, given.baseUrl ?? preset.baseUrl),
      apiKey: apiKey ? tx.seal(apiKey, keyPlace(id)) : null,
      createdAt: now,
      updatedAt: now,
    };
    await tx.drizzle.insert(models).values(row);
    changed(tx, id, 'created');
    return one(await toModels(tx, [await findModel(tx, id)]));
  });
}

/**
 * @throws ParleyError 404; 409 for a model of the environment; `sms.validation_error` when a stored key would move to
 * another host.
 */
export async function updateModel(ctx: Context, modelId: string, input: ModelInput): Promise<Model> {
  return ctx.transaction(async (tx) => {
    const { apiKey, ...given } = input;
    const before = ownedOnly(await findModel(tx, modelId));
    const baseUrl = checkedUrl(tx, given, given.baseUrl ?? before.baseUrl);
    const moved = new URL(before.baseUrl).origin !== new URL(baseUrl).origin;
    // Whoever may change a model must not learn its key by pointing it at a host of their own.
    if (moved && before.sealedKey && apiKey === undefined) {
      throw validationError('Enter the API key again: it was given for another host.', [
        { path: 'body.apiKey', message: 'is needed when the base URL moves to another host' },
      ]);
    }
    const key = apiKey ? tx.seal(apiKey, keyPlace(modelId)) : null;
    const rows = await tx.drizzle
      .update(models)
      .set({
        ...given,
        baseUrl,
        ...(apiKey === undefined ? {} : { apiKey: key }),
        updatedAt: tx.clock.date(),
      })
      .where(eq(models.id, modelId))
      .returning();
    if (rows.length === 0) throw notFound('model');
    changed(tx, modelId, 'updated');
    return one(await toModels(tx, [await findModel(tx, modelId)]));
  });
}

/** @throws ParleyError 404; 409 for a model of the environment */
export async function deleteModel(ctx: Context, modelId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    ownedOnly(await findModel(tx, modelId));
    const rows = await tx.drizzle.delete(models).where(eq(models.id, modelId)).returning({ id: models.id });
    if (rows.length === 0) throw notFound('model');
    changed(tx, modelId, 'deleted');
  });
}

function ownedOnly(model: KnownModel): KnownModel {
  if (model.origin === 'workspace') return model;
  throw conflict(
    'model_of_environment',
    'This model is set in the environment of the installation, and only changed there.',
  );
}

/** @throws ParleyError `sms.validation_error` for a local model whose host the operator did not name. */
function checkedUrl(tx: TransactionContext, { local }: ModelInput, given: string | null): string {
  if (given === null) {
    throw validationError('Enter the base URL: only you know it.', [
      { path: 'body.baseUrl', message: 'is needed for this preset' },
    ]);
  }
  const baseUrl = given.replace(/\/+$/, '');
  if (local && !isLocal(tx.config, { local, baseUrl })) {
    throw validationError('Only a host that EGRESS_ALLOW_HOSTS names can be local.', [
      { path: 'body.local', message: 'needs the host of the base URL in EGRESS_ALLOW_HOSTS' },
    ]);
  }
  return baseUrl;
}

function changed(tx: TransactionContext, modelId: string, change: 'created' | 'updated' | 'deleted'): void {
  tx.append(modelChanged, { modelId, change });
  catalogueChanged(tx);
}

async function toModels(tx: TransactionContext, known: readonly KnownModel[]): Promise<Model[]> {
  const figures = await readFigures(tx);
  const windows = await requestWindows(tx);
  const asked = (modelId: string, period: 'minute' | 'day') =>
    windows.get(modelId)?.find((window) => window.period === period)?.requests ?? 0;
  return known.map((model) => {
    const { sealedKey, plainKey, version: _, createdAt, updatedAt, ...settings } = model;
    return {
      ...settings,
      hasApiKey: sealedKey !== null || plainKey !== null,
      requests: { minute: asked(model.id, 'minute'), day: asked(model.id, 'day') },
      figures: describeFigures(tx, model, figures(model.id)),
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    };
  });
}

function one(described: readonly Model[]): Model {
  const [model] = described;
  if (!model) throw new Error('a model that was found is not described');
  return model;
}
