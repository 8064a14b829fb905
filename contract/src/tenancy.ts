// Who is signed in, in which workspace, and what they may do; API keys.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

export const role = z.enum(['owner', 'admin', 'agent', 'viewer']);
export type Role = z.infer<typeof role>;

export const me = z.object({
  kind: z.enum(['member', 'api_key']),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  apiKey: z.object({ id, name: z.string(), prefix: z.string() }).nullable(),
  workspace: z.object({ id, name: z.string(), role }).nullable(),
  workspaces: z.array(z.object({ id, name: z.string(), role })),
  permissions: z.array(z.string()),
});
export type Me = z.infer<typeof me>;

export const apiKey = z.object({
  id,
  name: z.string(),
  /** The first characters, to recognise it by. */
  prefix: z.string(),
  role,
  createdAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;

export const createApiKey = z.object({
  name: z.string().trim().min(1).max(100),
  role: role.exclude(['owner']),
  expiresAt: timestamp.optional(),
});
export type CreateApiKey = z.infer<typeof createApiKey>;

/** The key itself is shown this once. */
export const createdApiKey = apiKey.extend({ key: z.string() });
export type CreatedApiKey = z.infer<typeof createdApiKey>;

export const apiKeyPage = page(apiKey);
