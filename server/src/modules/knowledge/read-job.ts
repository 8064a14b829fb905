// The `knowledge.read` job. It may be killed and run again at any moment: each document is written in one transaction,
// marked with the reading that it was looked at in, and what belongs to an older reading is not taken.
import { eq } from 'drizzle-orm';
import type { Context } from '../../core/context.ts';
import type { JobRun } from '../../core/queue.ts';
import { whileWanted } from './cancel-reading.ts';
import { tell } from './events.ts';
import { readStoredFile } from './read-file.ts';
import { readPages } from './read-pages.ts';
import { finish, inReading } from './reading-state.ts';
import { findDataOrNull } from './store.ts';
import { trainingData } from './tables.ts';
import type { DataRow } from './view.ts';

export interface ReadInput {
  readonly trainingDataId: string;
  readonly reading: number;
}

export async function read(ctx: Context, input: ReadInput, run: JobRun): Promise<void> {
  const row = await begin(ctx, input);
  if (!row) return;
  try {
    await whileWanted(ctx, row, run.signal, (signal) =>
      row.kind === 'file' ? readStoredFile(ctx, row, signal) : readPages(ctx, row, signal),
    );
  } catch (error) {
    if (run.isLastAttempt) {
      await inReading(ctx, row, (tx, now) =>
        finish(tx, now, { code: 'unreadable', message: 'Something went wrong while it was read.' }, false),
      );
    }
    throw error;
  }
}

async function begin(ctx: Context, { trainingDataId, reading }: ReadInput): Promise<DataRow | null> {
  return ctx.transaction(async (tx) => {
    const row = await findDataOrNull(tx, trainingDataId, true);
    if (row?.reading !== reading || (row.state !== 'queued' && row.state !== 'reading')) return null;
    if (row.state === 'reading') return row;
    const [after] = await tx.drizzle
      .update(trainingData)
      .set({ state: 'reading' })
      .where(eq(trainingData.id, row.id))
      .returning();
    if (after) tell(tx, after, 'progressed', false);
    return after ?? null;
  });
}
