-- migrate:up
-- Workspaces whose assistant may learn from what their members answer: a row is a yes, and without one nothing is read.
create table knowledge_learning (
  workspace_id uuid primary key references workspaces on delete cascade,
  -- Answers from then on may be proposed; what was said before is looked through only when a member asks for it.
  since timestamptz not null,
  -- The conversation that was looked at last, in the order in which something was last said in them.
  read_at timestamptz not null,
  read_id uuid not null
);
select parley_isolate('knowledge_learning');

-- Questions of contacts with the answers of members, until a member has said yes or no to them.
create table knowledge_proposals (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  -- What the text was taken from: without it there is no proposal, whatever was decided.
  conversation_id uuid not null references conversations on delete cascade,
  question_message_id uuid not null references messages on delete cascade,
  answer_message_id uuid not null references messages on delete cascade,
  state text not null default 'proposed' check (state in ('proposed', 'accepted', 'dismissed')),
  language text not null,
  -- A keyed hash of the question's words: the same is never proposed twice, also not after a no.
  fingerprint text not null,
  -- Sealed: the question and the answer.
  content bytea not null,
  answered_by text not null,
  answered_at timestamptz not null,
  training_data_id uuid references training_data on delete set null,
  decided_by text,
  decided_at timestamptz,
  created_at timestamptz not null,
  unique (workspace_id, fingerprint)
);
create index knowledge_proposals_of_workspace on knowledge_proposals (workspace_id, state, id);
create index knowledge_proposals_of_conversation on knowledge_proposals (conversation_id);
create index knowledge_proposals_of_question on knowledge_proposals (question_message_id);
create index knowledge_proposals_of_answer on knowledge_proposals (answer_message_id);
create index knowledge_proposals_of_data on knowledge_proposals (training_data_id) where training_data_id is not null;
select parley_isolate('knowledge_proposals');

-- Each time that it was asked and answered, the first one too.
create table knowledge_proposal_sources (
  answer_message_id uuid primary key references messages on delete cascade,
  workspace_id uuid not null references workspaces on delete cascade,
  proposal_id uuid not null references knowledge_proposals on delete cascade,
  conversation_id uuid not null references conversations on delete cascade
);
create index knowledge_proposal_sources_of_proposal on knowledge_proposal_sources (proposal_id);
create index knowledge_proposal_sources_of_conversation on knowledge_proposal_sources (conversation_id);
create index knowledge_proposal_sources_of_workspace on knowledge_proposal_sources (workspace_id);
select parley_isolate('knowledge_proposal_sources');

-- Conversations of before, looked through because a member asked for it.
create table look_throughs (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  state text not null default 'running' check (state in ('running', 'done', 'canceled', 'failed')),
  days integer not null,
  total integer not null,
  done integer not null default 0,
  found integer not null default 0,
  -- The conversation that was looked at last: the newest come first.
  read_at timestamptz not null,
  read_id uuid not null,
  started_at timestamptz not null,
  finished_at timestamptz
);
create index look_throughs_of_workspace on look_throughs (workspace_id, id);
create unique index look_throughs_running on look_throughs (workspace_id) where state = 'running';
select parley_isolate('look_throughs');

-- migrate:down
drop table look_throughs;
drop table knowledge_proposal_sources;
drop table knowledge_proposals;
drop table knowledge_learning;
