// What tenancy tells the workspace's log: ids and roles.
import { secondFactorRule } from '@parley/contract/second-factor';
import { heldRole } from '@parley/contract/tenancy';
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';

export const apiKeyCreated = defineEvent({
  type: 'api_key.created',
  doc: 'An API key was made.',
  permission: 'keys:manage',
  payload: z.object({
    apiKeyId: z.uuid(),
    role: z.string(),
    roleId: z.uuid().optional(),
    permissions: z.array(z.string()).optional(),
    /** Null: it works until it is revoked. */
    expiresAt: z.iso.datetime().nullable(),
  }),
  audit: { target: 'api_key', id: 'apiKeyId' },
});
export const apiKeyRotated = defineEvent({
  type: 'api_key.rotated',
  doc: 'An API key has a new secret; the one before works for as many hours as it says.',
  permission: 'keys:manage',
  payload: z.object({ apiKeyId: z.uuid(), overlapHours: z.number().int() }),
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
  payload: z.object({
    userId: z.string(),
    role: heldRole,
    roleId: z.uuid().optional(),
    invitationId: z.uuid().optional(),
  }),
  audit: { target: 'member', id: 'userId' },
});
export const memberChanged = defineEvent({
  type: 'member.changed',
  doc: 'A member has another role; what they may do changed with it, at once.',
  permission: 'members:read',
  payload: z.object({
    userId: z.string(),
    role: heldRole,
    previous: heldRole,
    /** Of a role of the workspace's own. */
    roleId: z.uuid().optional(),
    previousRoleId: z.uuid().optional(),
  }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});
export const memberRemoved = defineEvent({
  type: 'member.removed',
  doc: 'A user is no member any more: they left, or were removed. Their conversations become nobody’s.',
  permission: 'members:read',
  payload: z.object({ userId: z.string(), role: heldRole, roleId: z.uuid().optional() }),
  audit: { target: 'member', id: 'userId' },
});
/** `o…@p….com`: no address stands in an event, and this tells one invitation from another when it is gone. */
const masked = z.string();

export const invitationCreated = defineEvent({
  type: 'invitation.created',
  doc: 'Somebody was invited to become a member.',
  permission: 'members:manage',
  payload: z.object({ invitationId: z.uuid(), role: heldRole, roleId: z.uuid().optional(), email: masked }),
  audit: { target: 'invitation', id: 'invitationId' },
});
export const invitationRenewed = defineEvent({
  type: 'invitation.renewed',
  doc: 'An invitation has another link, for another week.',
  permission: 'members:manage',
  payload: z.object({ invitationId: z.uuid() }),
  audit: { target: 'invitation', id: 'invitationId' },
});
export const invitationWithdrawn = defineEvent({
  type: 'invitation.withdrawn',
  doc: 'An invitation was withdrawn: its link is void.',
  permission: 'members:manage',
  payload: z.object({ invitationId: z.uuid(), email: masked }),
  audit: { target: 'invitation', id: 'invitationId' },
});
export const ownershipTransferred = defineEvent({
  type: 'ownership.transferred',
  doc: 'An owner handed the workspace to another member, and is an admin from then on.',
  permission: 'members:read',
  payload: z.object({ userId: z.string(), from: z.string() }),
  audit: { target: 'member', id: 'userId', alerts: () => true },
});
export const workspaceCreated = defineEvent({
  type: 'workspace.created',
  doc: 'A user, or the operator, made the workspace.',
  permission: 'members:read',
  payload: z.object({}),
  audit: { target: 'workspace', id: null },
});
export const roleCreated = defineEvent({
  type: 'role.created',
  doc: 'A role of the workspace’s own was made.',
  permission: 'members:read',
  payload: z.object({ roleId: z.uuid(), permissions: z.array(z.string()) }),
  audit: { target: 'role', id: 'roleId' },
});
export const roleChanged = defineEvent({
  type: 'role.changed',
  doc: 'A role of the workspace’s own was changed; what those may do who have it changed with it, at once.',
  permission: 'members:read',
  payload: z.object({ roleId: z.uuid(), given: z.array(z.string()), taken: z.array(z.string()) }),
  audit: { target: 'role', id: 'roleId', alerts: ({ given }) => given.length > 0 },
});
export const roleDeleted = defineEvent({
  type: 'role.deleted',
  doc: 'A role of the workspace’s own was deleted; nobody had it.',
  permission: 'members:read',
  payload: z.object({ roleId: z.uuid() }),
  audit: { target: 'role', id: 'roleId' },
});
export const workspaceChanged = defineEvent({
  type: 'workspace.changed',
  doc: 'The workspace has another name, country or time zone, or another rule for second factors.',
  permission: 'members:read',
  payload: z.object({ changed: z.array(z.string()), secondFactor: secondFactorRule.optional() }),
  audit: { target: 'workspace', id: null },
});
