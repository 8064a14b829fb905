// The workspace's models: endpoints that speak OpenAI's chat completions, beside the built-in one that is always there.
import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Model, ModelInput } from '@parley/contract/models';
import { and, asc, eq, gt } from 'drizzle-orm';
import { z } from 'zod';
import type { Config } from '../../core/config.ts';
import type { Context, TransactionContext } from '../../core/context.ts';
import { isAllowedHost } from '../../core/egress.ts';
import { notFound, validationError } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { inferenceRuntime, type StoredModel } from './runtime.ts';
import { models } from './tables.ts';

export const modelChanged = defineEvent({
  type: 'model.changed',
  doc: 'A model was added, changed or removed.',
  payload: z.object({ modelId: z.uuid(), change: z.enum(['created', 'updated', 'deleted']) }),
});

const place = (modelId: string) => `models.api_key:${modelId}`;

/** Every model of the workspace, oldest first, from memory where it is known. Not for use in a transaction. */
export async function knownModels(ctx: Context): Promise<readonly StoredModel[]> {
  return ctx
    .use(inferenceRuntime)
    .models.get(ctx.workspaceId, () =>
      ctx.transaction((tx) =>
        tx.drizzle
          .select()
          .from(models)
          .where(eq(models.workspaceId, tx.workspaceId))
          .orderBy(asc(models.id)),
      ),
    );
}

/** Opens a model with its key. @throws CryptoError */
export async function openModel(ctx: Context, model: StoredModel): Promise<LanguageModelV4> {
  const vault = await ctx.vault();
  return ctx.use(inferenceRuntime).endpoints.open({
    baseUrl: model.baseUrl,
    model: model.model,
    apiKey: model.apiKey ? vault.openText(model.apiKey, place(model.id)) : null,
  });
}

/**
 * Whether private content may reach it: it is called local, and the operator of this installation (not only somebody in
 * the workspace) named its host in EGRESS_ALLOW_HOSTS.
 */
export function isLocal(config: Config, model: Pick<StoredModel, 'local' | 'baseUrl'>): boolean {
  return model.local && isAllowedHost(config.EGRESS_ALLOW_HOSTS, model.baseUrl);
}

export async function listModels(ctx: Context, input: { limit: number; cursor?: string }) {
  const after = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(models)
      .where(and(eq(models.workspaceId, tx.workspaceId), after ? gt(models.id, after[0]) : undefined))
      .orderBy(asc(models.id))
      .limit(input.limit + 1),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toModel), nextCursor };
}

/** @throws ParleyError 404 */
export async function getModel(ctx: Context, modelId: string): Promise<Model> {
  return toModel(await ctx.transaction((tx) => findModel(tx, modelId)));
}

/** @throws ParleyError 404 */
export async function findModel(tx: TransactionContext, modelId: string): Promise<StoredModel> {
  const [row] = await tx.drizzle.select().from(models).where(eq(models.id, modelId));
  if (!row) throw notFound('model');
  return row;
}

export async function createModel(ctx: Context, input: ModelInput): Promise<Model> {
  return ctx.transaction(async (tx) => {
    const now = tx.clock.date();
    const id = newId();
    const { apiKey, ...settings } = checked(tx, input);
    const row: StoredModel = {
      id,
      workspaceId: tx.workspaceId,
      ...settings,
      apiKey: apiKey ? tx.seal(apiKey, place(id)) : null,
      createdAt: now,
      updatedAt: now,
    };
    await tx.drizzle.insert(models).values(row);
    changed(tx, id, 'created');
    return toModel(row);
  });
}

/** @throws ParleyError 404; `sms.validation_error` when a stored key would move to another host. */
export async function updateModel(ctx: Context, modelId: string, input: ModelInput): Promise<Model> {
  return ctx.transaction(async (tx) => {
    const { apiKey, ...settings } = checked(tx, input);
    const before = await findModel(tx, modelId);
    const moved = new URL(before.baseUrl).origin !== new URL(settings.baseUrl).origin;
    // Whoever may change a model must not learn its key by pointing it at a host of their own.
    if (moved && before.apiKey && apiKey === undefined) {
      throw validationError('Enter the API key again: it was given for another host.', [
        { path: 'body.apiKey', message: 'is needed when the base URL moves to another host' },
      ]);
    }
    const [row] = await tx.drizzle
      .update(models)
      .set({
        ...settings,
        ...(apiKey === undefined ? {} : { apiKey: apiKey === null ? null : tx.seal(apiKey, place(modelId)) }),
        updatedAt: tx.clock.date(),
      })
      .where(eq(models.id, modelId))
      .returning();
    if (!row) throw notFound('model');
    changed(tx, modelId, 'updated');
    return toModel(row);
  });
}

/** @throws ParleyError 404 */
export async function deleteModel(ctx: Context, modelId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.drizzle.delete(models).where(eq(models.id, modelId)).returning({ id: models.id });
    if (rows.length === 0) throw notFound('model');
    changed(tx, modelId, 'deleted');
  });
}

/** @throws ParleyError `sms.validation_error` for a local model whose host the operator did not name. */
function checked(tx: TransactionContext, input: ModelInput): ModelInput {
  if (input.local && !isLocal(tx.config, input)) {
    throw validationError('Only a host that EGRESS_ALLOW_HOSTS names can be local.', [
      { path: 'body.local', message: 'needs the host of the base URL in EGRESS_ALLOW_HOSTS' },
    ]);
  }
  return { ...input, baseUrl: input.baseUrl.replace(/\/+$/, '') };
}

function changed(tx: TransactionContext, modelId: string, change: 'created' | 'updated' | 'deleted'): void {
  tx.append(modelChanged, { modelId, change });
  tx.afterCommit(() => tx.use(inferenceRuntime).models.changed(tx.workspaceId));
}

function toModel({ workspaceId: _, apiKey, createdAt, updatedAt, ...row }: StoredModel): Model {
  return {
    ...row,
    hasApiKey: apiKey !== null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
