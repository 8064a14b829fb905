-- migrate:up
-- A workspace's own sign-in, by an identity provider of its company.
create table sso_connections (
  workspace_id uuid primary key references workspaces on delete cascade,
  issuer text not null,
  client_id text not null,
  -- The client's secret, sealed with the workspace's key.
  secret bytea not null,
  -- Whoever comes becomes a member with it; null: only those who are members already.
  default_role text check (default_role in ('admin', 'agent', 'viewer')),
  -- Members of its domains come in by it, and by nothing else.
  enforced boolean not null default false,
  updated_at timestamptz not null
);
select parley_isolate('sso_connections');
-- Of one workspace each.
create table sso_domains (
  domain text primary key,
  workspace_id uuid not null references sso_connections on delete cascade
);
create index sso_domains_of_workspace on sso_domains (workspace_id);
select parley_isolate('sso_domains');
-- Who somebody is to an identity provider of a workspace: good for this workspace, and nowhere else.
create table sso_identities (
  id uuid not null unique,
  workspace_id uuid not null references workspaces on delete cascade,
  issuer text not null,
  subject text not null,
  user_id text not null references users on delete cascade,
  created_at timestamptz not null,
  primary key (workspace_id, issuer, subject)
);
create index sso_identities_of_user on sso_identities (user_id);
select parley_isolate('sso_identities');

-- An identity elsewhere is one user's.
create unique index accounts_of_provider on accounts (provider_id, account_id);

-- Who was sent to an identity provider, and is to come back: in the same browser, once.
create table sign_in_flows (
  state_hash text primary key,
  sealed bytea not null,
  expires_at timestamptz not null
);
create index sign_in_flows_by_end on sign_in_flows (expires_at);
grant select, insert, delete on sign_in_flows to parley_system;

-- Whether a member may not enter a workspace with what they came with. An owner always may: somebody must be able to mend it.
create function parley_needs_sso(entered uuid, member_id text, member_role text, only_workspace uuid)
returns boolean language sql stable as $$
  select only_workspace is null and member_role <> 'owner' and exists (
    select 1 from sso_connections c join sso_domains d using (workspace_id) join users u on u.id = member_id
    where c.workspace_id = entered and c.enforced and d.domain = split_part(lower(u.email), '@', 2))
$$;

-- migrate:down
drop function parley_needs_sso;
drop table sign_in_flows;
drop index accounts_of_provider;
drop table sso_identities;
drop table sso_domains;
drop table sso_connections;
