-- migrate:up
create table exports (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  -- Null: of the whole workspace.
  contact_id uuid,
  state text not null check (state in ('running', 'done', 'failed', 'canceled', 'expired')),
  total integer not null,
  done integer not null default 0,
  -- Sealed, and gone once the file is written.
  passphrase bytea,
  bytes bigint,
  checksum text,
  error_code text,
  actor_kind text not null,
  actor_id text,
  created_at timestamptz not null,
  worked_at timestamptz not null,
  finished_at timestamptz,
  expires_at timestamptz
);
create unique index exports_running on exports (workspace_id) where state = 'running';
create index exports_of_workspace on exports (workspace_id, id desc);
select parley_isolate('exports');

-- migrate:down
drop table exports;
