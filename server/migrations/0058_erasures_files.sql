-- migrate:up
-- Files whose rows are deleted, until they are too: whoever goes on after a kill finds no row that tells of them.
alter table erasures add column files_left jsonb not null default '[]';

-- migrate:down
alter table erasures drop column files_left;
