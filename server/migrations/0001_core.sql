-- migrate:up
-- Walls a table in: the application's role sees one workspace's rows, the system role all of them. The wall is no search
-- condition: written so that no index serves it, it cannot lure the planner of a young database from a row's own key to
-- a walk through the whole workspace. Who wants all rows of a workspace asks for them.
create function parley_isolate(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy one_workspace on %s to parley_app
    using (workspace_id is not distinct from (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
    with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', target);
  execute format('create policy every_workspace on %s to parley_system using (true) with check (true)', target);
  execute format('grant select, insert, update, delete on %s to parley_app, parley_system', target);
end $$;

create table workspaces (
  workspace_id uuid primary key,
  name text not null,
  default_country text,
  created_at timestamptz not null default now()
);
select parley_isolate('workspaces');

create table workspace_keys (
  workspace_id uuid not null references workspaces on delete cascade,
  version integer not null,
  wrapped bytea not null,
  wrapper_id text not null,
  created_at timestamptz not null default now(),
  -- A version is announced before anything is sealed with it, so that every process can open what another one seals.
  current_from timestamptz not null default now(),
  primary key (workspace_id, version)
);
select parley_isolate('workspace_keys');
-- Only the keyring opens keys, and it does so as the system role.
revoke all on workspace_keys from parley_app;

create table events (
  position bigint generated always as identity primary key,
  sequence bigint unique,
  id uuid not null,
  workspace_id uuid not null references workspaces on delete cascade,
  type text not null,
  payload jsonb not null,
  actor_kind text not null,
  actor_id text,
  request_id text not null,
  occurred_at timestamptz not null
);
create index events_unnumbered on events (position) where sequence is null;
create index events_of_workspace on events (workspace_id, sequence);
select parley_isolate('events');
-- The log is appended to: no code may rewrite it, and only the sequencer numbers it.
revoke all on events from parley_app, parley_system;
grant select, insert (id, workspace_id, type, payload, actor_kind, actor_id, request_id, occurred_at)
  on events to parley_app, parley_system;
grant update (sequence) on events to parley_system;

create table event_head (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null
);
insert into event_head (sequence) values (0);
grant select, update on event_head to parley_system;

create table idempotency_keys (
  workspace_id uuid not null references workspaces on delete cascade,
  key_hash text not null,
  request_hash text not null,
  status integer not null,
  response bytea not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, key_hash)
);
create index idempotency_keys_age on idempotency_keys (created_at);
select parley_isolate('idempotency_keys');

-- migrate:down
drop table idempotency_keys;
drop table event_head;
drop table events;
drop table workspace_keys;
drop table workspaces;
drop function parley_isolate(regclass);
