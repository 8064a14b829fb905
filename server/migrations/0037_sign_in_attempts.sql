-- migrate:up
-- Attempts in a row at one thing: signing in to an account, or from an address. Shared by all nodes, and kept over restarts.
create table sign_in_attempts (
  -- A keyed hash: nobody reads here who signs in from where.
  key_hash text primary key,
  attempts integer not null,
  last_at timestamptz not null,
  -- Until then a further one is refused unheard.
  locked_until timestamptz
);
create index sign_in_attempts_by_age on sign_in_attempts (last_at);
grant select, insert, update, delete on sign_in_attempts to parley_system;

-- migrate:down
drop table sign_in_attempts;
