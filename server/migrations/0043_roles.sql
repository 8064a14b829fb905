-- migrate:up
-- Roles of a workspace's own, made of permissions.
create table roles (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  name text not null,
  description text not null,
  permissions text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id)
);
create unique index roles_by_name on roles (workspace_id, lower(name));
select parley_isolate('roles');

-- A member has one of the four roles, or one of the workspace's own.
alter table members drop constraint members_role_check;
alter table members add column role_id uuid;
alter table members add constraint members_role_check check (
  role in ('owner', 'admin', 'agent', 'viewer') and role_id is null or role = 'own' and role_id is not null
);
alter table members add foreign key (workspace_id, role_id) references roles (workspace_id, id);
create index members_of_role on members (workspace_id, role_id) where role_id is not null;

-- A key has a role as well, or permissions that were chosen for it alone.
alter table api_keys drop constraint api_keys_role_check;
alter table api_keys add column role_id uuid;
alter table api_keys add column permissions text[];
alter table api_keys add constraint api_keys_role_check check (
  role in ('owner', 'admin', 'agent', 'viewer') and role_id is null and permissions is null
  or role = 'own' and role_id is not null and permissions is null
  or role = 'chosen' and role_id is null and permissions is not null
);
alter table api_keys add foreign key (workspace_id, role_id) references roles (workspace_id, id);
-- After a rotation, the secret before works on for a while.
alter table api_keys add column previous_hash text unique;
alter table api_keys add column previous_prefix text;
alter table api_keys add column previous_until timestamptz;

-- migrate:down
alter table api_keys drop column previous_until;
alter table api_keys drop column previous_prefix;
alter table api_keys drop column previous_hash;
alter table api_keys drop constraint api_keys_role_check;
alter table api_keys drop column permissions;
alter table api_keys drop column role_id;
update api_keys set role = 'viewer' where role in ('own', 'chosen');
alter table api_keys add constraint api_keys_role_check check (role in ('owner', 'admin', 'agent', 'viewer'));
alter table members drop constraint members_role_check;
alter table members drop column role_id;
update members set role = 'viewer' where role = 'own';
alter table members add constraint members_role_check check (role in ('owner', 'admin', 'agent', 'viewer'));
drop table roles;
