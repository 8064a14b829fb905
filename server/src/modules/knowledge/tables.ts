// The tables of knowledge, as the migrations make them.
import type { Language } from '@parley/contract/common';
import type { TrainingDataError, TrainingDataProgress } from '@parley/contract/training-data';
import { boolean, customType, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const sealed = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const trainingData = pgTable('training_data', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  kind: text('kind', { enum: ['text', 'file', 'page', 'sitemap', 'pair'] }).notNull(),
  title: text('title'),
  origin: sealed('origin'),
  fingerprint: text('fingerprint'),
  fileKey: sealed('file_key'),
  state: text('state', { enum: ['queued', 'reading', 'ready', 'failed', 'stale'] })
    .notNull()
    .default('queued'),
  live: boolean('live').notNull().default(true),
  reading: integer('reading').notNull().default(0),
  version: integer('version').notNull().default(1),
  progress: jsonb('progress').$type<TrainingDataProgress>(),
  error: jsonb('error').$type<TrainingDataError>(),
  settled: jsonb('settled').$type<{
    readonly state: 'ready' | 'failed' | 'stale';
    readonly error: TrainingDataError | null;
  }>(),
  characters: integer('characters').notNull().default(0),
  passages: integer('passages'),
  language: text('language').$type<Language>(),
  pagesMax: integer('pages_max'),
  depth: integer('depth'),
  refetchHours: integer('refetch_hours'),
  nextFetchAt: moment('next_fetch_at'),
  failures: integer('failures').notNull().default(0),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
  readAt: moment('read_at'),
});

export const trainingDocuments = pgTable('training_documents', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  trainingDataId: uuid('training_data_id').notNull(),
  position: integer('position').notNull().default(0),
  address: sealed('address'),
  fingerprint: text('fingerprint'),
  format: text('format', { enum: ['text', 'parts'] })
    .notNull()
    .default('text'),
  content: sealed('content'),
  contentHash: text('content_hash'),
  version: integer('version').notNull().default(1),
  indexedVersion: integer('indexed_version'),
  indexingVersion: integer('indexing_version'),
  reading: integer('reading').notNull().default(0),
  state: text('state', { enum: ['queued', 'ready', 'failed', 'gone'] })
    .notNull()
    .default('queued'),
  error: jsonb('error').$type<TrainingDataError>(),
  characters: integer('characters').notNull().default(0),
  passages: integer('passages'),
  language: text('language').$type<Language>(),
  etag: text('etag'),
  lastModified: text('last_modified'),
  fetchedAt: moment('fetched_at'),
});
