-- migrate:up
create table insights (
  message_id uuid primary key references messages on delete cascade,
  workspace_id uuid not null,
  language text not null check (language in ('en', 'es', 'pt', 'unknown')),
  language_confidence real not null,
  model_version text not null,
  created_at timestamptz not null default now()
);
select parley_isolate('insights');

create table knowledge_texts (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  title text not null,
  content bytea not null,
  characters integer not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index knowledge_texts_of_workspace on knowledge_texts (workspace_id);
select parley_isolate('knowledge_texts');

create table models (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  name text not null,
  base_url text not null,
  model text not null,
  api_key bytea,
  -- Runs on the operator's own machines: private content may reach it.
  local boolean not null default false,
  enabled boolean not null default true,
  -- Price of a million tokens, in millionths of the budget's currency.
  input_price_micros bigint not null default 0,
  output_price_micros bigint not null default 0,
  timeout_ms integer not null default 20000,
  output_tokens_max integer not null default 400,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index models_of_workspace on models (workspace_id);
select parley_isolate('models');

create table budgets (
  workspace_id uuid not null references workspaces on delete cascade,
  -- The first day of the month (UTC).
  month date not null,
  limit_micros bigint,
  spent_micros bigint not null default 0,
  reserved_micros bigint not null default 0,
  primary key (workspace_id, month),
  check (reserved_micros >= 0)
);
select parley_isolate('budgets');

create table reservations (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  month date not null,
  amount_micros bigint not null,
  settled_micros bigint,
  purpose text not null,
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create index reservations_open on reservations (created_at) where settled_at is null;
select parley_isolate('reservations');

create table assistants (
  workspace_id uuid primary key references workspaces on delete cascade,
  policy text not null default 'auto' check (policy in ('off', 'draft', 'auto')),
  persona text not null default '',
  -- How long a contact must be silent before a burst is answered.
  burst_wait_ms integer not null default 1500 check (burst_wait_ms between 0 and 60000),
  -- Automatic replies to one contact in an hour: two machines never talk for ever.
  replies_per_hour_max integer not null default 20 check (replies_per_hour_max between 1 and 1000),
  model_id uuid references models on delete set null,
  updated_at timestamptz not null default now()
);
select parley_isolate('assistants');

create table runs (
  id uuid primary key,
  workspace_id uuid not null,
  conversation_id uuid not null references conversations on delete cascade,
  job_id text not null,
  status text not null check (status in ('active', 'finished', 'failed')),
  outcome text check (outcome in ('answered', 'drafted', 'handed_over', 'superseded', 'limited', 'held_back', 'failed')),
  policy text not null,
  -- What it read: message and passage ids.
  read_message_ids jsonb not null default '[]',
  read_passages jsonb not null default '[]',
  last_read_message_id uuid,
  model text,
  -- Why this model, and what was tried before it.
  reasons jsonb not null default '[]',
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  cost_micros bigint not null default 0,
  duration_ms integer,
  message_id uuid references messages on delete set null,
  error_code text,
  started_at timestamptz not null,
  finished_at timestamptz
);
create unique index runs_active on runs (conversation_id) where status = 'active';
create index runs_of_conversation on runs (conversation_id, started_at desc);
create index runs_recent on runs (workspace_id, started_at desc);
select parley_isolate('runs');

-- migrate:down
drop table runs;
drop table assistants;
drop table reservations;
drop table budgets;
drop table models;
drop table knowledge_texts;
drop table insights;
