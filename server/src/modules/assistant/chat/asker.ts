// Whose chat it is: a member's. Programs have none.
import type { TransactionContext } from '../../../core/context.ts';
import { conflict } from '../../../core/errors.ts';

/** The member who asks; null for programs, which have no chats. */
export const askingMember = (tx: TransactionContext) => (tx.actor.kind === 'member' ? tx.actor.id : null);

/** @throws ParleyError 409 for a program */
export function memberWhoAsks(tx: TransactionContext): string {
  const userId = askingMember(tx);
  if (userId === null)
    throw conflict('members_only', 'A chat belongs to a member. Programs ask through /v1/chat/completions.');
  return userId;
}
