-- migrate:up
-- How a model read the messages of the time in which it was trained: what the messages of later are compared with. Counts only.
alter table intent_models add column reference jsonb;

-- Whether messages are still like those of before, as it was found last; for the model that reads them now.
create table intent_drifts (
  workspace_id uuid primary key references workspaces on delete cascade,
  -- As insights name it.
  model text not null,
  -- Null where there are too few messages.
  reference jsonb,
  recent jsonb,
  looked_at integer not null,
  corrected integer not null,
  -- In what they differ; empty where they do not.
  reasons jsonb not null,
  -- Since when; told once until it is over.
  drifted_at timestamptz,
  checked_at timestamptz not null
);
select parley_isolate('intent_drifts');

-- migrate:down
drop table intent_drifts;
alter table intent_models drop column reference;
