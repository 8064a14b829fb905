-- migrate:up
-- What a member and the assistant say to each other in the app. Nobody else reads it.
create table chats (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  user_id text not null,
  -- Sealed.
  title bytea not null,
  -- Since then it is hidden, and forgotten a moment later.
  removed_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  foreign key (workspace_id, user_id) references members on delete cascade
);
create index chats_of_member on chats (workspace_id, user_id, updated_at desc, id desc);
select parley_isolate('chats');

-- A tree: what has the same parent are other ways on from there. What is edited or tried again is another one.
create table chat_messages (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  chat_id uuid not null references chats on delete cascade,
  parent_id uuid references chat_messages on delete cascade,
  role text not null check (role in ('member', 'assistant')),
  -- The one of its siblings that is shown.
  chosen boolean not null,
  state text not null check (state in ('done', 'waiting', 'writing', 'stopped', 'cut', 'failed')),
  -- Sealed; of an answer that is being written, what there is so far.
  content bytea not null,
  -- Sealed: the tools that were called for it.
  steps bytea,
  -- Counts how often an answer was begun: what an earlier beginning still brings is not taken.
  take integer not null default 0,
  model text,
  reasons jsonb not null default '[]',
  read_passages jsonb not null default '[]',
  notices jsonb not null default '[]',
  input_tokens integer,
  output_tokens integer,
  cost_micros bigint,
  duration_ms integer,
  error_code text,
  created_at timestamptz not null,
  -- When its text was last written down.
  kept_at timestamptz not null
);
create index chat_messages_of_chat on chat_messages (chat_id, created_at, id);
create index chat_messages_parent on chat_messages (parent_id);
create index chat_messages_open on chat_messages (kept_at) where state in ('waiting', 'writing');
select parley_isolate('chat_messages');

create table chat_files (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  user_id text not null,
  kind text not null check (kind in ('document', 'picture')),
  -- Sealed.
  name bytea not null,
  content_type text not null,
  bytes integer not null,
  -- Sealed: the key of the stored file. With the row goes the key, and whatever copy of the file is left is noise.
  file_key bytea not null,
  state text not null check (state in ('storing', 'reading', 'ready', 'failed')),
  -- Sealed: what a document says.
  text bytea,
  characters integer not null default 0,
  error jsonb,
  created_at timestamptz not null,
  foreign key (workspace_id, user_id) references members on delete cascade
);
create index chat_files_of_member on chat_files (workspace_id, user_id);
create index chat_files_by_time on chat_files (created_at);
select parley_isolate('chat_files');

-- An edited message has the files of the one before it.
create table chat_message_files (
  message_id uuid not null references chat_messages on delete cascade,
  file_id uuid not null references chat_files on delete cascade,
  workspace_id uuid not null references workspaces on delete cascade,
  position integer not null,
  primary key (message_id, file_id)
);
create index chat_message_files_of_file on chat_message_files (file_id);
select parley_isolate('chat_message_files');

-- migrate:down
drop table chat_message_files;
drop table chat_files;
drop table chat_messages;
drop table chats;
