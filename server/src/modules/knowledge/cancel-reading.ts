// A reading that nobody wants any more: how it is cancelled, and how the job that does it hears of that.
import { setTimeout as wait } from 'node:timers/promises';
import type { TrainingData, TrainingDataError } from '@parley/contract/training-data';
import { and, eq, isNull, lt } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { tell } from './events.ts';
import { usualFetchAt } from './reading-state.ts';
import { findData, findDataOrNull, holdsContent, sumUp } from './store.ts';
import { trainingDocuments } from './tables.ts';
import { type DataRow, toTrainingData } from './view.ts';

const cancelled: TrainingDataError = {
  code: 'canceled',
  message: 'Reading it was cancelled. Read it again to have all of it.',
};

/**
 * Ends a reading that waits or runs: what was known before it stays known, as ready or as stale as it was. What is not being
 * read (any more) is answered as it is.
 * @throws ParleyError 404
 */
export async function cancelReading(ctx: Context, id: string): Promise<TrainingData> {
  return ctx.transaction(async (tx) => {
    const row = await findData(tx, id, true);
    if (row.state !== 'queued' && row.state !== 'reading') return toTrainingData(tx, row);
    await forgetUnread(tx, row);
    const outcome = await outcomeOf(tx, row);
    const after = await sumUp(tx, id, {
      ...outcome,
      // The job of this one finds that it is not meant any more, and writes nothing.
      reading: row.reading + 1,
      progress: null,
      failures: 0,
      nextFetchAt: outcome.state === 'failed' ? null : usualFetchAt(tx, row.refetchHours),
    });
    tell(tx, after, 'updated', true);
    return toTrainingData(tx, after);
  });
}

/** Pages that were only written down: the next reading finds them anew. */
async function forgetUnread(tx: TransactionContext, row: DataRow): Promise<void> {
  await tx.drizzle
    .delete(trainingDocuments)
    .where(
      and(
        eq(trainingDocuments.trainingDataId, row.id),
        isNull(trainingDocuments.content),
        lt(trainingDocuments.reading, row.reading),
      ),
    );
}

async function outcomeOf(tx: TransactionContext, row: DataRow) {
  if (!(await holdsContent(tx, row.id))) return { state: 'failed', error: cancelled } as const;
  const { settled } = row;
  if (settled && settled.state !== 'failed') return settled;
  // Of a first reading: the assistant answers from the pages that it came to.
  return { state: 'ready', error: cancelled, readAt: tx.clock.date() } as const;
}

const lookEveryMs = 500;

/**
 * Reads as long as somebody wants it: the work's signal aborts when the reading was cancelled, asked for anew, or what it reads
 * was removed, and that is no failure.
 */
export async function whileWanted(
  ctx: Context,
  row: DataRow,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const unwanted = new AbortController();
  const over = new AbortController();
  const watching = watch(ctx, row, unwanted, over.signal);
  try {
    await work(AbortSignal.any([signal, unwanted.signal]));
  } catch (error) {
    if (!unwanted.signal.aborted) throw error;
  } finally {
    over.abort();
    await watching;
  }
}

async function watch(
  ctx: Context,
  row: DataRow,
  unwanted: AbortController,
  over: AbortSignal,
): Promise<void> {
  for (;;) {
    await wait(lookEveryMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    // Where the database cannot be asked, the reading itself will hear of that.
    const now = await ctx.transaction((tx) => findDataOrNull(tx, row.id)).catch(() => row);
    if (now?.reading !== row.reading) return unwanted.abort();
  }
}
