-- migrate:up
alter table sessions
  -- Of the last request, to the minute.
  add column last_used_at timestamptz,
  -- How it was opened: by a password, through a workspace's own sign-in, by another company's.
  add column way text not null default 'password',
  -- Opened through a workspace's own sign-in, it reaches this workspace and nothing else.
  add column only_workspace uuid references workspaces on delete cascade;
-- Whoever reads the table has nobody's session.
update sessions set token = 'sha256:' || encode(sha256(convert_to(token, 'UTF8')), 'hex');

-- What a program of a user goes on with: one row for each chain of refresh tokens. Users belong to no workspace.
create table token_families (
  id uuid primary key,
  user_id text not null references users on delete cascade,
  -- As the program calls itself.
  name text,
  device text,
  -- Of the last request.
  address text,
  way text not null,
  only_workspace uuid references workspaces on delete cascade,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  -- However often it is renewed.
  expires_at timestamptz not null,
  ended_at timestamptz,
  -- A refresh token was used again: two had it.
  reused_at timestamptz
);
create index token_families_of_user on token_families (user_id);
create table refresh_tokens (
  hash text primary key,
  family_id uuid not null references token_families on delete cascade,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- Of the number that the program gave this one renewal.
  renewal_hash text,
  successor_hash text
);
create index refresh_tokens_of_family on refresh_tokens (family_id);
create table signing_keys (
  kid text primary key,
  public_key jsonb not null,
  -- The private key, sealed with a key of the installation.
  sealed bytea not null,
  created_at timestamptz not null,
  -- Published before: who verifies tokens has read it by then.
  signs_from timestamptz not null
);
grant select, insert, update, delete on token_families, refresh_tokens, signing_keys to parley_system;

-- migrate:down
drop table signing_keys;
drop table refresh_tokens;
drop table token_families;
-- What was hashed is not known any more: everybody signs in again.
delete from sessions;
alter table sessions drop column only_workspace, drop column way, drop column last_used_at;
