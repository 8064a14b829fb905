-- migrate:up
-- What was asked in a private conversation is asked as privately when it is checked.
alter table answer_cases add column sensitivity text not null default 'normal'
  check (sensitivity in ('normal', 'private'));

-- migrate:down
alter table answer_cases drop column sensitivity;
