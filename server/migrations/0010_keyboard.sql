-- migrate:up
-- Whether Enter sends what stands in a user's compose box. Null: as the device is, with a keyboard or without.
alter table user_preferences add column enter_sends boolean;

-- migrate:down
alter table user_preferences drop column enter_sends;
