-- migrate:up
-- Where "tomorrow at 3" is meant; null: where the installation says.
alter table workspaces add column time_zone text;

-- migrate:down
alter table workspaces drop column time_zone;
