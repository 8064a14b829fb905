-- migrate:up
-- Jobs are signed by those who enqueue them. Until this moment, one that is not is run all the same: processes of the version
-- before may still be there. Null: what waits has not been signed yet. Only the owner of the schema looks here.
create table job_signing (
  only_row boolean primary key default true check (only_row),
  unsigned_until timestamptz
);
insert into job_signing (unsigned_until) values (case when to_regclass('pgboss.job') is null then now() end);

-- migrate:down
drop table job_signing;
