// How long things are kept, what must not be deleted, and the proof of what was.
import { z } from 'zod';
import { actor, id, page, timestamp } from './common.ts';

/**
 * - `messages`: what was said, with insights, notes, activities, proposals, and what runs repeat of it
 * - `deliveries`: webhook calls as they arrived
 * - `media`: files of messages
 * - `runs`: turns of the assistant, with confirmations and receipts
 * - `chats`: what members and the assistant said to each other
 * - `audit`: who did what to what
 */
export const retentionKinds = ['messages', 'deliveries', 'media', 'runs', 'chats', 'audit'] as const;
export const retentionKind = z.enum(retentionKinds);
export type RetentionKind = z.infer<typeof retentionKind>;

/**
 * Days at least. Providers send a webhook again for up to a day, and a delivery that is gone is not recognised. What an
 * intruder did is found out late: the audit has to reach back that far.
 */
export const retentionDaysMin: Readonly<Record<RetentionKind, number>> = {
  messages: 1,
  deliveries: 3,
  media: 1,
  runs: 1,
  chats: 1,
  audit: 90,
};
export const retentionDaysMax = 36_500;

const daysOf = (kind: RetentionKind) =>
  z.int().min(retentionDaysMin[kind]).max(retentionDaysMax).nullable().default(null);

/** Days; null: for ever. */
export const retention = z.object({
  messages: daysOf('messages'),
  deliveries: daysOf('deliveries'),
  media: daysOf('media'),
  runs: daysOf('runs'),
  chats: daysOf('chats'),
  audit: daysOf('audit'),
});
export type Retention = z.infer<typeof retention>;

export const retentionQuery = z.object({
  messages: z.coerce.number().int().min(1).max(retentionDaysMax).optional(),
  deliveries: z.coerce.number().int().min(3).max(retentionDaysMax).optional(),
  media: z.coerce.number().int().min(1).max(retentionDaysMax).optional(),
  runs: z.coerce.number().int().min(1).max(retentionDaysMax).optional(),
  chats: z.coerce.number().int().min(1).max(retentionDaysMax).optional(),
  audit: z.coerce.number().int().min(90).max(retentionDaysMax).optional(),
});
export type RetentionQuery = z.infer<typeof retentionQuery>;

/** What would go if these rules held. */
export const retentionPreview = z.object({
  items: z.array(
    z.object({
      kind: retentionKind,
      days: z.int(),
      /** What is older than this goes. */
      before: timestamp,
      rows: z.int(),
      /** The oldest of them; null where none would go. */
      oldest: timestamp.nullable(),
    }),
  ),
  /** Why nothing at all goes: the whole workspace is held. */
  held: z.boolean(),
});
export type RetentionPreview = z.infer<typeof retentionPreview>;

export const retentionResult = z.object({
  kind: retentionKind,
  days: z.int(),
  before: timestamp,
  /** Rows that went, or from which content was taken; files are counted apart. */
  rows: z.int(),
  files: z.int(),
  /** The oldest and the newest of what went. */
  oldest: timestamp.nullable(),
  newest: timestamp.nullable(),
  state: z.enum(['waiting', 'done', 'held', 'failed']),
});
export type RetentionResult = z.infer<typeof retentionResult>;

export const retentionRun = z.object({
  id,
  state: z.enum(['running', 'done', 'failed']),
  begunBy: z.enum(['schedule', 'member', 'command']),
  actor,
  results: z.array(retentionResult),
  errorCode: z.string().nullable(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type RetentionRun = z.infer<typeof retentionRun>;
export const retentionRunPage = page(retentionRun);

export const legalHold = z.object({
  id,
  /** Null: on the whole workspace. */
  contact: z.object({ id, name: z.string().nullable(), address: z.string().nullable() }).nullable(),
  reason: z.string(),
  setBy: actor,
  setAt: timestamp,
  ended: z.object({ by: actor, at: timestamp, reason: z.string() }).nullable(),
});
export type LegalHold = z.infer<typeof legalHold>;
export const legalHoldPage = page(legalHold);

const reason = z.string().trim().min(3).max(500);
export const setLegalHold = z.object({ contactId: id.nullable(), reason });
export type SetLegalHold = z.infer<typeof setLegalHold>;
export const endLegalHold = z.object({ reason });

const tableCount = z.object({ table: z.string(), rows: z.int() });

/** What there is of a contact, and would go. */
export const erasurePreview = z.object({
  contactId: id,
  /** By table, those with none left out. */
  counts: z.array(tableCount),
  files: z.int(),
  /** Knowledge that was taken from their conversations alone. */
  knowledge: z.int(),
  held: z.boolean(),
});
export type ErasurePreview = z.infer<typeof erasurePreview>;

/** Whether anything is left, looked for everywhere after all was deleted. */
export const searchReport = z.object({
  tables: z.int(),
  rows: z.int(),
  files: z.int(),
  /** Sealed values that could not be opened, and so not be searched. */
  unreadable: z.int(),
  /** What was found where. A name or a sentence that is found may be somebody else's. */
  found: z.array(z.object({ place: z.string(), what: z.enum(['address', 'name', 'text']), rows: z.int() })),
});
export type SearchReport = z.infer<typeof searchReport>;

export const erasure = z.object({
  id,
  contactId: id,
  state: z.enum(['running', 'done', 'failed']),
  /** How many rows there were, and how many went. */
  counts: z.array(tableCount.extend({ erased: z.int() })),
  files: z.int(),
  report: searchReport.nullable(),
  errorCode: z.string().nullable(),
  actor,
  createdAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type Erasure = z.infer<typeof erasure>;
export const erasurePage = page(erasure);
export const startErasure = z.object({ contactId: id });

/** Why a workspace cannot be erased as it is. */
export const erasureObstacle = z.enum(['legal_hold', 'numbers_rented']);
export type ErasureObstacle = z.infer<typeof erasureObstacle>;

export const workspaceErasure = z.object({
  /** Null: nobody has set one. */
  set: z.object({ by: actor, at: timestamp, beginsAt: timestamp }).nullable(),
  /** What keeps it from being set, and from beginning. */
  obstacle: erasureObstacle.nullable(),
  /** Numbers that are rented, to be released first. */
  numbers: z.array(z.string()),
});
export type WorkspaceErasure = z.infer<typeof workspaceErasure>;
/** The workspace's name, letter by letter. */
export const setWorkspaceErasure = z.object({ name: z.string().max(500) });

export const dataExport = z.object({
  id,
  /** Null: of the whole workspace. */
  contactId: id.nullable(),
  state: z.enum(['running', 'done', 'failed', 'canceled', 'expired']),
  /** Rows. */
  total: z.int(),
  done: z.int(),
  bytes: z.int().nullable(),
  /** SHA-256 of the file. */
  checksum: z.string().nullable(),
  errorCode: z.string().nullable(),
  actor,
  /** Whether whoever asks may fetch the file: who made the export, or an owner. */
  mine: z.boolean(),
  createdAt: timestamp,
  finishedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
});
export type DataExport = z.infer<typeof dataExport>;
export const dataExportPage = page(dataExport);
export const startExport = z.object({ contactId: id.nullable() });
/** The passphrase is told here and never again. */
export const startedExport = dataExport.extend({ passphrase: z.string() });
export type StartedExport = z.infer<typeof startedExport>;
/** Once, within a minute, in the session that asked. */
export const exportLink = z.object({ path: z.string(), validUntil: timestamp });
export type ExportLink = z.infer<typeof exportLink>;
export const exportLinkQuery = z.object({
  /** As the header says it elsewhere. */
  workspace: id.optional(),
  link: z.string().max(100),
});
