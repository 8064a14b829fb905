// The one table of who may do what. Checks, documents and the UI come from it.
import type { Role } from '@parley/contract/tenancy';

export const permissions = {
  'assistant:read': 'See the assistant, its runs and its models',
  'assistant:manage': 'Change the assistant, its knowledge, its models and its budget',
  'channels:read': 'See channels and their health',
  'channels:manage': 'Connect, test and remove channels; rent and release numbers',
  'conversations:read': 'See conversations and messages',
  'conversations:write': 'Take over, hand back, flag, archive; record consent',
  'events:read': "Read the workspace's event log",
  'keys:manage': 'Make and revoke API keys',
  'messages:send': 'Send messages; approve, edit and discard drafts; retry',
  'operations:manage': 'See and replay dead letters',
} as const;

export type Permission = keyof typeof permissions;

const viewer: Permission[] = ['assistant:read', 'channels:read', 'conversations:read', 'events:read'];
const agent: Permission[] = [...viewer, 'conversations:write', 'messages:send'];
const all = Object.keys(permissions) as Permission[];

export const permissionsOfRole: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(viewer),
  agent: new Set(agent),
  admin: new Set(all),
  owner: new Set(all),
};
