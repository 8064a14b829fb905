-- migrate:up
-- When a session's user last proved that it is them: by signing in, or since.
alter table sessions add column verified_at timestamptz not null default now();
-- Who signed in before today proves it anew.
update sessions set verified_at = created_at;

-- migrate:down
alter table sessions drop column verified_at;
