// Who keeps the books of what is sent by SMS: asked in the transaction in which a message becomes one that goes out.
import { definePort, type TransactionContext } from '../../core/context.ts';
import { conflict } from '../../core/errors.ts';

export interface SentSegments {
  readonly messageId: string;
  /** Null, like the contact: a code to a member. */
  readonly conversationId: string | null;
  readonly contactId: string | null;
  readonly segments: number;
  /**
   * `run`: the assistant sends it; `send`: a member or a program; `code`: a code to a member's phone; `consent`: an answer to
   * STOP and HELP, which must go.
   */
  readonly purpose: 'run' | 'send' | 'code' | 'consent';
}

export interface SegmentLedger {
  /** Whether there may be no room. */
  isCapped(tx: TransactionContext): Promise<boolean>;
  /** Counts what is about to be sent. Returns whether there was room for it: if not, nothing is counted. */
  spend(tx: TransactionContext, sent: SentSegments): Promise<boolean>;
  /** Writes down what is sent whatever there is room for. */
  note(tx: TransactionContext, sent: SentSegments): Promise<void>;
  /** What was counted last for a message that was not sent, and is not on its way any more. */
  giveBack(tx: TransactionContext, messageId: string): Promise<void>;
}

export const segmentLedger = definePort<SegmentLedger>('segment ledger');

/** @throws ParleyError 409 `budget_exhausted`, before anything is counted */
export async function spendSegments(tx: TransactionContext, sent: SentSegments): Promise<void> {
  if (!(await tx.use(segmentLedger).spend(tx, sent)))
    throw conflict('budget_exhausted', 'A cap on SMS segments has no room for this message.');
}
