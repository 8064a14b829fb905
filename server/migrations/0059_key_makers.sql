-- migrate:up
-- The key that a key was made with: it ends no later, and goes with it.
alter table api_keys add column made_with uuid references api_keys on delete set null;
create index api_keys_made_with on api_keys (made_with) where made_with is not null;
-- Of those that there are, the log knows. None of them ends by this: it is for the next revocation.
update api_keys k set made_with = maker.id
  from events e join api_keys maker on maker.id::text = e.actor_id and maker.workspace_id = e.workspace_id
  where e.type = 'api_key.created' and e.actor_kind = 'api_key' and e.workspace_id = k.workspace_id
    and e.payload->>'apiKeyId' = k.id::text;

-- migrate:down
drop index api_keys_made_with;
alter table api_keys drop column made_with;
