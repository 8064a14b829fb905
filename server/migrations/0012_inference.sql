-- migrate:up
alter table models
  add column preset text not null default 'custom',
  add column capabilities jsonb not null default '["chat"]',
  -- Codes of ISO 639; none: whatever it is asked in.
  add column languages jsonb not null default '[]',
  add column first_token_ms integer not null default 10000,
  add column between_tokens_ms integer not null default 10000,
  -- What the provider allows; null: no such limit.
  add column requests_per_minute_max integer,
  add column requests_per_day_max integer;

-- A model of the environment has no row here, so a reference cannot be a foreign key; what it did, a trigger does.
alter table assistants drop constraint assistants_model_id_fkey;
create function forget_model() returns trigger language plpgsql as $$
begin
  update assistants set model_id = null where workspace_id = old.workspace_id and model_id = old.id;
  return null;
end $$;
create trigger models_forgotten after delete on models for each row execute function forget_model();

-- What a provider asks for a million tokens, by the model's name there: wins over the price in a model's settings.
create table model_prices (
  workspace_id uuid not null references workspaces on delete cascade,
  model text not null,
  input_price_micros bigint not null,
  output_price_micros bigint not null,
  primary key (workspace_id, model)
);
select parley_isolate('model_prices');

-- How a model did, hour by hour, of all processes together.
create table model_figures (
  workspace_id uuid not null references workspaces on delete cascade,
  model_id uuid not null,
  hour timestamptz not null,
  answered integer not null default 0,
  failed integer not null default 0,
  output_tokens bigint not null default 0,
  output_ms bigint not null default 0,
  -- Counts by bucket of time; what a bucket is, figures.ts says.
  latencies integer[] not null default '{}',
  first_tokens integer[] not null default '{}',
  last_answer_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  primary key (workspace_id, model_id, hour)
);
select parley_isolate('model_figures');

-- A model that failed several times in a row and was left alone.
create table model_incidents (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  model_id uuid not null,
  model text not null,
  reason text not null,
  opened_at timestamptz not null,
  closed_at timestamptz
);
create index model_incidents_recent on model_incidents (workspace_id, opened_at desc);
select parley_isolate('model_incidents');

create table routing_settings (
  workspace_id uuid primary key references workspaces on delete cascade,
  settings jsonb not null default '{}',
  updated_at timestamptz not null default now()
);
select parley_isolate('routing_settings');

-- Private content that no local model answered: it went nowhere, and a person was called.
create table routing_receipts (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  purpose text not null,
  conversation_id uuid,
  because jsonb not null default '[]',
  reasons jsonb not null default '[]',
  created_at timestamptz not null
);
create index routing_receipts_recent on routing_receipts (workspace_id, created_at desc);
select parley_isolate('routing_receipts');

