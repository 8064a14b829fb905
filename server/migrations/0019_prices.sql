-- migrate:up
-- A price that nobody has said was kept as 0, and a cap on money took it for free. Null says that it is not known; who means
-- 0 says it again, and what runs on one's own machines is free without.
alter table models
  alter column input_price_micros drop not null,
  alter column input_price_micros drop default,
  alter column output_price_micros drop not null,
  alter column output_price_micros drop default;
update models set input_price_micros = null, output_price_micros = null
where input_price_micros = 0 and output_price_micros = 0;

-- What was spent with a model that has no price is not known either.
alter table ledger
  alter column reserved_micros drop not null,
  alter column cost_micros drop not null;
alter table runs alter column cost_micros drop not null;
alter table case_checks alter column cost_micros drop not null;
alter table shadow_answers alter column cost_micros drop not null;

-- migrate:down
update shadow_answers set cost_micros = 0 where cost_micros is null;
alter table shadow_answers alter column cost_micros set not null;
update case_checks set cost_micros = 0 where cost_micros is null;
alter table case_checks alter column cost_micros set not null;
update runs set cost_micros = 0 where cost_micros is null;
alter table runs alter column cost_micros set not null;
update ledger set cost_micros = coalesce(cost_micros, 0), reserved_micros = coalesce(reserved_micros, 0)
where cost_micros is null or reserved_micros is null;
alter table ledger
  alter column reserved_micros set not null,
  alter column cost_micros set not null;
update models set input_price_micros = 0, output_price_micros = 0 where input_price_micros is null;
alter table models
  alter column input_price_micros set default 0,
  alter column input_price_micros set not null,
  alter column output_price_micros set default 0,
  alter column output_price_micros set not null;
