-- migrate:up
create table audit_entries (
  workspace_id uuid not null references workspaces on delete cascade,
  number bigint not null check (number > 0),
  occurred_at timestamptz not null,
  actor_kind text not null,
  actor_id text,
  via text not null,
  session_id text,
  request_id text not null,
  action text not null,
  target_kind text not null,
  target_id text,
  result text not null check (result in ('done', 'refused', 'failed')),
  details jsonb not null,
  -- Personal data, and in the chain by a salted hash only: it can be forgotten, the salt with it, and the chain holds.
  address text,
  device text,
  origin_salt text,
  origin_hash text not null,
  previous_hash text not null,
  hash text not null,
  primary key (workspace_id, number)
);
create index audit_entries_by_action on audit_entries (workspace_id, action, number);
create index audit_entries_by_actor on audit_entries (workspace_id, actor_id, number);
select parley_isolate('audit_entries');
-- Appended to, like the event log: no code may rewrite it.
revoke update, delete on audit_entries from parley_app, parley_system;

-- Where each chain ends. Locked by whoever appends, so that a chain has no gap and no fork.
create table audit_heads (
  workspace_id uuid primary key references workspaces on delete cascade,
  number bigint not null,
  hash text not null,
  -- Number and hash, sealed with the workspace's key: who has the database alone can write no chain of their own.
  sealed bytea not null
);
select parley_isolate('audit_heads');
revoke delete on audit_heads from parley_app, parley_system;

create table security_alerts (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  kind text not null,
  target_kind text not null,
  -- Empty where the workspace itself is meant.
  target_id text not null,
  times integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  told_at timestamptz not null,
  -- How many there were when it was told last.
  told_times integer not null,
  entry_number bigint not null,
  dismissed_at timestamptz
);
create unique index security_alerts_open on security_alerts (workspace_id, kind, target_kind, target_id)
  where dismissed_at is null;
select parley_isolate('security_alerts');

-- From where a user has signed in before; users belong to no workspace.
create table known_devices (
  user_id text not null references users on delete cascade,
  device text not null,
  network text not null,
  last_at timestamptz not null,
  primary key (user_id, device, network)
);
grant select, insert, update, delete on known_devices to parley_system;

-- What a key read, hour by hour, of the past week: to see when it is far more than usual.
create table api_key_reads (
  workspace_id uuid not null references workspaces on delete cascade,
  api_key_id uuid not null references api_keys on delete cascade,
  hour timestamptz not null,
  reads bigint not null,
  primary key (api_key_id, hour)
);
select parley_isolate('api_key_reads');

-- migrate:down
drop table api_key_reads;
drop table known_devices;
drop table security_alerts;
drop table audit_heads;
drop table audit_entries;
