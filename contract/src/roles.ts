// Roles of a workspace's own, and the table of permissions that they are made of.
import { z } from 'zod';
import { id, timestamp } from './common.ts';

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
  /** No own role and no key is given it. */
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

export const writeRole = z.object({
  name: z.string().trim().min(1).max(60),
  description: z.string().trim().max(300).default(''),
  permissions: z.array(z.string().max(60)).max(200),
});
export type WriteRole = z.input<typeof writeRole>;
