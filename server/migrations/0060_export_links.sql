-- migrate:up
-- The link by which a browser saves the file of an export: a hash of it and of who asked for it, and until when it serves.
alter table exports add column link_hash text, add column link_until timestamptz;

-- migrate:down
alter table exports drop column link_hash, drop column link_until;
