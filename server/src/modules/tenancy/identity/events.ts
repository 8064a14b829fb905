// What becomes of the ways to sign in, for the audit.
import { z } from 'zod';
import { defineEvent } from '../../../core/events.ts';

const permission = 'audit:read';

export const ssoChanged = defineEvent({
  type: 'sso.changed',
  doc: 'The workspace’s own sign-in was set, or is another one.',
  permission,
  payload: z.object({ issuer: z.string(), enforced: z.boolean(), defaultRole: z.string().nullable() }),
  audit: { target: 'workspace', id: null, alerts: () => true },
});
export const ssoRemoved = defineEvent({
  type: 'sso.removed',
  doc: 'The workspace has no sign-in of its own any more; who had come by it is out.',
  permission,
  payload: z.object({ issuer: z.string() }),
  audit: { target: 'workspace', id: null, alerts: () => true },
});
export const identityLinked = defineEvent({
  type: 'identity.linked',
  doc: 'A member can sign in by an identity elsewhere: of Google, Microsoft, Supabase, or their company.',
  permission,
  payload: z.object({ userId: z.string(), way: z.string() }),
  audit: { target: 'member', id: 'userId' },
});
export const identityUnlinked = defineEvent({
  type: 'identity.unlinked',
  doc: 'A member does not sign in by an identity elsewhere any more.',
  permission,
  payload: z.object({ userId: z.string(), way: z.string() }),
  audit: { target: 'member', id: 'userId' },
});
