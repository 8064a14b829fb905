// The ledger of all that was spent: what was not held before is written down here.
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { Context, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';

/** What money, tokens or segments are spent on. */
export interface Spending {
  readonly kind: 'model' | 'sms';
  /** E.g. `run`. */
  readonly purpose: SpendingPurpose;
  readonly modelId: string | null;
  /** Its name now: models come and go. */
  readonly model: string | null;
  readonly conversationId: string | null;
  readonly contactId: string | null;
  /** Of segments: what they are sent with. */
  readonly messageId?: string;
}

export interface Spent {
  /** Null: of a model without a price. */
  readonly costMicros: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly segments: number;
}

const note = {
  name: 'ledger_note',
  text: `insert into ledger (id, workspace_id, kind, purpose, model_id, model, conversation_id, contact_id, cost_micros,
      input_tokens, output_tokens, segments, created_at, settled_at, message_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)`,
};

/** Writes down what was spent without having been held. */
export async function noteSpent(ctx: Context, spending: Spending, spent: Spent): Promise<void> {
  await ctx.transaction(async (tx) =>
    tx.last(note, [
      newId(),
      tx.workspaceId,
      spending.kind,
      spending.purpose,
      spending.modelId,
      spending.model,
      spending.conversationId,
      spending.contactId,
      spent.costMicros,
      spent.inputTokens,
      spent.outputTokens,
      spent.segments,
      tx.clock.date(),
      spending.messageId ?? null,
    ]),
  );
}

// In the period in which it was spent, under the caps that counted it.
const takeBack = {
  name: 'ledger_unspend',
  text: `with last as (
      select id, segments from ledger where message_id = $1 and segments > 0 order by id desc limit 1 for update
    ), entry as (
      update ledger l set segments = 0 from last where l.id = last.id returning l.holds, last.segments
    ), locked as (
      select c.cap_id, c.subject_id, c.starts_on, entry.segments from entry,
        jsonb_to_recordset(entry.holds) as h(cap uuid, subject uuid, "on" date, unit text)
        join budget_counters c on c.cap_id = h.cap and c.subject_id = h.subject and c.starts_on = h."on"
        join budget_caps b on b.id = h.cap and b.unit = h.unit
      order by c.cap_id, c.subject_id, c.starts_on for update of c
    )
    update budget_counters c set spent = greatest(0, c.spent - l.segments)
    from locked l where c.cap_id = l.cap_id and c.subject_id = l.subject_id and c.starts_on = l.starts_on`,
};

/** Gives back the segments that were spent last on a message: it was not sent. */
export async function unspend(tx: TransactionContext, messageId: string): Promise<void> {
  await tx.sql(takeBack, [messageId]);
}
