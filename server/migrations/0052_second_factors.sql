-- migrate:up
-- The secret that a user's authenticator app makes its codes from.
create table totp_secrets (
  id uuid primary key,
  user_id text not null references users (id) on delete cascade,
  -- Sealed with a key of the installation.
  sealed bytea not null,
  -- Until a first code has shown that the app has it, it opens nothing.
  confirmed_at timestamptz,
  -- The period (30 s each, since 1970) of the newest code that was used: no code serves twice.
  last_step bigint not null default 0,
  created_at timestamptz not null
);
create unique index totp_secrets_in_use on totp_secrets (user_id) where confirmed_at is not null;
create unique index totp_secrets_being_set_up on totp_secrets (user_id) where confirmed_at is null;
grant select, insert, update, delete on totp_secrets to parley_system;

-- Codes on paper, for who has lost the app; each serves once.
create table backup_codes (
  user_id text not null references users (id) on delete cascade,
  -- Of the salt, which all codes of one set share, and the code (scrypt).
  hash bytea not null,
  salt bytea not null,
  used_at timestamptz,
  primary key (user_id, hash)
);
grant select, insert, update, delete on backup_codes to parley_system;

-- Browsers in which a user is not asked for the second factor.
create table remembered_devices (
  id uuid primary key,
  user_id text not null references users (id) on delete cascade,
  -- SHA-256 of what the browser keeps in a cookie, which changes with every sign-in.
  token_hash text not null unique,
  device text,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null
);
create index remembered_devices_of_user on remembered_devices (user_id);
grant select, insert, update, delete on remembered_devices to parley_system;

create table passkeys (
  id text primary key,
  name text,
  public_key text not null,
  user_id text not null references users (id) on delete cascade,
  credential_id text not null unique,
  counter bigint not null,
  device_type text not null,
  backed_up boolean not null,
  transports text,
  created_at timestamptz not null default now(),
  aaguid text,
  last_used_at timestamptz
);
create index passkeys_of_user on passkeys (user_id);
grant select, insert, update, delete on passkeys to parley_system;

alter table workspaces add column second_factor text not null default 'optional'
  check (second_factor in ('optional', 'required'));

-- migrate:down
alter table workspaces drop column second_factor;
drop table passkeys;
drop table remembered_devices;
drop table backup_codes;
drop table totp_secrets;
