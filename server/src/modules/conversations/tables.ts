// The tables of conversations, as the migrations make them.
import {
  bigint,
  boolean,
  customType,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true });
const sealed = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const bits = customType<{ data: string }>({ dataType: () => 'bit varying' });

export const contactPoints = pgTable('contact_points', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  contactId: uuid('contact_id').notNull(),
  address: text('address').notNull(),
  addressOriginal: text('address_original').notNull(),
  country: text('country'),
  optedOutAt: moment('opted_out_at'),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const conversations = pgTable('conversations', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  channelId: uuid('channel_id').notNull(),
  contactId: uuid('contact_id').notNull(),
  contactPointId: uuid('contact_point_id').notNull(),
  status: text('status', { enum: ['active', 'archived', 'flagged_for_review'] }).notNull(),
  flagReason: text('flag_reason'),
  ownerKind: text('owner_kind', { enum: ['assistant', 'member', 'nobody'] }).notNull(),
  ownerId: text('owner_id'),
  assistantPolicy: text('assistant_policy', { enum: ['off', 'draft', 'auto'] }),
  private: boolean('private').notNull(),
  language: text('language', { enum: ['en', 'es', 'pt', 'unknown'] }).notNull(),
  languageConfidence: real('language_confidence').notNull(),
  intent: text('intent'),
  mood: text('mood', { enum: ['angry', 'low', 'even', 'good'] }),
  workflowType: text('workflow_type'),
  workflowId: text('workflow_id'),
  directoryStatus: text('directory_status', { enum: ['unknown', 'linked', 'not_found', 'failed'] }).notNull(),
  /** Sealed at `conversations.directory_name:{id}`. */
  directoryName: sealed('directory_name'),
  directoryEntryId: text('directory_entry_id'),
  directoryCheckedAt: moment('directory_checked_at'),
  lastMessageAt: moment('last_message_at').notNull(),
  lastInboundAt: moment('last_inbound_at'),
  snoozedUntil: moment('snoozed_until'),
  draftCount: integer('draft_count').notNull().default(0),
  /** A bit for each member who has seen its newest inbound message. */
  readBy: bits('read_by').notNull().default(''),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const messages = pgTable('messages', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  conversationId: uuid('conversation_id').notNull(),
  channelId: uuid('channel_id').notNull(),
  direction: text('direction', { enum: ['inbound', 'outbound'] }).notNull(),
  senderKind: text('sender_kind', { enum: ['contact', 'assistant', 'member', 'system'] }).notNull(),
  senderId: text('sender_id'),
  providerMessageId: text('provider_message_id'),
  fromAddress: text('from_address').notNull(),
  toAddress: text('to_address').notNull(),
  /** Sealed at `messages.content:{id}`. */
  content: sealed('content').notNull(),
  status: text('status').notNull(),
  errorCode: text('error_code'),
  encoding: text('encoding', { enum: ['GSM-7', 'UCS-2'] }).notNull(),
  segments: integer('segments').notNull(),
  priceMicros: bigint('price_micros', { mode: 'number' }),
  currency: text('currency'),
  deliveryId: uuid('delivery_id'),
  runId: uuid('run_id'),
  attempt: integer('attempt').notNull().default(1),
  ignoresConsent: boolean('ignores_consent').notNull().default(false),
  sendAt: moment('send_at'),
  dueAt: moment('due_at'),
  notBefore: moment('not_before'),
  slotAt: moment('slot_at'),
  claimedAt: moment('claimed_at'),
  /** What the conversation was before a message that was held back for a moment. */
  beforeHold: jsonb('before_hold'),
  sendsMedia: boolean('sends_media').notNull().default(false),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const messageAttempts = pgTable('message_attempts', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  messageId: uuid('message_id').notNull(),
  number: integer('number').notNull(),
  state: text('state', {
    enum: ['waiting', 'calling', 'accepted', 'refused', 'unknown', 'lost'],
  }).notNull(),
  code: text('code'),
  providerMessageId: text('provider_message_id'),
  actorKind: text('actor_kind').notNull(),
  actorId: text('actor_id'),
  jobId: text('job_id'),
  lookups: integer('lookups').notNull().default(0),
  nextLookupAt: moment('next_lookup_at'),
  requestedAt: moment('requested_at').notNull(),
  startedAt: moment('started_at'),
  finishedAt: moment('finished_at'),
});

export const messageStatusEvents = pgTable('message_status_events', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  messageId: uuid('message_id').notNull(),
  attempt: integer('attempt').notNull(),
  status: text('status').notNull(),
  providerStatus: text('provider_status').notNull(),
  errorCode: text('error_code'),
  source: text('source', { enum: ['callback', 'answer', 'lookup', 'parley'] }).notNull(),
  deliveryId: uuid('delivery_id'),
  occurredAt: moment('occurred_at').notNull(),
});

export const messageMedia = pgTable('message_media', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  /** Null until an upload is sent. */
  messageId: uuid('message_id'),
  position: integer('position').notNull(),
  /** Sealed at `message_media.provider_url:{id}`; null for an upload. */
  providerUrl: sealed('provider_url'),
  contentType: text('content_type').notNull(),
  bytes: integer('bytes'),
  storageKey: text('storage_key'),
  /** Sealed at `message_media.file_key:{id}`. */
  fileKey: sealed('file_key'),
  status: text('status', { enum: ['pending', 'stored', 'failed'] }).notNull(),
  errorCode: text('error_code'),
  uploadedAt: moment('uploaded_at'),
});

