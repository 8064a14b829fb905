-- migrate:up
-- What segments were spent on: what turns out not to have been sent is given back.
alter table ledger add column message_id uuid;
create index ledger_by_message on ledger (message_id) where message_id is not null;

-- migrate:down
alter table ledger drop column message_id;
