// How far a reading came, and how it ended.
import type { TrainingDataError, TrainingDataProgress } from '@parley/contract/training-data';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { tell } from './events.ts';
import { findDataOrNull, sumUp } from './store.ts';
import { trainingData } from './tables.ts';
import type { DataRow } from './view.ts';

/** Runs work on the row as it is now, locked, unless it was deleted or asked to be read again meanwhile. */
export async function inReading<T>(
  ctx: Context,
  { id, reading }: Pick<DataRow, 'id' | 'reading'>,
  work: (tx: TransactionContext, row: DataRow) => Promise<T>,
): Promise<T | null> {
  return ctx.transaction(async (tx) => {
    const row = await findDataOrNull(tx, id, true);
    return row?.reading === reading && row.state === 'reading' ? work(tx, row) : null;
  });
}

export async function showProgress(
  ctx: Context,
  row: Pick<DataRow, 'id' | 'reading'>,
  progress: TrainingDataProgress,
): Promise<void> {
  await inReading(ctx, row, async (tx, now) => {
    await tx.drizzle.update(trainingData).set({ progress }).where(eq(trainingData.id, row.id));
    tell(tx, { ...now, progress }, 'progressed', false);
  });
}

const againMs = 10 * 60_000;
const failuresMax = 5;

/**
 * Ends a reading: what is known, what is missing, and when it is looked at again.
 * @param again whether what failed may work in a while
 */
export async function finish(
  tx: TransactionContext,
  row: DataRow,
  error: TrainingDataError | null,
  again: boolean,
  more: { readonly origin?: Uint8Array; readonly stale?: boolean } = {},
): Promise<void> {
  const now = tx.clock.now();
  const [held] = await tx.sql<{ usable: boolean }>(
    `select exists (select 1 from training_documents where training_data_id = $1 and content is not null and state <> 'failed') as usable`,
    [row.id],
  );
  const state = more.stale && held?.usable ? 'stale' : held?.usable ? 'ready' : 'failed';
  const failures = error && again ? row.failures + 1 : 0;
  const usualMs = row.refetchHours === null ? null : row.refetchHours * 3_600_000;
  const soonMs = failures > 0 && failures <= failuresMax ? againMs * 2 ** (failures - 1) : null;
  const waitMs = soonMs === null ? usualMs : Math.min(soonMs, usualMs ?? soonMs);
  const after = await sumUp(tx, row.id, {
    state,
    error,
    failures,
    progress: null,
    nextFetchAt: waitMs === null ? null : new Date(now + waitMs),
    ...(more.origin ? { origin: more.origin } : {}),
    ...(state === 'ready' ? { readAt: new Date(now) } : {}),
  });
  tell(tx, after, 'updated', true);
}
