// What surrounds every call of a model: what it can cost at most is held before, and what it did cost written down after.
import type { Context } from '../../core/context.ts';
import { type Reservation, reserve, settle } from './budget.ts';
import { holdsFor, isMoneyCapped } from './holds.ts';
import { noteSpent, type Spending, type Spent } from './ledger.ts';
import { hasQuota } from './quotas.ts';
import { type Catalogue, inBackground, inferenceRuntime, type KnownModel } from './runtime.ts';

export const nothing: Spent = { costMicros: 0, inputTokens: 0, outputTokens: 0, segments: 0 };

/** Null where nothing can be held: it is free or has no price, counts against nothing, and has no quota. */
export async function holdRoom(
  ctx: Context,
  { caps }: Catalogue,
  model: KnownModel,
  spending: Spending,
  amounts: Reservation['amounts'],
) {
  const spender = { workspaceId: ctx.workspaceId, ...spending };
  const now = ctx.clock.date();
  // Asked again after the plan: whoever asks one model by name has none.
  if (amounts.money === null && isMoneyCapped(caps, spender, now))
    return { refused: 'price_unknown', whenReached: 'cheaper' } as const;
  const holds = holdsFor(caps, spender, amounts, now);
  if (!amounts.money && holds.length === 0 && !hasQuota(model)) return null;
  return reserve(ctx, caps, spending, amounts, hasQuota(model) ? model : null);
}

/** An answer must not be lost because the books are closed: what is not settled counts in full after ten minutes. */
export async function writeDown(
  ctx: Context,
  spending: Spending,
  held: Reservation | null,
  spent: Spent,
  wasNotAsked: boolean,
): Promise<void> {
  const failed = (error: unknown) =>
    ctx.log.error({ err: error, purpose: spending.purpose }, 'what was spent could not be written down');
  if (held) await settle(ctx, held, spent).catch(failed);
  // Free, and nothing waits for it.
  else if (wasNotAsked) return;
  // An api process writes the many calls of programs together; a job's are few.
  else if (spending.purpose === 'api')
    ctx.use(inferenceRuntime).notes.add(ctx.workspaceId, spending, spent, ctx.clock.date());
  else inBackground(ctx, 'what was spent', noteSpent(ctx, spending, spent));
}
