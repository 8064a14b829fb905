-- migrate:up
-- Vectors of passages, some neighbours of one document in a row. A vector can be turned back into what it was made of, so
-- they rest sealed, as the text does, and nothing in the database compares them.
create table knowledge_vectors (
  workspace_id uuid not null,
  document_id uuid not null references training_documents on delete cascade,
  -- Of the document.
  version integer not null,
  -- Which model they are of: those of two models have nothing in common.
  model text not null,
  -- The place of the first of these passages in the document.
  first integer not null,
  passages integer not null,
  -- Passages among them that have none, because they are private and the model is not local.
  withheld integer not null,
  -- What the workspace found private then.
  privacy text not null,
  -- The document ends here.
  is_last boolean not null,
  -- Sealed.
  vectors bytea not null,
  primary key (document_id, version, model, first)
);
alter table knowledge_vectors alter column vectors set storage external;
create index knowledge_vectors_of_workspace on knowledge_vectors (workspace_id);
select parley_isolate('knowledge_vectors');

-- Who makes them now, and what stands in the way.
create table knowledge_vector_work (
  workspace_id uuid primary key references workspaces on delete cascade,
  model text not null,
  -- How many numbers its vectors have, once one was made.
  dimensions integer,
  -- The job that does, and how long it is believed to be alive without another word.
  holder text,
  held_until timestamptz,
  -- Why it does not go on.
  problem text
);
select parley_isolate('knowledge_vector_work');

-- migrate:down
drop table knowledge_vector_work;
drop table knowledge_vectors;
