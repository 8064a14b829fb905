// Who is signed in, in which workspace, and what they may do; the app's gate (app/session-gate.tsx) provides it.
import type { Me } from '@parley/contract/tenancy';
import { createContext, useContext } from 'react';

export interface Session {
  readonly me: Me;
  readonly user: NonNullable<Me['user']>;
  readonly workspace: NonNullable<Me['workspace']>;
  readonly permissions: ReadonlySet<string>;
  signOut(): Promise<void>;
  /** Looks at another workspace of the same user. */
  switchWorkspace(id: string): void;
}

export const SessionContext = createContext<Session | null>(null);

/** @throws outside of the gate: nothing behind it is shown to nobody */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody is signed in here');
  return session;
}

/** Whether the member may: `useCan('messages:send')`. The server checks again; this only keeps buttons honest. */
export function useCan(permission: string): boolean {
  return useSession().permissions.has(permission);
}
