-- migrate:up
-- What the assistant was given to know from: a text, a file, a page, all pages of a sitemap, a question with its answer.
create table training_data (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  kind text not null check (kind in ('text', 'file', 'page', 'sitemap', 'pair')),
  -- What a member called it; null where it goes by the name that it came with (which is in its origin).
  title text,
  -- Sealed: where it came from, and what it calls itself.
  origin bytea,
  -- A keyed hash of what makes it the same one again: a file's bytes, a page's address.
  fingerprint text,
  -- Sealed: the key of the stored file. With the row goes the key, and whatever copy of the file is left is noise.
  file_key bytea,
  state text not null default 'queued' check (state in ('queued', 'reading', 'ready', 'failed', 'stale')),
  -- Counts the readings that were asked for: what an older one still brings is not taken.
  reading integer not null default 0,
  -- Grows with each change of what can be found in it.
  version integer not null default 1,
  progress jsonb,
  error jsonb,
  characters integer not null default 0,
  -- Null: it was pasted before passages were counted.
  passages integer,
  language text,
  pages_max integer,
  refetch_hours integer,
  next_fetch_at timestamptz,
  failures integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  read_at timestamptz
);
create index training_data_of_workspace on training_data (workspace_id, id);
create unique index training_data_once on training_data (workspace_id, kind, fingerprint) where fingerprint is not null;
create index training_data_due on training_data (next_fetch_at) where next_fetch_at is not null;
select parley_isolate('training_data');

-- What was read of it: one document, or one for each page of a sitemap.
create table training_documents (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  training_data_id uuid not null references training_data on delete cascade,
  position integer not null default 0,
  -- Sealed; null for what has no address.
  address bytea,
  fingerprint text,
  format text not null default 'text' check (format in ('text', 'parts')),
  -- Sealed; null until it was read.
  content bytea,
  content_hash text,
  version integer not null default 1,
  -- The reading in which it was last looked at.
  reading integer not null default 0,
  state text not null default 'queued' check (state in ('queued', 'ready', 'failed', 'gone')),
  error jsonb,
  characters integer not null default 0,
  passages integer,
  language text,
  etag text,
  last_modified text,
  fetched_at timestamptz,
  unique (training_data_id, fingerprint)
);
create index training_documents_in_order on training_documents (training_data_id, position, id);
create index training_documents_of_workspace on training_documents (workspace_id);
select parley_isolate('training_documents');

select set_config('role', 'parley_system', true);
insert into training_data (id, workspace_id, kind, title, state, version, characters, created_at, updated_at, read_at)
  select id, workspace_id, 'text', title, 'ready', version, characters, created_at, updated_at, updated_at from knowledge_texts;
-- A value is sealed for the place that it was made for: a document of before has the text's id.
insert into training_documents (id, workspace_id, training_data_id, content, version, state, characters)
  select id, workspace_id, id, content, version, 'ready', characters from knowledge_texts;
select set_config('role', 'none', true);
drop table knowledge_texts;

-- migrate:down
create table knowledge_texts (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  title text not null,
  content bytea not null,
  characters integer not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index knowledge_texts_of_workspace on knowledge_texts (workspace_id);
select parley_isolate('knowledge_texts');
select set_config('role', 'parley_system', true);
-- Pasted texts stay; what came from elsewhere has no place there.
insert into knowledge_texts (id, workspace_id, title, content, characters, version, created_at, updated_at)
  select t.id, t.workspace_id, t.title, d.content, t.characters, t.version, t.created_at, t.updated_at
  from training_data t join training_documents d on d.training_data_id = t.id
  where t.kind = 'text' and d.content is not null and t.title is not null and d.id = t.id;
select set_config('role', 'none', true);
drop table training_documents;
drop table training_data;
