-- migrate:up
-- The cookie of a session has another name now: no browser shows one of before again, and what nobody can use must not be
-- listed as a place where somebody is signed in.
delete from sessions;

-- migrate:down
select 1;
