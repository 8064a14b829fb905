-- migrate:up
-- What a contact said to being answered by a machine, and how that is known: appended to, never changed.
alter table contacts add column ai_consent text not null default 'unknown'
  check (ai_consent in ('unknown', 'granted', 'refused'));
create table ai_consent_events (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  contact_id uuid not null references contacts on delete cascade,
  consent text not null check (consent in ('unknown', 'granted', 'refused')),
  source text not null check (source in ('keyword', 'member', 'kept')),
  message_id uuid references messages on delete set null,
  keyword text,
  actor_kind text not null,
  actor_id text,
  occurred_at timestamptz not null
);
create index ai_consent_events_of_contact on ai_consent_events (contact_id, occurred_at desc, id desc);
create index ai_consent_events_of_message on ai_consent_events (message_id) where message_id is not null;
select parley_isolate('ai_consent_events');
revoke update, delete on ai_consent_events from parley_app, parley_system;

alter table assistants add column consent_rule text not null default 'answer_unless_refused'
  check (consent_rule in ('ask_nobody', 'answer_unless_refused', 'only_with_consent'));

alter table activities drop constraint activities_kind_check;
alter table activities add constraint activities_kind_check check (kind in ('taken_over', 'handed_back', 'assigned',
  'released', 'archived', 'reopened', 'flagged', 'snoozed', 'woken', 'opted_out', 'opted_in', 'policy_changed',
  'privacy_changed', 'language_changed', 'ai_consent_changed'));

-- migrate:down
delete from activities where kind = 'ai_consent_changed';
alter table activities drop constraint activities_kind_check;
alter table activities add constraint activities_kind_check check (kind in ('taken_over', 'handed_back', 'assigned',
  'released', 'archived', 'reopened', 'flagged', 'snoozed', 'woken', 'opted_out', 'opted_in', 'policy_changed',
  'privacy_changed', 'language_changed'));
alter table assistants drop column consent_rule;
drop table ai_consent_events;
alter table contacts drop column ai_consent;
