// The tools' steps of a run, as they are kept: sealed, with the run; at its end, and before and after each call that
// changes something, so that whoever takes the run up knows what must not be done again.
import type { ToolStep } from '@parley/contract/tools';
import type { Context, TransactionContext } from '../../core/context.ts';

export const runStepsPlace = (runId: string) => `runs.steps:${runId}`;

export function sealSteps(tx: TransactionContext, runId: string, steps: readonly ToolStep[]): Buffer {
  return tx.seal(JSON.stringify(steps), runStepsPlace(runId));
}

export function openSteps(
  tx: TransactionContext,
  { id, steps }: { readonly id: string; readonly steps: Uint8Array | null },
): ToolStep[] {
  return steps ? (JSON.parse(tx.openText(steps, runStepsPlace(id))) as ToolStep[]) : [];
}

/** Somebody else ended this run, or took it up: what this transaction did is not to be. */
export class RunEndedError extends Error {
  override readonly name = 'RunEndedError';
}

/** @throws RunEndedError */
export async function keepSteps(
  ctx: Context,
  run: { readonly id: string; readonly take: number },
  steps: readonly ToolStep[],
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.sql(
      'update runs set steps = $3 where id = $1 and take = $2 and finished_at is null returning id',
      [run.id, run.take, sealSteps(tx, run.id, steps)],
    );
    if (rows.length === 0) throw new RunEndedError('the run is not this one’s to go on with');
  });
}
