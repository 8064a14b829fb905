-- migrate:up
-- A workspace's search index: the key that its terms are hashed with, and how far it has followed the event log.
create table search_indexes (
  workspace_id uuid primary key references workspaces on delete cascade,
  -- Sealed: without the workspace's data keys nobody can make a term, and what is stored says nothing.
  key bytea not null,
  sequence bigint not null default 0,
  -- Of the way in which terms are made. Another one: the log is followed anew from its beginning.
  version integer not null
);
select parley_isolate('search_indexes');

create table search_documents (
  workspace_id uuid not null,
  kind text not null check (kind in ('message', 'note', 'contact')),
  -- The message, the note, or the conversation whose contact it is.
  ref_id uuid not null,
  conversation_id uuid not null references conversations on delete cascade,
  -- When it was said; of a contact: when the conversation began.
  at timestamptz not null,
  -- Keyed hashes of what it is found by.
  terms bigint[] not null default '{}',
  primary key (workspace_id, kind, ref_id)
);
-- Hashes cannot be compressed: trying to is time lost.
alter table search_documents alter column terms set storage external;
-- What waits to be merged is read by every search: little of it costs a search nothing and halves the work of indexing.
create index search_documents_terms on search_documents using gin (terms)
  with (fastupdate = on, gin_pending_list_limit = 256);
create index search_documents_newest on search_documents (workspace_id, at desc, ref_id desc) where kind <> 'contact';
create index search_documents_of_conversation on search_documents (conversation_id);
select parley_isolate('search_documents');

-- migrate:down
drop table search_documents;
drop table search_indexes;
