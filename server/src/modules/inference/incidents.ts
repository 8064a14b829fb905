// Models that failed several times in a row: one incident from the moment that one is left alone until it answers again.
import type { ModelIncident } from '@parley/contract/models';
import { z } from 'zod';
import type { Context } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import type { BreakerListener } from './breakers.ts';
import { inBackground, type KnownModel } from './runtime.ts';

export const modelRested = defineEvent({
  type: 'model.rested',
  doc: 'A model failed several times in a row and is left alone for a while.',
  permission: 'assistant:read',
  payload: z.object({ incidentId: z.uuid(), modelId: z.uuid(), reason: z.string() }),
});

export const modelRecovered = defineEvent({
  type: 'model.recovered',
  doc: 'A model that was left alone answers again.',
  permission: 'assistant:read',
  payload: z.object({ incidentId: z.uuid(), modelId: z.uuid() }),
});

// Every process has breakers of its own; together they make one incident of it.
const open = `insert into model_incidents (id, workspace_id, model_id, model, reason, opened_at)
  select $1, $2, $3, $4, $5, $6
  where not exists (select 1 from model_incidents where workspace_id = $2 and model_id = $3 and closed_at is null)
  returning id`;
const close = `update model_incidents set closed_at = $2 where model_id = $1 and closed_at is null returning id`;

/** Writes incidents down; nothing waits for it. */
export function incidentsOf(ctx: Context, model: KnownModel): BreakerListener {
  return {
    opened: (reason) => inBackground(ctx, 'an incident', openIncident(ctx, model, reason)),
    closed: () => inBackground(ctx, 'the end of an incident', closeIncidents(ctx, model.id)),
  };
}

async function openIncident(ctx: Context, model: KnownModel, reason: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const id = newId();
    const values = [id, tx.workspaceId, model.id, model.name, reason, tx.clock.date()];
    if ((await tx.sql(open, values)).length > 0)
      tx.append(modelRested, { incidentId: id, modelId: model.id, reason });
  });
}

async function closeIncidents(ctx: Context, modelId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.sql<{ id: string }>(close, [modelId, tx.clock.date()]);
    for (const { id } of rows) tx.append(modelRecovered, { incidentId: id, modelId });
  });
}

interface IncidentRow {
  id: string;
  model_id: string;
  model: string;
  reason: string;
  opened_at: Date | string;
  closed_at: Date | string | null;
}

/** Newest first. */
export async function listIncidents(ctx: Context, input: { limit: number; cursor?: string }) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  const rows = await ctx.transaction((tx) =>
    tx.sql<IncidentRow>(
      `select * from model_incidents where workspace_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      [tx.workspaceId, before?.[0] ?? null, input.limit + 1],
    ),
  );
  const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
  return { items: items.map(toIncident), nextCursor };
}

function toIncident(row: IncidentRow): ModelIncident {
  return {
    id: row.id,
    modelId: row.model_id,
    model: row.model,
    reason: row.reason,
    openedAt: new Date(row.opened_at).toISOString(),
    closedAt: row.closed_at === null ? null : new Date(row.closed_at).toISOString(),
  };
}
