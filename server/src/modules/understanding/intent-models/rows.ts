// The versions of a workspace's models of intents, as they are kept.
import { workState } from '@parley/contract/common';
import type { IntentModel, IntentModelData, IntentModelMetrics } from '@parley/contract/intent-models';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict, notFound } from '../../../core/errors.ts';
import { defineEvent } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../../core/pagination.ts';
import type { StoredReading } from '../intent-drift/readings.ts';

export const intentModelChanged = defineEvent({
  type: 'intent_model.changed',
  doc: 'A model of intents came further in its training or to its end, or another one reads messages now (`live`).',
  permission: 'assistant:read',
  payload: z.object({
    modelId: z.uuid().nullable(),
    state: workState,
    progress: z.number(),
    live: z.boolean(),
  }),
  // Which one reads messages; how its training goes is no act.
  audit: { target: 'intent_model', id: 'modelId', when: ({ live }) => live },
});

export const intentModelPlace = (id: string) => `intent_models.file:${id}`;

export interface IntentModelRow {
  readonly id: string;
  readonly version: number;
  readonly origin: IntentModel['origin'];
  readonly state: IntentModel['state'];
  readonly progress: number;
  readonly data: IntentModelData | null;
  readonly metrics: IntentModelMetrics | null;
  readonly error_code: string | null;
  readonly bytes: number | null;
  readonly checksum: string | null;
  readonly created_by: string;
  readonly started_at: Date | string;
  readonly finished_at: Date | string | null;
  readonly live: boolean;
}

// Without the file, which is large.
const columns = `m.id, m.version, m.origin, m.state, m.progress, m.data, m.metrics, m.error_code, m.bytes, m.checksum,
  m.created_by, m.started_at, m.finished_at,
  m.id is not distinct from (select p.model_id from intent_model_promotions p where p.workspace_id = $1
    order by p.promoted_at desc, p.id desc limit 1) as live`;

const iso = (moment: Date | string) => new Date(moment).toISOString();

export function toIntentModel(row: IntentModelRow): IntentModel {
  return {
    id: row.id,
    version: row.version,
    origin: row.origin,
    state: row.state,
    progress: row.progress,
    live: row.live,
    data: row.data,
    metrics: row.metrics,
    errorCode: row.error_code,
    bytes: row.bytes,
    checksum: row.checksum,
    createdBy: row.created_by,
    startedAt: iso(row.started_at),
    finishedAt: row.finished_at === null ? null : iso(row.finished_at),
  };
}

/** @throws ParleyError 404 */
export async function findIntentModel(tx: TransactionContext, id: string): Promise<IntentModelRow> {
  const [row] = await tx.sql<IntentModelRow>(
    `select ${columns} from intent_models m where m.workspace_id = $1 and m.id = $2`,
    [tx.workspaceId, id],
  );
  if (!row) throw notFound('intent model');
  return row;
}

/** The newest first. */
export async function listIntentModels(
  ctx: Context,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: IntentModel[]; nextCursor: string | null }> {
  const before = cursor ? decodeCursor(cursor, z.tuple([z.int()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<IntentModelRow>(
      `select ${columns} from intent_models m where m.workspace_id = $1 and ($2::int is null or m.version < $2)
       order by m.version desc limit $3`,
      [tx.workspaceId, before?.[0] ?? null, limit + 1],
    );
    const { items, nextCursor } = toPage(rows, limit, ({ version }) => [version]);
    return { items: items.map(toIntentModel), nextCursor };
  });
}

/** Longer than all tries of a training together: of its two jobs, four each, ten minutes long, behind those of others. */
const givenUpAfterMs = 4 * 3_600_000;

/** The next version. @throws ParleyError 409 `training_running` */
export async function insertIntentModel(
  tx: TransactionContext,
  origin: IntentModel['origin'],
): Promise<string> {
  const id = newId();
  // Of a process that was killed at its last try: nobody else would end it.
  const givenUp = await tx.sql<{ id: string }>(
    `select id from intent_models where workspace_id = $1 and state = 'running' and started_at < $2`,
    [tx.workspaceId, new Date(tx.clock.now() - givenUpAfterMs)],
  );
  for (const { id: lost } of givenUp)
    await endIntentModel(tx, lost, { state: 'failed', errorCode: 'training_failed' });
  const [row] = await tx.sql<{ id: string }>(
    `insert into intent_models (id, workspace_id, version, origin, state, created_by, started_at)
     select $2, $1, coalesce(max(version), 0) + 1, $3, 'running', $4, $5 from intent_models where workspace_id = $1
     on conflict do nothing returning id`,
    [tx.workspaceId, id, origin, tx.actor.id ?? tx.actor.kind, tx.clock.date()],
  );
  if (!row) throw conflict('training_running', 'A model is being trained already.');
  return id;
}

export function tellIntentModel(
  tx: TransactionContext,
  { id, state, progress, live }: Pick<IntentModelRow, 'id' | 'state' | 'progress' | 'live'>,
): void {
  tx.append(intentModelChanged, { modelId: id, state, progress, live });
}

/** Does nothing where it has ended already. */
export async function endIntentModel(
  tx: TransactionContext,
  id: string,
  end: { state: 'canceled' | 'failed'; errorCode: string | null },
): Promise<void> {
  const rows = await tx.sql(
    `update intent_models set state = $2, error_code = $3, finished_at = $4, data = null, reference = null, file = null,
       bytes = null, checksum = null
     where id = $1 and state = 'running' returning id`,
    [id, end.state, end.errorCode, tx.clock.date()],
  );
  if (rows.length > 0) tellIntentModel(tx, await findIntentModel(tx, id));
}

export interface MadeModel {
  readonly file: Uint8Array;
  readonly checksum: string;
  readonly data: IntentModelData | null;
  /** How it read the messages of the time in which it was trained; null where there were none. */
  readonly reference: StoredReading | null;
}

/**
 * What was learned, before it is measured: a training that is killed goes on from here. False where it was cancelled meanwhile.
 */
export async function keepLearned(tx: TransactionContext, id: string, made: MadeModel): Promise<boolean> {
  const rows = await tx.sql(
    `update intent_models set progress = $2, file = $3, bytes = $4, checksum = $5, data = $6, reference = $7
     where id = $1 and state = 'running' returning id`,
    [
      id,
      learnedShare,
      tx.seal(made.file, intentModelPlace(id)),
      made.file.length,
      made.checksum,
      made.data && JSON.stringify(made.data),
      made.reference && JSON.stringify(made.reference),
    ],
  );
  return rows.length > 0;
}

/** Of a training, learning; the rest is measuring. */
export const learnedShare = 0.5;

/** It is whole, and can be promoted. Does nothing where it was cancelled meanwhile. */
export async function finishIntentModel(
  tx: TransactionContext,
  id: string,
  metrics: IntentModelMetrics | null,
): Promise<void> {
  const rows = await tx.sql(
    `update intent_models set state = 'done', progress = 1, metrics = $2, finished_at = $3
     where id = $1 and state = 'running' and file is not null returning id`,
    [id, metrics && JSON.stringify(metrics), tx.clock.date()],
  );
  if (rows.length > 0) tellIntentModel(tx, await findIntentModel(tx, id));
}
