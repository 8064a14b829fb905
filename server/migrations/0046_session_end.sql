-- migrate:up
-- However often a session is prolonged, and by whom: after thirty days its user signs in again.
create function parley_bound_session() returns trigger language plpgsql as $$
begin
  new.expires_at := least(new.expires_at, new.created_at + interval '30 days');
  return new;
end $$;
create trigger bound_session before insert or update on sessions
  for each row execute function parley_bound_session();

-- migrate:down
drop trigger bound_session on sessions;
drop function parley_bound_session();
