// How far a reading came, and how it ended.
import type { TrainingDataError, TrainingDataProgress } from '@parley/contract/training-data';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { tell } from './events.ts';
import { findDataOrNull, holdsContent, sumUp } from './store.ts';
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

/** When what is looked at every so many hours is looked at next; null for never. */
export function usualFetchAt(tx: TransactionContext, refetchHours: number | null): Date | null {
  return refetchHours === null ? null : new Date(tx.clock.now() + refetchHours * 3_600_000);
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
  const usable = await holdsContent(tx, row.id);
  const state = !usable ? 'failed' : more.stale ? 'stale' : 'ready';
  const failures = error && again ? row.failures + 1 : 0;
  const soonMs = failures > 0 && failures <= failuresMax ? againMs * 2 ** (failures - 1) : null;
  const usualAt = usualFetchAt(tx, row.refetchHours);
  const after = await sumUp(tx, row.id, {
    state,
    error,
    failures,
    progress: null,
    nextFetchAt:
      soonMs === null
        ? usualAt
        : new Date(Math.min(now + soonMs, usualAt?.getTime() ?? Number.POSITIVE_INFINITY)),
    ...(more.origin ? { origin: more.origin } : {}),
    ...(state === 'ready' ? { readAt: new Date(now) } : {}),
  });
  tell(tx, after, 'updated', true);
}
