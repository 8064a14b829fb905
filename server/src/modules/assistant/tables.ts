// The tables of the assistant, as the migrations make them.
import type { ModelReason, ReadPassage } from '@parley/contract/runs';
import { bigint, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });

export const assistants = pgTable('assistants', {
  workspaceId: uuid('workspace_id').primaryKey(),
  policy: text('policy', { enum: ['off', 'draft', 'auto'] })
    .notNull()
    .default('auto'),
  persona: text('persona').notNull().default(''),
  burstWaitMs: integer('burst_wait_ms').notNull().default(1500),
  repliesPerHourMax: integer('replies_per_hour_max').notNull().default(20),
  modelId: uuid('model_id'),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const runs = pgTable('runs', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  conversationId: uuid('conversation_id').notNull(),
  jobId: text('job_id').notNull(),
  status: text('status', { enum: ['active', 'finished', 'failed'] }).notNull(),
  outcome: text('outcome', {
    enum: ['answered', 'drafted', 'handed_over', 'superseded', 'limited', 'held_back', 'failed'],
  }),
  policy: text('policy', { enum: ['off', 'draft', 'auto'] }).notNull(),
  readMessageIds: jsonb('read_message_ids').$type<string[]>().notNull().default([]),
  readPassages: jsonb('read_passages').$type<ReadPassage[]>().notNull().default([]),
  lastReadMessageId: uuid('last_read_message_id'),
  model: text('model'),
  reasons: jsonb('reasons').$type<ModelReason[]>().notNull().default([]),
  inputTokens: integer('input_tokens').notNull().default(0),
  outputTokens: integer('output_tokens').notNull().default(0),
  costMicros: bigint('cost_micros', { mode: 'number' }).notNull().default(0),
  durationMs: integer('duration_ms'),
  messageId: uuid('message_id'),
  errorCode: text('error_code'),
  startedAt: moment('started_at').notNull(),
  finishedAt: moment('finished_at'),
});
