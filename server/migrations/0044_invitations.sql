-- migrate:up
-- Who was asked to become a member, until they do.
create table invitations (
  id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  -- In lower case.
  email text not null,
  role text not null,
  role_id uuid,
  -- Whose permissions must still allow it when it is accepted.
  invited_by_kind text not null,
  invited_by_id text,
  language text not null check (language in ('en', 'es', 'pt')),
  -- Of the newest link; null until it is made.
  token_hash text unique,
  -- Whether that link went to the address, and nowhere else.
  by_mail boolean not null default false,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  unique (workspace_id, email),
  constraint invitations_role_check check (
    role in ('owner', 'admin', 'agent', 'viewer') and role_id is null or role = 'own' and role_id is not null
  ),
  foreign key (workspace_id, role_id) references roles (workspace_id, id)
);
select parley_isolate('invitations');

-- migrate:down
drop table invitations;
