// How a workspace wants its questions routed; where one would go; and what was kept from going anywhere.
import type { DryRun, DryRunInput, RoutingReceipt, RoutingSettings } from '@parley/contract/routing';
import type { ModelReason } from '@parley/contract/runs';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { validationError } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { BUILTIN_MODEL, BUILTIN_PROVIDER } from './builtin-model.ts';
import { catalogueChanged, findModel, readCatalogue } from './catalogue.ts';
import { routingFor } from './overrides.ts';
import { plan } from './planning.ts';
import { routingRows } from './tables.ts';

export const builtInName = `${BUILTIN_PROVIDER}/${BUILTIN_MODEL}`;

export const routingChanged = defineEvent({
  type: 'routing.changed',
  doc: 'How the workspace’s questions are routed was changed.',
  permission: 'assistant:read',
  payload: z.object({ lastResort: z.string() }),
  audit: { target: 'routing', id: null },
});

export async function readRouting(ctx: Context): Promise<RoutingSettings> {
  return ctx.transaction(async (tx) => (await readCatalogue(tx)).routing);
}

/** @throws ParleyError 404 for a model that is not here, 400 for vectors by one that makes none */
export async function setRouting(ctx: Context, settings: RoutingSettings): Promise<RoutingSettings> {
  return ctx.transaction(async (tx) => {
    const overridden = Object.values(settings.overrides).flatMap((override) => override.order ?? []);
    for (const id of new Set([...Object.values(settings.order).flat(), ...overridden]))
      await findModel(tx, id);
    if (settings.embeddingModelId !== null) await refuseUnableToEmbed(tx, settings.embeddingModelId);
    const values = { settings, updatedAt: tx.clock.date() };
    await tx.drizzle
      .insert(routingRows)
      .values({ workspaceId: tx.workspaceId, ...values })
      .onConflictDoUpdate({ target: routingRows.workspaceId, set: values });
    tx.append(routingChanged, { lastResort: settings.lastResort });
    catalogueChanged(tx);
    return settings;
  });
}

async function refuseUnableToEmbed(tx: TransactionContext, modelId: string): Promise<void> {
  const { capabilities } = await findModel(tx, modelId);
  if (capabilities.includes('embeddings')) return;
  throw validationError('Choose a model that can make vectors.', [
    { path: 'body.embeddingModelId', message: 'needs a model with the capability embeddings' },
  ]);
}

/** Asks nobody. @throws ParleyError 404 for a model that is not here */
export async function dryRun(ctx: Context, input: DryRunInput): Promise<DryRun> {
  const { modelId: preferredModelId, automatic } = input;
  return ctx.transaction(async (tx) => {
    if (preferredModelId !== null) await findModel(tx, preferredModelId);
    const catalogue = await readCatalogue(tx);
    const { sensitivity, because, candidates, skipped } = await plan(tx, catalogue, {
      ...input,
      texts: [input.text],
      preferredModelId,
      inputTokensMax: Buffer.byteLength(input.text),
      purpose: input.work,
      // Somebody whom nobody knows yet.
      contactId: input.work === 'run' ? newId() : null,
    });
    const { lastResort } = routingFor(catalogue.routing, input.work);
    const builtIn = {
      modelId: null,
      model: builtInName,
      reason: preferredModelId === null && !automatic ? 'preferred' : 'fallback',
      step: 'order' as const,
    };
    return {
      sensitivity,
      because: [...because],
      candidates: [
        ...candidates.map(({ model, reason, step }) => ({
          modelId: model.id,
          model: model.name,
          reason,
          step,
        })),
        ...(lastResort === 'built_in' || (preferredModelId === null && !automatic) ? [builtIn] : []),
      ],
      skipped: skipped.map(({ decision: _, durationMs: __, ...reason }) => reason),
      lastResort,
    };
  });
}

interface ReceiptRow {
  id: string;
  purpose: string;
  conversation_id: string | null;
  because: string[];
  reasons: ModelReason[];
  created_at: Date | string;
}

/** Writes down that private content was answered by no model. */
export async function writeReceipt(
  ctx: Context,
  receipt: Omit<RoutingReceipt, 'id' | 'createdAt'>,
): Promise<void> {
  await ctx.transaction((tx) =>
    tx.sql(
      `insert into routing_receipts (id, workspace_id, purpose, conversation_id, because, reasons, created_at)
       values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7)`,
      [
        newId(),
        tx.workspaceId,
        receipt.purpose,
        receipt.conversationId,
        JSON.stringify(receipt.because),
        JSON.stringify(receipt.reasons),
        tx.clock.date(),
      ],
    ),
  );
}

/** Newest first. */
export async function listReceipts(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.sql<ReceiptRow>(
      `select * from routing_receipts where workspace_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      [tx.workspaceId, before?.[0] ?? null, input.limit + 1],
    ),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return {
    items: items.map(
      ({
        conversation_id: conversationId,
        created_at: createdAt,
        id,
        purpose,
        because,
        reasons,
      }): RoutingReceipt => ({
        id,
        purpose,
        conversationId,
        because,
        reasons,
        createdAt: new Date(createdAt).toISOString(),
      }),
    ),
    nextCursor,
  };
}
