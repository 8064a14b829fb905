// Signing out, when words may be left behind that were never sent.
import { create } from 'zustand';
import { outboxEntries } from '../../lib/offline/outbox.ts';

type SignOut = () => Promise<void>;

/** What is done once the member has said that it is right; null: nothing is asked. */
export const useLeaving = create<{ signOut: SignOut | null }>(() => ({ signOut: null }));

/** Signs out, or asks first. */
export async function leaveWith(signOut: SignOut): Promise<void> {
  if (outboxEntries().length === 0) await signOut();
  else useLeaving.setState({ signOut });
}
