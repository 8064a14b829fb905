-- migrate:up
-- Mails of the installation: they belong to users, and so to no workspace.
create table mails (
  id uuid primary key,
  -- To whom, the subject and the text with its link, sealed with a key of the installation.
  sealed bytea not null,
  -- Without a mail server the demo keeps its mails and shows them; others are gone as soon as they are sent.
  kept boolean not null,
  created_at timestamptz not null
);
create index mails_by_age on mails (created_at);
grant select, insert, delete on mails to parley_system;

-- migrate:down
drop table mails;
