// The workspace's audit: who did what to what, from where, with what result; and what its owners are alerted to.
import { z } from 'zod';
import { actor, id, page, pageQuery, timestamp } from './common.ts';

export const auditResult = z.enum(['done', 'refused', 'failed']);
export type AuditResult = z.infer<typeof auditResult>;

/** How it came in: over HTTP, from the command line, from work that goes on by itself. */
export const auditVia = z.enum(['http', 'command', 'job', 'server']);

export const auditEntry = z.object({
  /** Its place in the workspace's chain: 1, 2, 3 …, without a gap. */
  number: z.int().positive(),
  occurredAt: timestamp,
  /** `name` is null where nobody has that id any more. */
  actor: actor.extend({ name: z.string().nullable() }),
  via: auditVia,
  /** Of a member who was signed in. */
  sessionId: z.string().nullable(),
  requestId: z.string(),
  /** The type of the event that tells of it. */
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  result: auditResult,
  address: z.string().nullable(),
  /** Browser and system, or the program that called. */
  device: z.string().nullable(),
  /** Ids, states, figures and names of fields; never content. */
  details: z.record(z.string(), z.unknown()),
  /** SHA-256 over this entry and the hash before it. */
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditPage = page(auditEntry);
export type AuditPage = z.infer<typeof auditPage>;

const filters = z.object({
  /** The id of a member or a key, or a kind: `system`, `contact`, `assistant`, `member`, `api_key`. */
  actor: z.string().min(1).max(100).optional(),
  action: z.string().min(1).max(100).optional(),
  result: auditResult.optional(),
  from: timestamp.optional(),
  /** What happened at this moment is not in it. */
  to: timestamp.optional(),
});
export type AuditFilters = z.infer<typeof filters>;
export const auditQuery = pageQuery.extend(filters.shape);
export const auditExportQuery = filters.extend({ format: z.enum(['csv', 'jsonl']).default('csv') });

/** Every action that can be in the audit, for those who filter. */
export const auditActions = z.object({ items: z.array(z.string()) });

/** Something that owners and admins should look at; the same thing again counts up, until somebody dismisses it. */
export const securityAlert = z.object({
  id,
  /** The action of its entries in the audit. */
  kind: z.string(),
  target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  /** How many entries of the audit it stands for. */
  times: z.int().positive(),
  firstAt: timestamp,
  lastAt: timestamp,
  /** The newest of those entries. */
  entryNumber: z.int().positive(),
});
export type SecurityAlert = z.infer<typeof securityAlert>;
export const securityAlertList = z.object({ items: z.array(securityAlert) });
