-- migrate:up
-- Deletes what may otherwise only be appended to, in one workspace at a time: retention of the audit, and a workspace's end.
create or replace function parley_isolate(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy one_workspace on %s to parley_app
    using (workspace_id is not distinct from (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
    with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', target);
  execute format('create policy every_workspace on %s to parley_system using (true) with check (true)', target);
  execute format('create policy erasing on %s to parley_eraser
    using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', target);
  execute format('grant select, insert, update, delete on %s to parley_app, parley_system', target);
  execute format('grant select, delete on %s to parley_eraser', target);
end $$;

do $$
declare target regclass;
begin
  for target in select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'workspace_id'
  loop
    execute format('create policy erasing on %s to parley_eraser
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', target);
    execute format('grant select, delete on %s to parley_eraser', target);
  end loop;
end $$;

-- What is deleted must not be looked for in the whole of another table.
create index messages_of_delivery on messages (delivery_id) where delivery_id is not null;
create index consent_events_of_message on consent_events (message_id) where message_id is not null;
create index conversations_of_contact_point on conversations (contact_point_id);

create table legal_holds (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  -- Null: on the whole workspace.
  contact_id uuid,
  reason bytea not null,
  set_by_kind text not null,
  set_by text,
  set_at timestamptz not null,
  ended_at timestamptz,
  ended_by_kind text,
  ended_by text,
  end_reason bytea
);
create index legal_holds_of_workspace on legal_holds (workspace_id, id desc);
select parley_isolate('legal_holds');

-- A kind without a rule is kept for ever.
create table retention_rules (
  workspace_id uuid not null references workspaces on delete cascade,
  kind text not null check (kind in ('messages', 'deliveries', 'media', 'runs', 'chats', 'audit')),
  days integer not null check (days between 1 and 36500),
  updated_at timestamptz not null,
  primary key (workspace_id, kind)
);
select parley_isolate('retention_rules');

-- What went, by which rule: the proof. Counted by the transactions that deleted.
create table retention_runs (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  state text not null check (state in ('running', 'done', 'failed')),
  begun_by text not null check (begun_by in ('schedule', 'member', 'command')),
  actor_kind text not null,
  actor_id text,
  results jsonb not null,
  error_code text,
  started_at timestamptz not null,
  -- When it was last at work: one whose process was lost is taken up again.
  worked_at timestamptz not null,
  finished_at timestamptz
);
create unique index retention_runs_running on retention_runs (workspace_id) where state = 'running';
create index retention_runs_of_workspace on retention_runs (workspace_id, id desc);
select parley_isolate('retention_runs');

-- Up to where a chain was taken away by the workspace's rule. Sealed: who has the database alone can move it nowhere.
create table audit_checkpoints (
  workspace_id uuid primary key references workspaces on delete cascade,
  number bigint not null check (number > 0),
  hash text not null,
  occurred_at timestamptz not null,
  removed_at timestamptz not null,
  days integer not null,
  sealed bytea not null
);
select parley_isolate('audit_checkpoints');

-- migrate:down
drop table audit_checkpoints;
drop table retention_runs;
drop table retention_rules;
drop table legal_holds;
drop index conversations_of_contact_point;
drop index consent_events_of_message;
drop index messages_of_delivery;
do $$
declare target regclass;
begin
  for target in select c.oid::regclass from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'workspace_id'
  loop
    execute format('drop policy erasing on %s', target);
    execute format('revoke all on %s from parley_eraser', target);
  end loop;
end $$;
create or replace function parley_isolate(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy one_workspace on %s to parley_app
    using (workspace_id is not distinct from (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
    with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', target);
  execute format('create policy every_workspace on %s to parley_system using (true) with check (true)', target);
  execute format('grant select, insert, update, delete on %s to parley_app, parley_system', target);
end $$;
