-- migrate:up
-- In which format its file is: a model whose format is not read any more cannot be live. Those before, and those that a version
-- before still makes while another one is already there, count as of the first format: they are trained anew, from everything.
alter table recommendation_models add column format integer not null default 1;

-- migrate:down
alter table recommendation_models drop column format;
