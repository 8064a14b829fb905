-- migrate:up
-- Sealed: what the assistant called in a turn, and what came of it.
alter table runs add column steps bytea;

-- A tool that calls an address of the workspace's choice. Who may use it stands in tool_choices.
create table http_tools (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  name text not null,
  description text not null,
  -- JSON Schema of what a model calls it with.
  input jsonb not null,
  method text not null check (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
  url text not null,
  -- Sealed: its headers, which hold secrets. Their names are no secret.
  headers bytea,
  header_names jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, name)
);
select parley_isolate('http_tools');

-- A server that speaks the Model Context Protocol. Its tools are those that a member has looked at: what it says later of
-- itself counts when a member asks it again.
create table tool_servers (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  name text not null,
  url text not null,
  headers bytea,
  header_names jsonb not null default '[]',
  tools jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, name)
);
select parley_isolate('tool_servers');

-- Who may use a tool, where that is not what the tool comes with.
create table tool_choices (
  workspace_id uuid not null references workspaces on delete cascade,
  name text not null,
  contacts boolean not null,
  members boolean not null,
  confirmation boolean not null,
  primary key (workspace_id, name)
);
select parley_isolate('tool_choices');

-- A call that a member is to confirm before it is made.
create table confirmations (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  tool text not null,
  -- Sealed: what it will be called with.
  input bytea not null,
  -- What a member needs to confirm it.
  permission text not null,
  asked_by_kind text not null check (asked_by_kind in ('contact', 'member', 'api_key')),
  asked_by text,
  -- Where it is shown; null: it belongs to no conversation.
  conversation_id uuid references conversations on delete cascade,
  state text not null default 'waiting'
    check (state in ('waiting', 'confirmed', 'running', 'done', 'failed', 'refused', 'expired')),
  decided_by text,
  decided_at timestamptz,
  -- Sealed: what the tool returned.
  result bytea,
  error_code text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  updated_at timestamptz not null
);
create index confirmations_recent on confirmations (workspace_id, id desc);
create index confirmations_of_conversation on confirmations (conversation_id, id desc) where conversation_id is not null;
create index confirmations_open on confirmations (expires_at) where state in ('waiting', 'confirmed', 'running');
select parley_isolate('confirmations');

-- migrate:down
drop table confirmations;
drop table tool_choices;
drop table tool_servers;
drop table http_tools;
alter table runs drop column steps;
