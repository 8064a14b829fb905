// The tables of chats, as the migrations make them.
import type { ChatFile, ChatNotice } from '@parley/contract/chat';
import type { ModelReason, ReadPassage } from '@parley/contract/runs';
import {
  bigint,
  boolean,
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

export const chats = pgTable('chats', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  userId: text('user_id').notNull(),
  /** Sealed at `chats.title:{id}`. */
  title: sealed('title').notNull(),
  removedAt: moment('removed_at'),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const chatMessages = pgTable('chat_messages', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  chatId: uuid('chat_id').notNull(),
  parentId: uuid('parent_id'),
  role: text('role', { enum: ['member', 'assistant'] }).notNull(),
  chosen: boolean('chosen').notNull(),
  state: text('state', {
    enum: ['done', 'waiting', 'writing', 'stopped', 'cut', 'failed'],
  }).notNull(),
  /** Sealed at `chat_messages.content:{id}`. */
  content: sealed('content').notNull(),
  /** Sealed at `chat_messages.steps:{id}`. */
  steps: sealed('steps'),
  take: integer('take').notNull().default(0),
  model: text('model'),
  reasons: jsonb('reasons').$type<ModelReason[]>().notNull().default([]),
  readPassages: jsonb('read_passages').$type<Omit<ReadPassage, 'title'>[]>().notNull().default([]),
  notices: jsonb('notices').$type<ChatNotice[]>().notNull().default([]),
  inputTokens: integer('input_tokens'),
  outputTokens: integer('output_tokens'),
  costMicros: bigint('cost_micros', { mode: 'number' }),
  durationMs: integer('duration_ms'),
  errorCode: text('error_code'),
  createdAt: moment('created_at').notNull(),
  keptAt: moment('kept_at').notNull(),
});

export const chatFiles = pgTable('chat_files', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  userId: text('user_id').notNull(),
  kind: text('kind', { enum: ['document', 'picture'] }).notNull(),
  /** Sealed at `chat_files.name:{id}`. */
  name: sealed('name').notNull(),
  contentType: text('content_type').notNull(),
  bytes: integer('bytes').notNull(),
  /** Sealed at `chat_files.file_key:{id}`. */
  fileKey: sealed('file_key').notNull(),
  state: text('state', { enum: ['storing', 'reading', 'ready', 'failed'] }).notNull(),
  /** Sealed at `chat_files.text:{id}`. */
  text: sealed('text'),
  characters: integer('characters').notNull().default(0),
  error: jsonb('error').$type<ChatFile['error']>(),
  createdAt: moment('created_at').notNull(),
});

export const chatMessageFiles = pgTable(
  'chat_message_files',
  {
    messageId: uuid('message_id').notNull(),
    fileId: uuid('file_id').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    position: integer('position').notNull(),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.fileId] })],
);
