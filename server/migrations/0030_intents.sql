-- migrate:up
-- The workspace's own intents, and which of those that come with Parley it does not want.
create table intents (
  workspace_id uuid not null references workspaces on delete cascade,
  name text not null,
  enabled boolean not null,
  created_at timestamptz not null,
  primary key (workspace_id, name)
);
select parley_isolate('intents');

create table intent_examples (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  intent text not null,
  -- Sealed.
  text bytea not null,
  created_by text not null,
  created_at timestamptz not null
);
create index intent_examples_of_workspace on intent_examples (workspace_id, intent, created_at desc, id desc);
select parley_isolate('intent_examples');

-- Each training is a version, and so is each file that was brought from elsewhere.
create table intent_models (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  version integer not null,
  origin text not null check (origin in ('trained', 'imported')),
  state text not null check (state in ('running', 'done', 'canceled', 'failed')),
  progress real not null default 0,
  -- What it was trained on and how it did, as the API shows them.
  data jsonb,
  metrics jsonb,
  -- A stable code.
  error_code text,
  -- Sealed: its words are those of contacts. With the SHA-256 of what is sealed.
  file bytea,
  bytes integer,
  checksum text,
  created_by text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  unique (workspace_id, version)
);
create unique index intent_models_running on intent_models (workspace_id) where state = 'running';
select parley_isolate('intent_models');

-- Which of them reads messages, and which did before: the newest one holds. Null: the one that comes with Parley.
create table intent_model_promotions (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  model_id uuid references intent_models on delete cascade,
  promoted_by text not null,
  promoted_at timestamptz not null
);
create index intent_model_promotions_of_workspace on intent_model_promotions (workspace_id, promoted_at desc, id desc);
select parley_isolate('intent_model_promotions');

-- Counts by day read the messages of all conversations. They are written in the order of time, so that it costs next to nothing.
create index messages_by_time on messages using brin (created_at);

-- migrate:down
drop index messages_by_time;
drop table intent_model_promotions;
drop table intent_models;
drop table intent_examples;
drop table intents;
