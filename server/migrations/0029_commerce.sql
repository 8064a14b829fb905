-- migrate:up
create table products (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  sku text not null,
  name text not null,
  description text not null default '',
  -- In the smallest unit of the currency.
  price_minor integer,
  currency text,
  in_stock boolean not null default true,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, sku)
);
select parley_isolate('products');

-- What people did with products.
create table interactions (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  product_id uuid not null references products on delete cascade,
  contact_id uuid references contacts on delete cascade,
  -- How the shop calls somebody who is no contact; one of the two says who it was.
  outside_id text,
  kind text not null check (kind in ('view', 'cart', 'purchase')),
  happened_at timestamptz not null,
  recorded_at timestamptz not null,
  check (contact_id is null or outside_id is null)
);
create index interactions_of_product on interactions (product_id);
create index interactions_of_contact on interactions (contact_id, happened_at) where contact_id is not null;
create index interactions_of_outsider on interactions (workspace_id, outside_id, happened_at) where outside_id is not null;
create index interactions_recorded on interactions (workspace_id, recorded_at);
select parley_isolate('interactions');

-- Trainings of recommendations, and the models that they gave.
create table recommenders (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  version integer not null,
  kind text not null check (kind in ('full', 'update')),
  state text not null check (state in ('running', 'done', 'canceled', 'failed')),
  progress integer not null default 0,
  in_use boolean not null default false,
  interactions integer,
  products integer,
  people integer,
  auc double precision,
  bytes integer,
  -- Sealed: the model, and whom and what it numbers; gone when newer ones have taken its place.
  model bytea,
  roster bytea,
  started_at timestamptz not null,
  finished_at timestamptz,
  unique (workspace_id, version)
);
alter table recommenders alter column model set storage external;
create unique index recommenders_running on recommenders (workspace_id) where state = 'running';
create unique index recommenders_in_use on recommenders (workspace_id) where in_use;
select parley_isolate('recommenders');

-- migrate:down
drop table recommenders;
drop table interactions;
drop table products;
