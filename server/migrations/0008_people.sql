-- migrate:up
-- How the app looks to a user, in whichever workspace: like users and sessions, it belongs to none.
create table user_preferences (
  user_id text primary key references users on delete cascade,
  -- Null: the browser's.
  language text check (language in ('en', 'es', 'pt')),
  theme text not null default 'system' check (theme in ('system', 'light', 'dark')),
  notify text not null default 'mine' check (notify in ('all', 'mine', 'none')),
  tour_done boolean not null default false,
  updated_at timestamptz not null default now()
);
grant select, insert, update, delete on user_preferences to parley_system;

-- Who made a key, so that whoever removes a member can see and revoke what that member may still know.
alter table api_keys add column created_by text references users on delete set null;

-- migrate:down
alter table api_keys drop column created_by;
drop table user_preferences;
