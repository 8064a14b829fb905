-- migrate:up
-- How often the run was taken up after its process was lost: an earlier take writes nothing down any more.
alter table runs add column take integer not null default 0;

-- migrate:down
alter table runs drop column take;
