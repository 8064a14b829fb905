// Roles of a workspace's own, and the table of permissions that they are made of.
import { z } from 'zod';
import { displayName, id, timestamp } from './common.ts';

export const permissionArea = z.enum([
  'conversations',
  'assistant',
  'channels',
  'shop',
  'people',
  'workspace',
]);
export type PermissionArea = z.infer<typeof permissionArea>;

export const listedPermission = z.object({
  /** `area:action`. */
  name: z.string(),
  area: permissionArea,
  /** What it allows, in English. */
  allows: z.string(),
  /** Of the roles that come with Parley, those that have it. */
  roles: z.array(z.enum(['owner', 'admin', 'agent', 'viewer'])),
  /** No own role is given it, and no key that is made over the API. */
  ownersOnly: z.boolean(),
});
export type ListedPermission = z.infer<typeof listedPermission>;
export const permissionList = z.object({ items: z.array(listedPermission) });

export const roleInUse = z.object({
  members: z.number().int(),
  invitations: z.number().int(),
  apiKeys: z.number().int(),
});

/** A role that the workspace made for itself. */
export const workspaceRole = z.object({
  id,
  name: z.string(),
  description: z.string(),
  permissions: z.array(z.string()),
  inUse: roleInUse,
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type WorkspaceRole = z.infer<typeof workspaceRole>;
export const workspaceRoleList = z.object({ items: z.array(workspaceRole) });

/** What the roles that come with Parley are called, here and in the app: one of a workspace's own must not pass for them. */
const takenNames: ReadonlySet<string> = new Set([
  ...['owner', 'admin', 'administrator', 'agent', 'viewer'],
  ...['propietario', 'administrador', 'agente', 'lector'],
  ...['proprietario', 'leitor'],
]);
const isTaken = (name: string) =>
  takenNames.has(name.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase());

export const writeRole = z.object({
  name: displayName(60).refine((name) => !isTaken(name), {
    error: 'is what a role that comes with Parley is called',
  }),
  description: z.string().trim().max(300).default(''),
  permissions: z.array(z.string().max(60)).max(200),
});
export type WriteRole = z.input<typeof writeRole>;
