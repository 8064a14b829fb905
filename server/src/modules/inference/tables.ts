// The tables of inference, as the migrations make them. Reservations are read and written by budget.ts alone, in SQL.
import {
  bigint,
  boolean,
  customType,
  date,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const micros = (name: string) => bigint(name, { mode: 'number' });
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
  inputPriceMicros: micros('input_price_micros').notNull().default(0),
  outputPriceMicros: micros('output_price_micros').notNull().default(0),
  timeoutMs: integer('timeout_ms').notNull().default(20_000),
  outputTokensMax: integer('output_tokens_max').notNull().default(400),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const budgets = pgTable(
  'budgets',
  {
    workspaceId: uuid('workspace_id').notNull(),
    month: date('month', { mode: 'string' }).notNull(),
    limitMicros: micros('limit_micros'),
    spentMicros: micros('spent_micros').notNull().default(0),
    reservedMicros: micros('reserved_micros').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.month] })],
);
