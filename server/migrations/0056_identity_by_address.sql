-- migrate:up
-- Whether it was linked because the addresses are the same, and not by the member themselves.
alter table sso_identities add column by_address boolean not null default true;

-- An owner comes by the workspace's provider only where they linked it themselves: whoever sets the provider names anybody's
-- address. In any other way an owner always may enter.
create or replace function parley_needs_sso(entered uuid, member_id text, member_role text, only_workspace uuid)
returns boolean language sql stable as $$
  select case
    when only_workspace is not null then member_role = 'owner' and not exists (
      select 1 from sso_identities i
      where i.workspace_id = entered and i.user_id = member_id and not i.by_address)
    else member_role <> 'owner' and exists (
      select 1 from sso_connections c join sso_domains d using (workspace_id) join users u on u.id = member_id
      where c.workspace_id = entered and c.enforced and d.domain = split_part(lower(u.email), '@', 2))
  end
$$;

-- migrate:down
create or replace function parley_needs_sso(entered uuid, member_id text, member_role text, only_workspace uuid)
returns boolean language sql stable as $$
  select only_workspace is null and member_role <> 'owner' and exists (
    select 1 from sso_connections c join sso_domains d using (workspace_id) join users u on u.id = member_id
    where c.workspace_id = entered and c.enforced and d.domain = split_part(lower(u.email), '@', 2))
$$;
alter table sso_identities drop column by_address;
