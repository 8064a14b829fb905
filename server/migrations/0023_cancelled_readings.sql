-- migrate:up
-- How its last reading ended, while the next one waits or runs: what holds again when that one is cancelled.
alter table training_data add column settled jsonb;

-- migrate:down
alter table training_data drop column settled;
