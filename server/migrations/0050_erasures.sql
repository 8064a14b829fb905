-- migrate:up
-- What an erased contact had refused: kept as a keyed hash of their address, so that it holds when they write again.
create table suppressions (
  workspace_id uuid not null references workspaces on delete cascade,
  address_hash text not null,
  opted_out boolean not null,
  ai_refused boolean not null,
  created_at timestamptz not null,
  primary key (workspace_id, address_hash)
);
select parley_isolate('suppressions');
create table suppression_keys (
  workspace_id uuid primary key references workspaces on delete cascade,
  key bytea not null
);
select parley_isolate('suppression_keys');
alter table consent_events drop constraint consent_events_source_check;
alter table consent_events add constraint consent_events_source_check
  check (source in ('keyword', 'provider', 'member', 'kept'));

create table erasures (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  contact_id uuid not null,
  state text not null check (state in ('running', 'done', 'failed')),
  -- How many rows there were of each table, and how many of them went.
  counts jsonb not null,
  files integer not null default 0,
  -- What is looked for at the end, sealed; gone once it was.
  needles bytea,
  report jsonb,
  error_code text,
  actor_kind text not null,
  actor_id text,
  created_at timestamptz not null,
  worked_at timestamptz not null,
  finished_at timestamptz
);
create unique index erasures_running on erasures (workspace_id, contact_id) where state = 'running';
create index erasures_of_workspace on erasures (workspace_id, id desc);
select parley_isolate('erasures');

-- migrate:down
drop table erasures;
delete from consent_events where source = 'kept';
alter table consent_events drop constraint consent_events_source_check;
alter table consent_events add constraint consent_events_source_check
  check (source in ('keyword', 'provider', 'member'));
drop table suppression_keys;
drop table suppressions;
