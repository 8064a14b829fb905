-- migrate:up
-- A file that a member uploaded belongs to no message until it is sent, and has no address at a provider.
alter table message_media
  alter column message_id drop not null,
  alter column provider_url drop not null,
  -- When a member uploaded it; null for what a contact sent.
  add column uploaded_at timestamptz;
create index message_media_unused on message_media (uploaded_at) where message_id is null;

-- An outbound message with files: who sends it looks for them then, and not for every message.
alter table messages add column sends_media boolean not null default false;

-- migrate:down
alter table messages drop column sends_media;
select set_config('role', 'parley_system', true);
delete from message_media where message_id is null or provider_url is null;
select set_config('role', 'none', true);
drop index message_media_unused;
alter table message_media
  drop column uploaded_at,
  alter column provider_url set not null,
  alter column message_id set not null;