create table budget_caps (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  scope text not null check (scope in ('workspace', 'assistant', 'contact')),
  -- Null: each one of that scope by itself.
  subject_id uuid,
  period text not null check (period in ('day', 'month')),
  unit text not null check (unit in ('money', 'tokens', 'segments')),
  limit_amount bigint not null check (limit_amount >= 0),
  warn_percent integer not null default 80 check (warn_percent between 1 and 100),
  when_reached text not null default 'cheaper' check (when_reached in ('cheaper', 'local', 'built_in', 'stop')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (workspace_id, scope, subject_id, period, unit)
);
select parley_isolate('budget_caps');

create table budget_counters (
  workspace_id uuid not null references workspaces on delete cascade,
  cap_id uuid not null references budget_caps on delete cascade,
  -- Whose: the workspace itself, an assistant, a contact.
  subject_id uuid not null,
  starts_on date not null,
  spent bigint not null default 0,
  reserved bigint not null default 0 check (reserved >= 0),
  warned boolean not null default false,
  reached boolean not null default false,
  primary key (cap_id, subject_id, starts_on)
);
select parley_isolate('budget_counters');

-- Requests to a model in a minute or a day, against what its provider allows.
create table request_counters (
  workspace_id uuid not null references workspaces on delete cascade,
  model_id uuid not null,
  period text not null check (period in ('minute', 'day')),
  starts_at timestamptz not null,
  requests integer not null default 0,
  primary key (workspace_id, model_id, period)
);
select parley_isolate('request_counters');

-- Everything that was spent, or is held for a call that is under way (settled_at is null).
create table ledger (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  kind text not null check (kind in ('model', 'sms')),
  purpose text not null,
  model_id uuid,
  model text,
  conversation_id uuid,
  contact_id uuid,
  -- By the cap: [{"cap": …, "subject": …, "on": …, "amount": …}].
  holds jsonb not null default '[]',
  reserved_micros bigint not null default 0,
  reserved_tokens bigint not null default 0,
  cost_micros bigint not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  segments integer not null default 0,
  created_at timestamptz not null,
  settled_at timestamptz
);
create index ledger_open on ledger (created_at) where settled_at is null;
create index ledger_by_time on ledger (workspace_id, created_at);
create index ledger_by_conversation on ledger (conversation_id) where conversation_id is not null;
select parley_isolate('ledger');

insert into budget_caps (id, workspace_id, scope, period, unit, limit_amount)
select distinct on (workspace_id) gen_random_uuid(), workspace_id, 'workspace', 'month', 'money', limit_micros
from (select distinct on (workspace_id) workspace_id, limit_micros from budgets order by workspace_id, month desc) latest
where limit_micros is not null;
insert into budget_counters (workspace_id, cap_id, subject_id, starts_on, spent, reserved)
select b.workspace_id, c.id, b.workspace_id, b.month, b.spent_micros, b.reserved_micros
from budgets b join budget_caps c on c.workspace_id = b.workspace_id;
-- One entry a month stands for what was spent before there was a ledger.
insert into ledger (id, workspace_id, kind, purpose, cost_micros, created_at, settled_at)
select gen_random_uuid(), workspace_id, 'model', 'before', spent_micros, month::timestamp at time zone 'UTC',
  month::timestamp at time zone 'UTC'
from budgets where spent_micros > 0;
insert into ledger (id, workspace_id, kind, purpose, holds, reserved_micros, created_at)
select r.id, r.workspace_id, 'model', r.purpose,
  coalesce((select jsonb_agg(jsonb_build_object('cap', c.id, 'subject', c.workspace_id, 'on', r.month, 'unit', 'money',
    'amount', r.amount_micros)) from budget_caps c where c.workspace_id = r.workspace_id), '[]'),
  r.amount_micros, r.created_at
from reservations r where r.settled_at is null;
drop table reservations;
drop table budgets;

-- migrate:down
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
insert into budgets (workspace_id, month, spent_micros, reserved_micros)
select workspace_id, date_trunc('month', created_at at time zone 'UTC')::date, sum(cost_micros),
  coalesce(sum(reserved_micros) filter (where settled_at is null), 0)
from ledger group by 1, 2;
insert into budgets (workspace_id, month, limit_micros)
select workspace_id, date_trunc('month', now() at time zone 'UTC')::date, limit_amount from budget_caps
where scope = 'workspace' and subject_id is null and period = 'month' and unit = 'money'
on conflict (workspace_id, month) do update set limit_micros = excluded.limit_micros;
insert into reservations (id, workspace_id, month, amount_micros, purpose, created_at)
select id, workspace_id, date_trunc('month', created_at at time zone 'UTC')::date, reserved_micros, purpose, created_at
from ledger where settled_at is null;
drop table ledger;
drop table request_counters;
drop table budget_counters;
drop table budget_caps;
drop table routing_receipts;
drop table routing_settings;
drop table model_incidents;
drop table model_figures;
drop table model_prices;
drop trigger models_forgotten on models;
drop function forget_model();
update assistants set model_id = null where model_id not in (select id from models);
alter table assistants add constraint assistants_model_id_fkey foreign key (model_id) references models on delete set null;
alter table models
  drop column requests_per_day_max,
  drop column requests_per_minute_max,
  drop column between_tokens_ms,
  drop column first_token_ms,
  drop column languages,
  drop column capabilities,
  drop column preset;
