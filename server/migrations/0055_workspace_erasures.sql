-- migrate:up
-- The erasure of a whole workspace: set, under way, and in the end all that is left of it. No foreign key: it stays when the
-- workspace is gone.
create table workspace_erasures (
  workspace_id uuid primary key,
  state text not null check (state in ('waiting', 'running', 'done')),
  set_at timestamptz not null,
  -- Gone once it has begun.
  set_by_kind text,
  set_by text,
  begins_at timestamptz not null,
  begun_at timestamptz,
  worked_at timestamptz,
  finished_at timestamptz,
  counts jsonb not null default '[]',
  files integer not null default 0
);
select parley_isolate('workspace_erasures');

-- migrate:down
drop table workspace_erasures;