export const consentEvents = pgTable('consent_events', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  contactPointId: uuid('contact_point_id').notNull(),
  channelId: uuid('channel_id'),
  action: text('action', { enum: ['opt_out', 'opt_in', 'help'] }).notNull(),
  source: text('source', { enum: ['keyword', 'provider', 'member', 'kept'] }).notNull(),
  messageId: uuid('message_id'),
  keyword: text('keyword'),
  /** Sealed at `consent_events.reason:{id}`. */
  reason: sealed('reason'),
  actorKind: text('actor_kind').notNull(),
  actorId: text('actor_id'),
  occurredAt: moment('occurred_at').notNull(),
});

export const contacts = pgTable('contacts', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  /** Sealed at `contacts.name:{id}`. */
  name: sealed('name'),
  aiConsent: text('ai_consent', { enum: ['unknown', 'granted', 'refused'] })
    .notNull()
    .default('unknown'),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const aiConsentEvents = pgTable('ai_consent_events', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  contactId: uuid('contact_id').notNull(),
  consent: text('consent', { enum: ['unknown', 'granted', 'refused'] }).notNull(),
  source: text('source', { enum: ['keyword', 'member', 'kept'] }).notNull(),
  messageId: uuid('message_id'),
  keyword: text('keyword'),
  actorKind: text('actor_kind').notNull(),
  actorId: text('actor_id'),
  occurredAt: moment('occurred_at').notNull(),
});

export const notes = pgTable('notes', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  conversationId: uuid('conversation_id').notNull(),
  authorId: text('author_id').notNull(),
  /** Sealed at `notes.body:{id}`. */
  body: sealed('body').notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});

export const noteMentions = pgTable(
  'note_mentions',
  {
    noteId: uuid('note_id').notNull(),
    userId: text('user_id').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    readAt: moment('read_at'),
    createdAt: moment('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.noteId, table.userId] })],
);

export const views = pgTable('views', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  name: text('name').notNull(),
  filters: jsonb('filters').notNull(),
  shared: boolean('shared').notNull(),
  ownerId: text('owner_id'),
  createdAt: moment('created_at').notNull(),
});

export const quickReplies = pgTable('quick_replies', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  shortcut: text('shortcut').notNull(),
  shortcutKey: text('shortcut_key').notNull(),
  /** Sealed at `quick_replies.body:{id}`. */
  body: sealed('body').notNull(),
  createdAt: moment('created_at').notNull(),
  updatedAt: moment('updated_at').notNull(),
});
