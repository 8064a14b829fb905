// The tables of privacy, as the migrations make them.
import type { Erasure, RetentionKind, RetentionResult, SearchReport } from '@parley/contract/privacy';
import {
  bigint,
  customType,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const sealed = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const legalHolds = pgTable('legal_holds', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  contactId: uuid('contact_id'),
  /** Sealed at `legal_holds.reason:{id}`. */
  reason: sealed('reason').notNull(),
  setByKind: text('set_by_kind').$type<ActorKind>().notNull(),
  setBy: text('set_by'),
  setAt: moment('set_at').notNull(),
  endedAt: moment('ended_at'),
  endedByKind: text('ended_by_kind').$type<ActorKind>(),
  endedBy: text('ended_by'),
  /** Sealed at `legal_holds.end_reason:{id}`. */
  endReason: sealed('end_reason'),
});

export type ActorKind = 'member' | 'api_key' | 'assistant' | 'contact' | 'system';

export const retentionRules = pgTable(
  'retention_rules',
  {
    workspaceId: uuid('workspace_id').notNull(),
    kind: text('kind').$type<RetentionKind>().notNull(),
    days: integer('days').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.kind] })],
);

export const retentionRuns = pgTable('retention_runs', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  state: text('state', { enum: ['running', 'done', 'failed'] }).notNull(),
  begunBy: text('begun_by', { enum: ['schedule', 'member', 'command'] }).notNull(),
  actorKind: text('actor_kind').$type<ActorKind>().notNull(),
  actorId: text('actor_id'),
  results: jsonb('results').$type<RetentionResult[]>().notNull(),
  errorCode: text('error_code'),
  startedAt: moment('started_at').notNull(),
  workedAt: moment('worked_at').notNull(),
  finishedAt: moment('finished_at'),
});

export const erasures = pgTable('erasures', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  contactId: uuid('contact_id').notNull(),
  state: text('state', { enum: ['running', 'done', 'failed'] }).notNull(),
  counts: jsonb('counts').$type<Erasure['counts']>().notNull(),
  files: integer('files').notNull().default(0),
  /** Where they are in storage: their rows are deleted, they not yet. */
  filesLeft: jsonb('files_left').$type<readonly string[]>().notNull().default([]),
  /** Sealed at `erasures.needles:{id}`. */
  needles: sealed('needles'),
  report: jsonb('report').$type<SearchReport>(),
  errorCode: text('error_code'),
  actorKind: text('actor_kind').$type<ActorKind>().notNull(),
  actorId: text('actor_id'),
  createdAt: moment('created_at').notNull(),
  workedAt: moment('worked_at').notNull(),
  finishedAt: moment('finished_at'),
});

/** Without a foreign key: all that is left of a workspace. */
export const workspaceErasures = pgTable('workspace_erasures', {
  workspaceId: uuid('workspace_id').primaryKey(),
  state: text('state', { enum: ['waiting', 'running', 'done'] }).notNull(),
  setAt: moment('set_at').notNull(),
  setByKind: text('set_by_kind').$type<ActorKind>(),
  setBy: text('set_by'),
  beginsAt: moment('begins_at').notNull(),
  begunAt: moment('begun_at'),
  workedAt: moment('worked_at'),
  finishedAt: moment('finished_at'),
  counts: jsonb('counts').$type<{ table: string; rows: number }[]>().notNull().default([]),
  files: integer('files').notNull().default(0),
});

export const dataExports = pgTable('exports', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  contactId: uuid('contact_id'),
  state: text('state', { enum: ['running', 'done', 'failed', 'canceled', 'expired'] }).notNull(),
  total: integer('total').notNull(),
  done: integer('done').notNull().default(0),
  /** Sealed at `exports.passphrase:{id}`; null once the file is written. */
  passphrase: sealed('passphrase'),
  bytes: bigint('bytes', { mode: 'number' }),
  checksum: text('checksum'),
  errorCode: text('error_code'),
  actorKind: text('actor_kind').$type<ActorKind>().notNull(),
  actorId: text('actor_id'),
  createdAt: moment('created_at').notNull(),
  workedAt: moment('worked_at').notNull(),
  finishedAt: moment('finished_at'),
  expiresAt: moment('expires_at'),
  linkHash: text('link_hash'),
  linkUntil: moment('link_until'),
});
