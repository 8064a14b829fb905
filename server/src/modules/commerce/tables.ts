// The tables of commerce, as the migrations make them.
import {
  boolean,
  customType,
  doublePrecision,
  integer,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const sealed = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const products = pgTable('products', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  sku: text('sku').notNull(),
  name: text('name').notNull(),
  description: text('description').notNull().default(''),
  priceMinor: integer('price_minor'),
  currency: text('currency'),
  inStock: boolean('in_stock').notNull().default(true),
  archivedAt: moment('archived_at'),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const interactions = pgTable('interactions', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  productId: uuid('product_id').notNull(),
  contactId: uuid('contact_id'),
  /** Of versions before, until a job has hashed it. */
  outsideId: text('outside_id'),
  /** See `outside-ids.ts`; one of the three says who it was. */
  outsideHash: text('outside_hash'),
  kind: text('kind', { enum: ['view', 'cart', 'purchase'] }).notNull(),
  happenedAt: moment('happened_at').notNull(),
  recordedAt: moment('recorded_at').notNull(),
});

export const outsideIdKeys = pgTable('outside_id_keys', {
  workspaceId: uuid('workspace_id').primaryKey(),
  key: sealed('key').notNull(),
});

export const recommendationModels = pgTable('recommendation_models', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  version: integer('version').notNull(),
  kind: text('kind', { enum: ['full', 'update'] }).notNull(),
  state: text('state', { enum: ['running', 'done', 'canceled', 'failed'] }).notNull(),
  progress: doublePrecision('progress').notNull().default(0),
  live: boolean('live').notNull().default(false),
  interactions: integer('interactions'),
  leftOut: integer('left_out'),
  products: integer('products'),
  people: integer('people'),
  auc: doublePrecision('auc'),
  errorCode: text('error_code'),
  bytes: integer('bytes'),
  format: integer('format').notNull().default(1),
  model: sealed('model'),
  roster: sealed('roster'),
  startedAt: moment('started_at').notNull(),
  finishedAt: moment('finished_at'),
});
