-- migrate:up
-- Whether lists of the segments that it was made of may still stand under their numbers.
alter table knowledge_segments add column unmerged boolean not null default false;

-- migrate:down
alter table knowledge_segments drop column unmerged;
