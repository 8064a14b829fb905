// The tables of the assistant, as the migrations make them.
import type { ConsentRule } from '@parley/contract/ai-consent';
import type { CaseFailure } from '@parley/contract/answer-cases';
import type { ModelReason, ReadPassage, RunOutcome } from '@parley/contract/runs';
import type { ShadowVerdict } from '@parley/contract/shadow-runs';
import type { JsonSchema, ListedTool } from '@parley/contract/tools';
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
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
  supportNeeded: doublePrecision('support_needed').notNull().default(0.6),
  consentRule: text('consent_rule').$type<ConsentRule>().notNull().default('answer_unless_refused'),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

/** Runs of before 0011 kept the title too. */
type StoredPassage = Omit<ReadPassage, 'title'> & { readonly title?: string };

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
  readPassages: jsonb('read_passages').$type<StoredPassage[]>().notNull().default([]),
  lastReadMessageId: uuid('last_read_message_id'),
  model: text('model'),
  reasons: jsonb('reasons').$type<ModelReason[]>().notNull().default([]),
  inputTokens: integer('input_tokens').notNull().default(0),
  outputTokens: integer('output_tokens').notNull().default(0),
  costMicros: bigint('cost_micros', { mode: 'number' }).default(0),
  durationMs: integer('duration_ms'),
  support: doublePrecision('support'),
  handOver: bytea('hand_over'),
  messageId: uuid('message_id'),
  errorCode: text('error_code'),
  steps: bytea('steps'),
  take: integer('take').notNull().default(0),
  startedAt: moment('started_at').notNull(),
  finishedAt: moment('finished_at'),
});

export const answerCases = pgTable('answer_cases', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  language: text('language', { enum: ['en', 'es', 'pt', 'unknown'] }).notNull(),
  expects: text('expects', { enum: ['answer', 'hand_over'] }).notNull(),
  trainingDataId: uuid('training_data_id'),
  content: bytea('content').notNull(),
  sensitivity: text('sensitivity', { enum: ['normal', 'private'] })
    .notNull()
    .default('normal'),
  passed: boolean('passed'),
  because: text('because').$type<CaseFailure>(),
  support: doublePrecision('support'),
  model: text('model'),
  answer: bytea('answer'),
  checkedAt: moment('checked_at'),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

const workState = ['running', 'done', 'canceled', 'failed'] as const;

export const caseChecks = pgTable('case_checks', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  state: text('state', { enum: workState }).notNull().default('running'),
  total: integer('total').notNull(),
  done: integer('done').notNull().default(0),
  failed: integer('failed').notNull().default(0),
  costMicros: bigint('cost_micros', { mode: 'number' }).default(0),
  startedAt: moment('started_at').notNull(),
  finishedAt: moment('finished_at'),
});

export const shadowRuns = pgTable('shadow_runs', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  state: text('state', { enum: workState }).notNull().default('running'),
  changes: bytea('changes').notNull(),
  total: integer('total').notNull(),
  startedAt: moment('started_at').notNull(),
  finishedAt: moment('finished_at'),
  usedAt: moment('used_at'),
});

export const shadowAnswers = pgTable('shadow_answers', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  shadowRunId: uuid('shadow_run_id').notNull(),
  runId: uuid('run_id').notNull(),
  verdict: text('verdict').$type<ShadowVerdict>(),
  outcome: text('outcome').$type<RunOutcome>(),
  answer: bytea('answer'),
  model: text('model'),
  support: doublePrecision('support'),
  readPassages: jsonb('read_passages').$type<StoredPassage[]>().notNull().default([]),
  costMicros: bigint('cost_micros', { mode: 'number' }).default(0),
  durationMs: integer('duration_ms'),
});

export const httpTools = pgTable('http_tools', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  input: jsonb('input').$type<JsonSchema>().notNull(),
  method: text('method', { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] }).notNull(),
  url: text('url').notNull(),
  headers: bytea('headers'),
  headerNames: jsonb('header_names').$type<string[]>().notNull().default([]),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const toolServers = pgTable('tool_servers', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  url: text('url').notNull(),
  headers: bytea('headers'),
  headerNames: jsonb('header_names').$type<string[]>().notNull().default([]),
  tools: jsonb('tools').$type<ListedTool[]>().notNull().default([]),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const toolChoices = pgTable(
  'tool_choices',
  {
    workspaceId: uuid('workspace_id').notNull(),
    name: text('name').notNull(),
    contacts: boolean('contacts').notNull(),
    members: boolean('members').notNull(),
    confirmation: boolean('confirmation').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.name] })],
);

export const confirmations = pgTable('confirmations', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  tool: text('tool').notNull(),
  input: bytea('input').notNull(),
  permission: text('permission').notNull(),
  askedByKind: text('asked_by_kind', { enum: ['contact', 'member', 'api_key'] }).notNull(),
  askedBy: text('asked_by'),
  conversationId: uuid('conversation_id'),
  state: text('state', {
    enum: ['waiting', 'confirmed', 'running', 'done', 'failed', 'refused', 'expired'],
  })
    .notNull()
    .default('waiting'),
  decidedBy: text('decided_by'),
  decidedAt: moment('decided_at'),
  result: bytea('result'),
  errorCode: text('error_code'),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const knowledgeLearning = pgTable('knowledge_learning', {
  workspaceId: uuid('workspace_id').primaryKey(),
  since: moment('since').notNull(),
  readAt: moment('read_at').notNull(),
  readId: uuid('read_id').notNull(),
});

export const knowledgeProposals = pgTable('knowledge_proposals', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  conversationId: uuid('conversation_id').notNull(),
  questionMessageId: uuid('question_message_id').notNull(),
  answerMessageId: uuid('answer_message_id').notNull(),
  state: text('state', { enum: ['proposed', 'accepted', 'dismissed'] })
    .notNull()
    .default('proposed'),
  language: text('language', { enum: ['en', 'es', 'pt', 'unknown'] }).notNull(),
  fingerprint: text('fingerprint').notNull(),
  content: bytea('content').notNull(),
  answeredBy: text('answered_by').notNull(),
  answeredAt: moment('answered_at').notNull(),
  trainingDataId: uuid('training_data_id'),
  decidedBy: text('decided_by'),
  decidedAt: moment('decided_at'),
  createdAt: moment('created_at').notNull(),
});

export const knowledgeProposalSources = pgTable('knowledge_proposal_sources', {
  answerMessageId: uuid('answer_message_id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  proposalId: uuid('proposal_id').notNull(),
  conversationId: uuid('conversation_id').notNull(),
});

export const lookThroughs = pgTable('look_throughs', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  state: text('state', { enum: workState }).notNull().default('running'),
  days: integer('days').notNull(),
  total: integer('total').notNull(),
  done: integer('done').notNull().default(0),
  found: integer('found').notNull().default(0),
  readAt: moment('read_at').notNull(),
  readId: uuid('read_id').notNull(),
  startedAt: moment('started_at').notNull(),
  finishedAt: moment('finished_at'),
});
