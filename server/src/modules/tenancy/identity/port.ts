// Who is asked who somebody is: by clients of the guarded way out.
import { definePort } from '../../../core/context.ts';
import type { Egress } from '../../../core/egress.ts';

export interface IdentityClients {
  /** To those that the operator named. */
  readonly operator: Egress;
  /** To those that a workspace named. */
  readonly workspaces: Egress;
}

export const identityClients = definePort<IdentityClients>('identity clients');
