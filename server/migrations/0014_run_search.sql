-- migrate:up
-- Lists of runs come by id, newest first, and are narrowed by how they ended.
drop index runs_recent;
create index runs_newest on runs (workspace_id, id desc);
create index runs_by_outcome on runs (workspace_id, outcome, id desc);
create index runs_failed on runs (workspace_id, id desc)
  where error_code is not null or reasons @> '[{"decision": "failed"}]';
create index runs_of_message on runs (message_id) where message_id is not null;

-- migrate:down
drop index runs_of_message;
drop index runs_failed;
drop index runs_by_outcome;
drop index runs_newest;
create index runs_recent on runs (workspace_id, started_at desc);
