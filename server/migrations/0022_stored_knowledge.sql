-- migrate:up
-- Which version of a document stands in the stored index; null: none.
alter table training_documents add column indexed_version integer;

-- The stored index of a workspace whose knowledge is too large for the memory of a process.
create table knowledge_indexes (
  workspace_id uuid primary key references workspaces on delete cascade,
  -- Sealed: without the workspace's data keys nobody can make a term, and what is stored says nothing.
  key bytea not null,
  -- Passages are numbered in the order in which they were stored.
  next_number integer not null default 0,
  -- Whether all that was there has been stored once: until then it is searched in memory, as far as there is room.
  complete boolean not null default false
);
select parley_isolate('knowledge_indexes');

-- Its passages, one by one, so that a question opens the few that it needs.
create table knowledge_passages (
  workspace_id uuid not null,
  number integer not null,
  document_id uuid not null references training_documents on delete cascade,
  language text not null,
  -- Sealed: heading, text, page.
  content bytea not null,
  primary key (workspace_id, number)
);
-- Ciphertext cannot be compressed: trying to is time lost.
alter table knowledge_passages alter column content set storage external;
create index knowledge_passages_of_document on knowledge_passages (document_id);
select parley_isolate('knowledge_passages');

-- Passages that were stored or merged together, by their numbers: first to next - 1.
create table knowledge_segments (
  workspace_id uuid not null references workspaces on delete cascade,
  first integer not null,
  next integer not null,
  passages integer not null,
  -- How long its passages are together, counted as each field of the ranking counts.
  lengths double precision[] not null default '{}',
  primary key (workspace_id, first)
);
select parley_isolate('knowledge_segments');

-- By the keyed hash of a term and by segment: which passages hold it, and how much it says there.
create table knowledge_postings (
  workspace_id uuid not null,
  term bigint not null,
  segment integer not null,
  count integer not null,
  postings bytea not null,
  primary key (workspace_id, term, segment) include (count)
);
alter table knowledge_postings alter column postings set storage external;
select parley_isolate('knowledge_postings');

-- migrate:down
drop table knowledge_postings;
drop table knowledge_segments;
drop table knowledge_passages;
drop table knowledge_indexes;
alter table training_documents drop column indexed_version;
