// What tenancy tells the workspace's log: ids and roles.
import { role } from '@parley/contract/tenancy';
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';

export const apiKeyCreated = defineEvent({
  type: 'api_key.created',
  doc: 'An API key was made.',
  permission: 'keys:manage',
  payload: z.object({ apiKeyId: z.uuid(), role: z.string() }),
  audit: { target: 'api_key', id: 'apiKeyId' },
});
export const apiKeyRevoked = defineEvent({
  type: 'api_key.revoked',
  doc: 'An API key was revoked; it stops working at once.',
  permission: 'keys:manage',
  payload: z.object({ apiKeyId: z.uuid() }),
  audit: { target: 'api_key', id: 'apiKeyId' },
});

export const memberCreated = defineEvent({
  type: 'member.created',
  doc: 'A user became a member of the workspace.',
  permission: 'members:read',
  payload: z.object({ userId: z.string(), role }),
  audit: { target: 'member', id: 'userId' },
});
export const memberChanged = defineEvent({
  type: 'member.changed',
  doc: 'A member has another role; what they may do changed with it, at once.',
  permission: 'members:read',
  payload: z.object({ userId: z.string(), role, previous: role }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});
export const memberRemoved = defineEvent({
  type: 'member.removed',
  doc: 'A user is no member any more: they left, or were removed. Their conversations become nobody’s.',
  permission: 'members:read',
  payload: z.object({ userId: z.string(), role }),
  audit: { target: 'member', id: 'userId' },
});
export const workspaceChanged = defineEvent({
  type: 'workspace.changed',
  doc: 'The workspace has another name, country or time zone.',
  permission: 'members:read',
  payload: z.object({ changed: z.array(z.string()) }),
  audit: { target: 'workspace', id: null },
});
