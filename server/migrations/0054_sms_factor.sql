-- migrate:up
-- Whether codes to this number are a second factor of its user: they chose it, of one number at most.
alter table member_phone_numbers add column second_factor boolean not null default false
  check (not second_factor or verified_at is not null);
create unique index member_phone_numbers_of_sign_in on member_phone_numbers (user_id) where second_factor;

-- A workspace that wants a second factor may want another one than a text.
alter table workspaces drop constraint workspaces_second_factor_check;
alter table workspaces add constraint workspaces_second_factor_check
  check (second_factor in ('optional', 'required', 'required_without_sms'));

-- migrate:down
update workspaces set second_factor = 'required' where second_factor = 'required_without_sms';
alter table workspaces drop constraint workspaces_second_factor_check;
alter table workspaces add constraint workspaces_second_factor_check check (second_factor in ('optional', 'required'));
drop index member_phone_numbers_of_sign_in;
alter table member_phone_numbers drop column second_factor;
