// SMS segments, under the same caps and in the same ledger as what models cost.
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { Context, TransactionContext } from '../../core/context.ts';
import { noteSpent, reserve, settle } from './budget.ts';
import { knownCatalogue, readCatalogue } from './catalogue.ts';
import { inferenceRuntime } from './runtime.ts';

/** What the assistant is about to send by SMS. */
export interface SegmentSpending {
  readonly purpose: SpendingPurpose;
  readonly conversationId: string;
  readonly contactId: string;
  readonly segments: number;
}

/**
 * Spends segments in the transaction that makes the message, under the caps on them. Returns whether there was room. What
 * is sent may still be refused by the carrier: it stays counted.
 */
export async function spendSegments(tx: TransactionContext, sms: SegmentSpending): Promise<boolean> {
  const known = tx.use(inferenceRuntime).catalogues.peek(tx.workspaceId) ?? (await readCatalogue(tx));
  const { segments, ...whom } = sms;
  const spending = { kind: 'sms' as const, modelId: null, model: null, assistantId: tx.workspaceId, ...whom };
  const amounts = { money: 0, tokens: 0, segments };
  const spent = { costMicros: 0, inputTokens: 0, outputTokens: 0, segments };
  if (known.caps.some(({ unit }) => unit === 'segments')) {
    const held = await reserve(tx, known.caps, spending, amounts);
    if ('refused' in held) return false;
    await settle(tx, held, spent);
  } else await noteSpent(tx, spending, spent);
  return true;
}

/** Brings what caps need into memory. Not for use in a transaction. */
export async function prepareSpending(ctx: Context): Promise<void> {
  await knownCatalogue(ctx);
}
