// The tables of tenancy, as the migrations make them.
import type { QuietHours } from '@parley/contract/quiet-hours';
import { bigint, boolean, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });

export const workspaces = pgTable('workspaces', {
  id: uuid('workspace_id').primaryKey(),
  name: text('name').notNull(),
  defaultCountry: text('default_country'),
  timeZone: text('time_zone'),
  codeCountries: text('code_countries').array().notNull().default([]),
  secondFactor: text('second_factor', { enum: ['optional', 'required', 'required_without_sms'] })
    .notNull()
    .default('optional'),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const sessions = pgTable('sessions', {
  id: text('id').primaryKey(),
  expiresAt: moment('expires_at').notNull(),
  token: text('token').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  userId: text('user_id').notNull(),
  verifiedAt: moment('verified_at').notNull().defaultNow(),
  lastUsedAt: moment('last_used_at'),
  way: text('way').notNull().default('password'),
  onlyWorkspace: uuid('only_workspace'),
});

export const accounts = pgTable('accounts', {
  id: text('id').primaryKey(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  userId: text('user_id').notNull(),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: moment('access_token_expires_at'),
  refreshTokenExpiresAt: moment('refresh_token_expires_at'),
  scope: text('scope'),
  password: text('password'),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const verifications = pgTable('verifications', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull(),
  value: text('value').notNull(),
  expiresAt: moment('expires_at').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

/** By the sign-in library's names; when one was used last is ours. */
export const passkeys = pgTable('passkeys', {
  id: text('id').primaryKey(),
  name: text('name'),
  publicKey: text('public_key').notNull(),
  userId: text('user_id').notNull(),
  credentialID: text('credential_id').notNull(),
  counter: bigint('counter', { mode: 'number' }).notNull(),
  deviceType: text('device_type').notNull(),
  backedUp: boolean('backed_up').notNull(),
  transports: text('transports'),
  createdAt: moment('created_at').notNull().defaultNow(),
  aaguid: text('aaguid'),
  lastUsedAt: moment('last_used_at'),
});

export const members = pgTable(
  'members',
  {
    workspaceId: uuid('workspace_id').notNull(),
    userId: text('user_id').notNull(),
    role: text('role', { enum: ['owner', 'admin', 'agent', 'viewer', 'own'] }).notNull(),
    roleId: uuid('role_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.userId] })],
);

export const userPreferences = pgTable('user_preferences', {
  userId: text('user_id').primaryKey(),
  language: text('language', { enum: ['en', 'es', 'pt'] }),
  theme: text('theme', { enum: ['system', 'light', 'dark'] })
    .notNull()
    .default('system'),
  notify: text('notify', { enum: ['all', 'mine', 'none'] })
    .notNull()
    .default('mine'),
  enterSends: boolean('enter_sends'),
  tourDone: boolean('tour_done').notNull().default(false),
  timeZone: text('time_zone'),
  quietHours: jsonb('quiet_hours').$type<QuietHours>(),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});
