-- migrate:up
-- Phone numbers of members. A number rests sealed; it is found by a hash of it under a key of the workspace, which is sealed.
create table phone_number_keys (
  workspace_id uuid primary key references workspaces on delete cascade,
  key bytea not null
);
select parley_isolate('phone_number_keys');

create table member_phone_numbers (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  user_id text not null,
  number bytea not null,
  number_hash text not null,
  verified_at timestamptz,
  created_at timestamptz not null,
  -- Who leaves the workspace takes their numbers along.
  foreign key (workspace_id, user_id) references members (workspace_id, user_id) on delete cascade,
  unique (workspace_id, user_id, number_hash)
);
create unique index member_phone_numbers_verified on member_phone_numbers (workspace_id, number_hash)
  where verified_at is not null;
create index member_phone_numbers_of_user on member_phone_numbers (user_id);
select parley_isolate('member_phone_numbers');

-- The code that was sent last to a number, for each purpose.
create table phone_codes (
  phone_number_id uuid not null references member_phone_numbers on delete cascade,
  purpose text not null,
  workspace_id uuid not null references workspaces on delete cascade,
  -- Keyed, and with the text's id: six digits are guessed at once where the hash alone is to be had.
  code_hash text not null,
  guesses integer not null default 0,
  -- The text that it went out with.
  text_id uuid not null,
  expires_at timestamptz not null,
  primary key (phone_number_id, purpose)
);
select parley_isolate('phone_codes');

-- Texts with codes to members. No messages: they are in no conversation, and what they said is forgotten when they are sent.
create table code_texts (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  channel_id uuid not null references channels on delete cascade,
  user_id text not null,
  number_hash text not null,
  -- To whom and what; null once it is settled.
  content bytea,
  state text not null check (state in ('waiting', 'calling', 'sent', 'refused', 'unknown', 'undelivered')),
  -- Why, where it did not arrive.
  error_code text,
  created_at timestamptz not null,
  claimed_at timestamptz
);
create index code_texts_newest on code_texts (workspace_id, created_at);
select parley_isolate('code_texts');

-- Besides its own country and those of its channels: where codes may be sent.
alter table workspaces add column code_countries text[] not null default '{}';

-- migrate:down
alter table workspaces drop column code_countries;
drop table code_texts;
drop table phone_codes;
drop table member_phone_numbers;
drop table phone_number_keys;
