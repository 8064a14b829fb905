// The tables of channels, as the migrations make them.
import {
  bigint,
  customType,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const sealed = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

export const channels = pgTable('channels', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  provider: text('provider').notNull(),
  name: text('name').notNull(),
  address: text('address').notNull(),
  poolId: text('pool_id'),
  accountId: text('account_id').notNull(),
  country: text('country'),
  credentials: sealed('credentials').notNull(),
  status: text('status', { enum: ['active', 'paused', 'needs_attention'] })
    .notNull()
    .default('active'),
  statusCode: text('status_code'),
  sendsPerSecond: real('sends_per_second'),
  nextSendAt: moment('next_send_at').notNull(),
  lastInboundAt: moment('last_inbound_at'),
  lastOutboundAt: moment('last_outbound_at'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
  deletedAt: moment('deleted_at'),
});

export const deliveries = pgTable('deliveries', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  channelId: uuid('channel_id').notNull(),
  hook: text('hook').notNull(),
  deliveryKey: text('delivery_key').notNull(),
  payload: sealed('payload').notNull(),
  requestId: text('request_id').notNull(),
  receivedAt: moment('received_at').notNull(),
  status: text('status', { enum: ['received', 'processed', 'failed'] })
    .notNull()
    .default('received'),
  errorCode: text('error_code'),
  processedAt: moment('processed_at'),
  duplicates: integer('duplicates').notNull().default(0),
  sweeps: smallint('sweeps').notNull().default(0),
});

export const refusals = pgTable(
  'refusals',
  {
    workspaceId: uuid('workspace_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    hook: text('hook').notNull(),
    reason: text('reason').notNull(),
    count: bigint('count', { mode: 'number' }).notNull().default(1),
    lastAt: moment('last_at').notNull(),
    announcedAt: moment('announced_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.channelId, table.hook, table.reason] })],
);

export const numberOrders = pgTable('number_orders', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  provider: text('provider').notNull(),
  phoneNumber: text('phone_number').notNull(),
  name: text('name'),
  sendsPerSecond: real('sends_per_second'),
  status: text('status', { enum: ['pending', 'bought', 'failed', 'releasing', 'released'] })
    .notNull()
    .default('pending'),
  providerNumberId: text('provider_number_id'),
  sourceChannelId: uuid('source_channel_id'),
  channelId: uuid('channel_id'),
  errorCode: text('error_code'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});
