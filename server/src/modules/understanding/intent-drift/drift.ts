// Watches whether the messages of a workspace are still like those that its model of intents was made for, and tells it once.
import { driftReason, type IntentDrift } from '@parley/contract/intent-drift';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../../core/context.ts';
import { defineEvent } from '../../../core/events.ts';
import { defineJob } from '../../../core/queue.ts';
import { driftReasons, type Reading, stabilityOf } from '../../../learning/drift.ts';
import { findLiveModel, type LiveVersion } from '../intent-models/live.ts';
import {
  readJudgement,
  readRecent,
  readReference,
  referenceMin,
  type StoredReading,
  storedReadingShape,
  toPeriod,
  toReading,
} from './readings.ts';

export const intentsDrifted = defineEvent({
  type: 'intents.drifted',
  doc: 'The messages that come in are no longer like those that the model of intents was made for, or members correct much of what it says: told once, and not again until that is over.',
  permission: 'assistant:read',
  payload: z.object({ modelId: z.uuid().nullable(), reasons: z.array(driftReason) }),
});

export const checkIntentDrift = defineJob({
  name: 'understanding.check_intent_drift',
  doc: 'Compares the messages of late with those that the model of intents was made for.',
  input: z.object({}),
  effect: 'external',
  oneWaitingPerKey: true,
  concurrency: 2,
  retries: 2,
});

export const watchIntents = defineJob({
  name: 'understanding.watch_intents',
  doc: 'Has the messages of late compared, in workspaces that had any since they were compared last.',
  input: z.object({}),
  effect: 'system',
});

/** What is left goes with the next time. */
const workspacesMax = 1000;

/** The `understanding.watch_intents` job. */
export async function askForChecks(ctx: SystemContext): Promise<void> {
  const due = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select w.workspace_id from workspaces w left join intent_drifts d on d.workspace_id = w.workspace_id
       where exists (select 1 from insights i where i.workspace_id = w.workspace_id
           and i.created_at > coalesce(d.checked_at, '-infinity'))
         or exists (select 1 from insight_corrections c where c.workspace_id = w.workspace_id
           and c.created_at > coalesce(d.checked_at, '-infinity'))
       order by d.checked_at nulls first limit ${workspacesMax}`,
    ),
  );
  for (const { workspace_id: workspaceId } of due)
    await ctx.transactionIn(workspaceId, async (tx) =>
      tx.enqueue(checkIntentDrift, {}, { key: workspaceId }),
    );
}

const rowShape = z.object({
  model: z.string(),
  reference: storedReadingShape.nullable(),
  recent: storedReadingShape.nullable(),
  looked_at: z.int(),
  corrected: z.int(),
  reasons: z.array(driftReason),
  drifted_at: z.coerce.date().nullable(),
  checked_at: z.coerce.date(),
});
type DriftRow = z.infer<typeof rowShape>;

/** What was found of the model that reads messages now. */
async function findDrift(tx: TransactionContext, live: LiveVersion): Promise<DriftRow | null> {
  const [row] = await tx.sql('select * from intent_drifts where workspace_id = $1 and model = $2', [
    tx.workspaceId,
    live.name,
  ]);
  const known = row ? rowShape.parse(row) : null;
  // Promoted again, it begins anew.
  return known && live.since && known.checked_at < live.since ? null : known;
}

/** The `understanding.check_intent_drift` job. */
export async function checkDrift(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    // Of two checks at once, the second one sees what the first has told.
    await tx.sql('select from workspaces where workspace_id = $1 for no key update', [tx.workspaceId]);
    const live = await findLiveModel(tx);
    const known = await findDrift(tx, live);
    const reference = known?.reference ?? (await findReference(tx, live));
    const recent = await readRecent(tx, live.name, reference && new Date(reference.to));
    const judged = await readJudgement(tx, live.name);
    const reasons = driftReasons(
      {
        reference: reference && toReading(reference),
        recent: recent && toReading(recent),
        judged,
      },
      known?.reasons,
    );
    const now = tx.clock.date();
    const driftedAt = reasons.length === 0 ? null : (known?.drifted_at ?? now);
    await tx.sql(
      `insert into intent_drifts (workspace_id, model, reference, recent, looked_at, corrected, reasons, drifted_at, checked_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (workspace_id) do update set model = excluded.model, reference = excluded.reference,
         recent = excluded.recent, looked_at = excluded.looked_at, corrected = excluded.corrected,
         reasons = excluded.reasons, drifted_at = excluded.drifted_at, checked_at = excluded.checked_at`,
      [
        tx.workspaceId,
        live.name,
        reference && JSON.stringify(reference),
        recent && JSON.stringify(recent),
        judged.lookedAt,
        judged.corrected,
        JSON.stringify(reasons),
        driftedAt,
        now,
      ],
    );
    if (driftedAt && !known?.drifted_at) tx.append(intentsDrifted, { modelId: live.modelId, reasons });
  });
}

/** What is compared with, once there is enough of it. It stays the same for as long as the model reads. */
async function findReference(tx: TransactionContext, live: LiveVersion): Promise<StoredReading | null> {
  const trained = storedReadingShape.nullable().parse(live.reference);
  if (trained && toPeriod(trained).messages >= referenceMin) return trained;
  return readReference(tx, live.name, live.since);
}

/** As it was found last. */
export async function readIntentDrift(ctx: Context): Promise<IntentDrift> {
  return ctx.transaction(async (tx) => {
    const live = await findLiveModel(tx);
    const row = await findDrift(tx, live);
    const compared = row?.reference &&
      row.recent && { reference: toReading(row.reference), recent: toReading(row.recent) };
    const hasDrifted = (row?.reasons.length ?? 0) > 0;
    return {
      modelId: live.modelId,
      state: hasDrifted ? 'drifted' : compared ? 'steady' : 'unknown',
      reasons: row?.reasons ?? [],
      driftedAt: row?.drifted_at?.toISOString() ?? null,
      reference: row?.reference ? toPeriod(row.reference) : null,
      recent: row?.recent ? toPeriod(row.recent) : null,
      stabilityIndex: compared ? stabilityOf(compared.reference, compared.recent).index : null,
      shares: compared ? changesOf(compared.reference, compared.recent) : [],
      lookedAt: row?.looked_at ?? 0,
      corrected: row?.corrected ?? 0,
      checkedAt: row?.checked_at.toISOString() ?? null,
    };
  });
}

function changesOf(reference: Reading, recent: Reading): IntentDrift['shares'] {
  return [...new Set([...reference.counts.keys(), ...recent.counts.keys()])]
    .map((intent) => ({
      intent,
      reference: (reference.counts.get(intent) ?? 0) / reference.messages,
      recent: (recent.counts.get(intent) ?? 0) / recent.messages,
    }))
    .sort((a, b) => Math.abs(b.recent - b.reference) - Math.abs(a.recent - a.reference));
}
