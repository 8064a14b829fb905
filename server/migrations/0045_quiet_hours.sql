-- migrate:up
-- Where a user's clock stands; null: where the workspace's does.
alter table user_preferences add column time_zone text;
-- When they want no ring: `{from, to, days}`, as the contract has it. Null: at no time.
alter table user_preferences add column quiet_hours jsonb;

-- migrate:down
alter table user_preferences drop column quiet_hours;
alter table user_preferences drop column time_zone;
