-- migrate:up
-- What is understood besides the language. What no model of the workspace says is null.
alter table insights
  add column intent text,
  add column intent_confidence real,
  add column intent_model text,
  add column sentiment text check (sentiment in ('negative', 'neutral', 'positive')),
  add column sentiment_confidence real,
  add column sentiment_model text,
  -- How the contact has been of late, this message included: -1 to 1.
  add column mood real,
  add column spam real,
  add column spam_model text,
  -- Sealed: they tell what was written.
  add column dates bytea;
alter table insights rename column model_version to language_model;
create index insights_by_time on insights (workspace_id, created_at);

-- What members say instead, the last word on each.
create table insight_corrections (
  message_id uuid not null references insights on delete cascade,
  field text not null check (field in ('language', 'intent', 'sentiment', 'spam')),
  workspace_id uuid not null,
  -- An intent of null: none of those that there are.
  value text,
  actor_id text not null,
  created_at timestamptz not null,
  primary key (message_id, field)
);
create index insight_corrections_by_time on insight_corrections (workspace_id, created_at);
select parley_isolate('insight_corrections');

-- In no index: the understanding of a message changes them, and that update is to touch none.
alter table conversations
  add column intent text,
  add column mood text check (mood in ('angry', 'low', 'even', 'good'));

-- migrate:down
alter table conversations drop column intent, drop column mood;
drop table insight_corrections;
drop index insights_by_time;
alter table insights rename column language_model to model_version;
alter table insights
  drop column intent, drop column intent_confidence, drop column intent_model,
  drop column sentiment, drop column sentiment_confidence, drop column sentiment_model,
  drop column mood, drop column spam, drop column spam_model, drop column dates;
