-- migrate:up
-- The version whose passages are being stored, piece by piece; null once all of them are. Who comes next goes on where these end.
alter table training_documents add column indexing_version integer;

-- migrate:down
alter table training_documents drop column indexing_version;
