-- migrate:up
-- Of a sitemap: how many levels of sitemaps below it are followed.
alter table training_data add column depth integer;
update training_data set depth = 2 where kind = 'sitemap';

-- migrate:down
alter table training_data drop column depth;
