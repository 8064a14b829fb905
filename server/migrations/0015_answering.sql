-- migrate:up
alter table assistants add column support_needed double precision not null default 0.6
  check (support_needed between 0 and 1);
alter table runs
  add column support double precision,
  -- Sealed: what a member who takes over is told.
  add column hand_over bytea;

-- Questions whose right answer a member has settled.
create table answer_cases (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  language text not null,
  expects text not null check (expects in ('answer', 'hand_over')),
  training_data_id uuid references training_data on delete set null,
  -- Sealed: the question, and what has to stand in its answer.
  content bytea not null,
  passed boolean,
  because text,
  support double precision,
  model text,
  -- Sealed: what was said when it was last checked.
  answer bytea,
  checked_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index answer_cases_of_workspace on answer_cases (workspace_id, id);
create index answer_cases_of_data on answer_cases (training_data_id) where training_data_id is not null;
select parley_isolate('answer_cases');

create table case_checks (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  state text not null default 'running' check (state in ('running', 'done', 'canceled', 'failed')),
  total integer not null,
  done integer not null default 0,
  failed integer not null default 0,
  cost_micros bigint not null default 0,
  started_at timestamptz not null,
  finished_at timestamptz
);
create index case_checks_of_workspace on case_checks (workspace_id, id);
-- One at a time: they all ask the same.
create unique index case_checks_running on case_checks (workspace_id) where state = 'running';
select parley_isolate('case_checks');

-- Turns of before, answered anew with something changed.
create table shadow_runs (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  state text not null default 'running' check (state in ('running', 'done', 'canceled', 'failed')),
  -- Sealed: what would be otherwise.
  changes bytea not null,
  total integer not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  used_at timestamptz
);
create index shadow_runs_of_workspace on shadow_runs (workspace_id, id);
create unique index shadow_runs_running on shadow_runs (workspace_id) where state = 'running';
select parley_isolate('shadow_runs');

create table shadow_answers (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  shadow_run_id uuid not null references shadow_runs on delete cascade,
  run_id uuid not null references runs on delete cascade,
  -- Null until it was tried.
  verdict text check (verdict in ('same', 'differs', 'now_hands_over', 'now_answers', 'failed')),
  outcome text,
  -- Sealed: what would be said.
  answer bytea,
  model text,
  support double precision,
  read_passages jsonb not null default '[]',
  cost_micros bigint not null default 0,
  duration_ms integer,
  unique (shadow_run_id, run_id)
);
create index shadow_answers_in_order on shadow_answers (shadow_run_id, id);
create index shadow_answers_of_run on shadow_answers (run_id);
create index shadow_answers_of_workspace on shadow_answers (workspace_id);
select parley_isolate('shadow_answers');

-- migrate:down
drop table shadow_answers;
drop table shadow_runs;
drop table case_checks;
drop table answer_cases;
alter table runs drop column support, drop column hand_over;
alter table assistants drop column support_needed;
