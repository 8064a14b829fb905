// The tables of inference, as the migrations make them. Counters, figures, incidents, receipts and the ledger are read and
// written in SQL, by the file that is named like them.
import type { Capability, ModelPreset } from '@parley/contract/models';
import type { RoutingSettings } from '@parley/contract/routing';
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
const whole = (name: string) => bigint(name, { mode: 'number' });
const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const models = pgTable('models', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  baseUrl: text('base_url').notNull(),
  model: text('model').notNull(),
  apiKey: bytea('api_key'),
  local: boolean('local').notNull().default(false),
  enabled: boolean('enabled').notNull().default(true),
  inputPriceMicros: whole('input_price_micros'),
  outputPriceMicros: whole('output_price_micros'),
  timeoutMs: integer('timeout_ms').notNull().default(20_000),
  outputTokensMax: integer('output_tokens_max').notNull().default(400),
  preset: text('preset').$type<ModelPreset>().notNull().default('custom'),
  capabilities: jsonb('capabilities').$type<Capability[]>().notNull().default(['chat']),
  languages: jsonb('languages').$type<string[]>().notNull().default([]),
  firstTokenMs: integer('first_token_ms').notNull().default(10_000),
  betweenTokensMs: integer('between_tokens_ms').notNull().default(10_000),
  requestsPerMinuteMax: integer('requests_per_minute_max'),
  requestsPerDayMax: integer('requests_per_day_max'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const modelPrices = pgTable(
  'model_prices',
  {
    workspaceId: uuid('workspace_id').notNull(),
    model: text('model').notNull(),
    inputPriceMicros: whole('input_price_micros').notNull(),
    outputPriceMicros: whole('output_price_micros').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.model] })],
);

export const routingRows = pgTable('routing_settings', {
  workspaceId: uuid('workspace_id').primaryKey(),
  settings: jsonb('settings').$type<Partial<RoutingSettings>>().notNull().default({}),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const budgetCaps = pgTable('budget_caps', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  scope: text('scope', { enum: ['workspace', 'assistant', 'contact'] }).notNull(),
  subjectId: uuid('subject_id'),
  period: text('period', { enum: ['day', 'month'] }).notNull(),
  unit: text('unit', { enum: ['money', 'tokens', 'segments'] }).notNull(),
  limitAmount: whole('limit_amount').notNull(),
  warnPercent: integer('warn_percent').notNull().default(80),
  whenReached: text('when_reached', { enum: ['cheaper', 'local', 'built_in', 'stop'] })
    .notNull()
    .default('cheaper'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});
