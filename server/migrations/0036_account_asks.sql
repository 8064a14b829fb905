-- migrate:up
-- What was asked for an address that may be nobody's: who asks cannot tell, for the same is done at once for everybody.
create table account_asks (
  id uuid primary key,
  -- Whose address and what for, sealed with a key of the installation.
  sealed bytea not null,
  created_at timestamptz not null
);
grant select, insert, delete on account_asks to parley_system;

-- migrate:down
drop table account_asks;
