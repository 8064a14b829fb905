-- migrate:up
create table channels (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  provider text not null,
  name text not null,
  -- E.164, a short code or an alphanumeric sender.
  address text not null,
  -- The pool that the address is in, e.g. Twilio's MessagingServiceSid.
  pool_id text,
  account_id text not null,
  -- For numbers written nationally; ISO 3166-1 alpha-2.
  country text,
  credentials bytea not null,
  status text not null default 'active' check (status in ('active', 'paused', 'needs_attention')),
  status_code text,
  -- Sends a second that the carrier takes from this address; null: no limit of ours.
  sends_per_second real check (sends_per_second > 0),
  next_send_at timestamptz not null default '-infinity',
  last_inbound_at timestamptz,
  last_outbound_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index channels_address on channels (provider, address, account_id) where deleted_at is null;
create index channels_pool on channels (provider, pool_id) where deleted_at is null and pool_id is not null;
create index channels_account on channels (provider, account_id) where deleted_at is null;
create index channels_of_workspace on channels (workspace_id);
select parley_isolate('channels');

create table deliveries (
  id uuid primary key,
  -- Goes with its channel: a second foreign key would cost the journal's every row a second look-up.
  workspace_id uuid not null,
  channel_id uuid not null references channels on delete cascade,
  hook text not null,
  delivery_key text not null,
  -- Sealed: the URL, a line feed, and the body as it arrived.
  payload bytea not null,
  request_id text not null,
  received_at timestamptz not null,
  status text not null default 'received' check (status in ('received', 'processed', 'failed')),
  error_code text,
  processed_at timestamptz,
  -- How often the provider called again with the same.
  duplicates integer not null default 0,
  -- How often the sweep gave it a job again.
  sweeps smallint not null default 0,
  unique (channel_id, hook, delivery_key)
);
create index deliveries_open on deliveries (received_at) where status <> 'processed';
select parley_isolate('deliveries');

-- Webhook calls that were refused: counted and explained, never kept.
create table refusals (
  workspace_id uuid not null references workspaces on delete cascade,
  channel_id uuid not null references channels on delete cascade,
  hook text not null,
  reason text not null,
  count bigint not null default 1,
  last_at timestamptz not null,
  -- When the last event told of it.
  announced_at timestamptz not null,
  primary key (channel_id, hook, reason)
);
select parley_isolate('refusals');

create table number_orders (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  provider text not null,
  phone_number text not null,
  name text,
  sends_per_second real check (sends_per_second > 0),
  status text not null default 'pending' check (status in ('pending', 'bought', 'failed', 'releasing', 'released')),
  provider_number_id text,
  -- The channel whose account and credentials rent the number.
  source_channel_id uuid references channels on delete set null,
  -- The number's own channel.
  channel_id uuid references channels on delete set null,
  error_code text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index number_orders_open on number_orders (workspace_id, provider, phone_number)
  where status in ('pending', 'bought', 'releasing');
create index number_orders_of_workspace on number_orders (workspace_id, id);
select parley_isolate('number_orders');

-- migrate:down
drop table number_orders;
drop table refusals;
drop table deliveries;
drop table channels;
