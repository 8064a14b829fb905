-- migrate:up
-- Trainings of recommendations are versions of a model, in the words of `intent_models`.
alter table recommenders rename to recommendation_models;
alter index recommenders_running rename to recommendation_models_running;
alter index recommenders_in_use rename to recommendation_models_live;
alter table recommendation_models rename column in_use to live;
alter table recommendation_models alter column progress drop default;
-- From 0 to 1.
alter table recommendation_models alter column progress type double precision using progress / 100.0;
alter table recommendation_models alter column progress set default 0;
-- Interactions that are older than those that it learned from, where there were too many.
alter table recommendation_models add column left_out integer;
alter table recommendation_models add column error_code text;
update recommendation_models set left_out = 0 where interactions is not null;
update recommendation_models set error_code = 'training_failed' where state = 'failed';

-- How the shop calls somebody may be an address: what rests is a hash of it under a key of the workspace, which is sealed.
create table outside_id_keys (
  workspace_id uuid primary key references workspaces on delete cascade,
  key bytea not null
);
select parley_isolate('outside_id_keys');
alter table interactions add column outside_hash text check (outside_hash ~ '^[0-9a-f]{64}$');
alter table interactions drop constraint interactions_check;
-- Plain ones are of versions before; a job hashes and empties them.
alter table interactions add constraint interactions_of_one
  check (num_nonnulls(contact_id, outside_id, outside_hash) <= 1);
drop index interactions_of_outsider;
create index interactions_of_outsider on interactions (workspace_id, outside_hash, happened_at) where outside_hash is not null;
create index interactions_outside_plain on interactions (workspace_id) where outside_id is not null;
-- For reading all of a workspace, the newest first.
create index interactions_in_time on interactions (workspace_id, happened_at, id);

-- migrate:down
drop index interactions_in_time;
drop index interactions_outside_plain;
drop index interactions_of_outsider;
create index interactions_of_outsider on interactions (workspace_id, outside_id, happened_at) where outside_id is not null;
alter table interactions drop constraint interactions_of_one;
-- Hashed ones stay what they are: ids that nobody asks for.
update interactions set outside_id = outside_hash where outside_hash is not null;
alter table interactions drop column outside_hash;
alter table interactions add constraint interactions_check check (contact_id is null or outside_id is null);
drop table outside_id_keys;
alter table recommendation_models drop column error_code;
alter table recommendation_models drop column left_out;
alter table recommendation_models alter column progress drop default;
alter table recommendation_models alter column progress type integer using round(100 * progress);
alter table recommendation_models alter column progress set default 0;
alter table recommendation_models rename column live to in_use;
alter index recommendation_models_live rename to recommenders_in_use;
alter index recommendation_models_running rename to recommenders_running;
alter table recommendation_models rename to recommenders;
