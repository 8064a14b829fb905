-- migrate:up
create table contacts (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  name bytea,
  created_at timestamptz not null default now()
);
create index contacts_of_workspace on contacts (workspace_id);
select parley_isolate('contacts');

create table contact_points (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  contact_id uuid not null references contacts on delete cascade,
  address text not null,
  -- As it was first written.
  address_original text not null,
  country text,
  -- Set while the contact has said STOP; the ledger says when and how.
  opted_out_at timestamptz,
  created_at timestamptz not null default now(),
  unique (workspace_id, address)
);
create index contact_points_of_contact on contact_points (contact_id);
select parley_isolate('contact_points');

create table conversations (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  channel_id uuid not null references channels on delete cascade,
  contact_id uuid not null references contacts on delete cascade,
  contact_point_id uuid not null references contact_points on delete cascade,
  status text not null default 'active' check (status in ('active', 'archived', 'flagged_for_review')),
  flag_reason text,
  owner_kind text not null default 'assistant' check (owner_kind in ('assistant', 'member', 'nobody')),
  owner_id text,
  -- Overrides the workspace's assistant for this conversation.
  assistant_policy text check (assistant_policy in ('off', 'draft', 'auto')),
  -- Content that may reach local models only.
  private boolean not null default false,
  language text not null default 'unknown' check (language in ('en', 'es', 'pt', 'unknown')),
  language_confidence real not null default 0,
  workflow_type text,
  workflow_id text,
  directory_status text not null default 'unknown' check (directory_status in ('unknown', 'linked', 'not_found', 'failed')),
  directory_name bytea,
  directory_entry_id text,
  directory_checked_at timestamptz,
  last_message_at timestamptz not null,
  last_inbound_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (channel_id, contact_point_id)
);
create index conversations_recent on conversations (workspace_id, last_message_at desc, id desc);
create index conversations_of_contact on conversations (contact_id);
create index conversations_unlinked on conversations (directory_checked_at) where directory_status <> 'linked';
select parley_isolate('conversations');

-- From here on the workspace goes with the row that a row belongs to: a second foreign key would cost every insert a
-- look-up and a lock on the one row that all of them share.
create table messages (
  id uuid primary key,
  workspace_id uuid not null,
  conversation_id uuid not null references conversations on delete cascade,
  channel_id uuid not null references channels on delete cascade,
  direction text not null check (direction in ('inbound', 'outbound')),
  sender_kind text not null check (sender_kind in ('contact', 'assistant', 'member', 'system')),
  sender_id text,
  provider_message_id text,
  from_address text not null,
  to_address text not null,
  content bytea not null,
  status text not null check (status in ('draft', 'pending', 'queued', 'sending', 'sent', 'delivered', 'undelivered',
    'failed', 'receiving', 'received', 'read', 'canceled', 'unknown')),
  error_code text,
  encoding text not null check (encoding in ('GSM-7', 'UCS-2')),
  segments integer not null,
  price_micros bigint,
  currency text,
  delivery_id uuid references deliveries on delete set null,
  run_id uuid,
  -- The number of the attempt that status tells of: the next one, the one that runs, or the last one.
  attempt integer not null default 1,
  -- The confirmation of a STOP is the one message that goes to who said STOP.
  ignores_consent boolean not null default false,
  send_at timestamptz,
  -- Since when it may leave; a conversation's messages leave in this order. Null for drafts and what came in.
  due_at timestamptz,
  -- After a refusal for now: when the next attempt may begin.
  not_before timestamptz,
  -- The moment that its channel's throughput limit gave to the next attempt.
  slot_at timestamptz,
  -- Set while an attempt is calling, or its outcome is unknown.
  claimed_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index messages_provider_id on messages (channel_id, provider_message_id) where provider_message_id is not null;
create index messages_of_conversation on messages (conversation_id, created_at desc, id desc);
create index messages_pending on messages (conversation_id, due_at, id) where status = 'pending';
select parley_isolate('messages');

create table message_attempts (
  id uuid primary key,
  workspace_id uuid not null,
  message_id uuid not null references messages on delete cascade,
  number integer not null,
  -- waiting: asked for; calling: the provider is being called; accepted, refused: it said so; unknown: it was called and
  -- did not answer; lost: it was asked afterwards, and does not have it.
  state text not null check (state in ('waiting', 'calling', 'accepted', 'refused', 'unknown', 'lost')),
  code text,
  provider_message_id text,
  -- Who asked for it: the sender, the member who retried, or Parley itself.
  actor_kind text not null,
  actor_id text,
  -- The job that made the call: when the same job comes again, the process that ran it is dead.
  job_id text,
  lookups integer not null default 0,
  next_lookup_at timestamptz,
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  unique (message_id, number)
);
create index message_attempts_provider_id on message_attempts (provider_message_id) where provider_message_id is not null;
create index message_attempts_open on message_attempts (started_at) where state in ('calling', 'unknown');
select parley_isolate('message_attempts');

create table message_status_events (
  id uuid primary key,
  workspace_id uuid not null,
  message_id uuid not null references messages on delete cascade,
  attempt integer not null,
  status text not null,
  provider_status text not null,
  error_code text,
  source text not null check (source in ('callback', 'answer', 'lookup', 'parley')),
  delivery_id uuid unique references deliveries on delete set null,
  occurred_at timestamptz not null
);
create index message_status_events_of_message on message_status_events (message_id, occurred_at, id);
select parley_isolate('message_status_events');

create table message_media (
  id uuid primary key,
  workspace_id uuid not null,
  message_id uuid not null references messages on delete cascade,
  position integer not null,
  provider_url bytea not null,
  content_type text not null,
  bytes integer,
  storage_key text,
  -- The stored file's own key, sealed: so the rotation of keys never has to touch files.
  file_key bytea,
  status text not null default 'pending' check (status in ('pending', 'stored', 'failed')),
  error_code text,
  unique (message_id, position)
);
select parley_isolate('message_media');

create table consent_events (
  id uuid primary key,
  workspace_id uuid not null,
  contact_point_id uuid not null references contact_points on delete cascade,
  channel_id uuid references channels on delete set null,
  action text not null check (action in ('opt_out', 'opt_in', 'help')),
  source text not null check (source in ('keyword', 'provider', 'member')),
  -- The proof: the message that said it and the word that was read in it.
  message_id uuid references messages on delete set null,
  keyword text,
  -- What a member wrote down as the reason.
  reason bytea,
  actor_kind text not null,
  actor_id text,
  occurred_at timestamptz not null
);
create index consent_events_of_point on consent_events (contact_point_id, occurred_at);
select parley_isolate('consent_events');

-- migrate:down
drop table consent_events;
drop table message_media;
drop table message_status_events;
drop table message_attempts;
drop table messages;
drop table conversations;
drop table contact_points;
drop table contacts;
