// The chain of a workspace's audit: each entry's hash is made of all that it says and of the hash before it, the first
// one's of the workspace's id. Whoever has an export can compute it again. Pure.
import { createHash } from 'node:crypto';

/** An entry but for its hashes, as it is hashed and as it is stored. */
export interface EntryFields {
  readonly number: number;
  /** ISO 8601, UTC, microseconds: what PostgreSQL keeps. */
  readonly occurredAt: string;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly via: string;
  readonly sessionId: string | null;
  readonly requestId: string;
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string | null;
  readonly result: string;
  readonly details: unknown;
}

const sha256 = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** The same for the same JSON, whatever the order of its keys: PostgreSQL keeps its own. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  // Pairs in an object of their own: else an array of pairs would look the same.
  const pairs = Object.entries(value).map(([key, inner]) => [key, canonical(inner)] as const);
  return { pairs: pairs.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

/** What stands before the first entry. */
export const chainStart = (workspaceId: string): string => sha256(['parley.audit', workspaceId]);

/**
 * Stands for address and device in the chain. Both are personal data, which may have to be forgotten: without the salt,
 * nobody finds out by trying what it was made of.
 */
export const hashOrigin = (salt: string, address: string | null, device: string | null): string =>
  sha256([salt, address, device]);

export function hashEntry(
  workspaceId: string,
  fields: EntryFields,
  originHash: string,
  previousHash: string,
): string {
  return sha256([
    1,
    workspaceId,
    fields.number,
    fields.occurredAt,
    fields.actorKind,
    fields.actorId,
    fields.via,
    fields.sessionId,
    fields.requestId,
    fields.action,
    fields.targetKind,
    fields.targetId,
    fields.result,
    canonical(fields.details),
    originHash,
    previousHash,
  ]);
}

/** As `EntryFields.occurredAt`. */
export const toMicroseconds = (moment: Date): string => moment.toISOString().replace('Z', '000Z');

/** The end of a chain as it is sealed with the workspace's key. */
export const headText = (number: number, hash: string): string => `${number} ${hash}`;
export const headPlace = (workspaceId: string): string => `audit_heads.sealed:${workspaceId}`;

/** Up to where a chain was taken away, by which rule, and when. */
export interface Checkpoint {
  readonly number: number;
  readonly hash: string;
  /** Of the last entry that went. */
  readonly occurredAt: Date;
  readonly removedAt: Date;
  readonly days: number;
}

/** A checkpoint as it is sealed with the workspace's key. */
export const checkpointText = ({ number, hash, occurredAt, removedAt, days }: Checkpoint): string =>
  [number, hash, occurredAt.toISOString(), removedAt.toISOString(), days].join(' ');
export const checkpointPlace = (workspaceId: string): string => `audit_checkpoints.sealed:${workspaceId}`;
