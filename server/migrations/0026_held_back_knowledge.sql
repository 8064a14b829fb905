-- migrate:up
-- False: held back. It is read like any other, and only a shadow run that names it answers from it.
alter table training_data add column live boolean not null default true;

-- migrate:down
alter table training_data drop column live;
