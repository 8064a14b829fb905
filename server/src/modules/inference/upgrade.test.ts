import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyTemplate, type TestDatabase } from '../../../test/database.ts';
import type { Database } from '../../core/database.ts';
import { newId } from '../../core/identifiers.ts';
import { migrateDown, migrateUp } from '../../core/migrations.ts';

let copy: TestDatabase;
let database: Database;
beforeAll(async () => {
  copy = await copyTemplate(() => undefined);
  database = await copy.open();
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

const sql = <Row>(text: string, values: unknown[] = []) =>
  database.asSystem((queries) => queries.sql<Row>(text, values));

it('a price of 0 that nobody has said is not known any more, and one that somebody has said stays', async () => {
  await migrateDown(database, 18);
  const workspaceId = newId();
  await sql("insert into workspaces (workspace_id, name) values ($1, 'Old')", [workspaceId]);
  await sql(
    `insert into models (id, workspace_id, name, base_url, model, input_price_micros, output_price_micros)
     values ($2, $1, 'a', 'https://a.test', 'a', 0, 0), ($3, $1, 'b', 'https://b.test', 'b', 0, 7)`,
    [workspaceId, newId(), newId()],
  );
  const prices = () =>
    sql<{ read: string | null; written: string | null }>(
      'select input_price_micros::text as read, output_price_micros::text as written from models order by name',
    );
  await migrateUp(database);
  expect(await prices()).toEqual([
    { read: null, written: null },
    { read: '0', written: '7' },
  ]);
  await migrateDown(database, 18);
  expect(await prices()).toEqual([
    { read: '0', written: '0' },
    { read: '0', written: '7' },
  ]);
  await migrateUp(database);
});

it('budgets of before become caps and a ledger, with what was spent and what is held, and come back on the way down', async () => {
  await migrateDown(database, 11);
  const workspaceId = newId();
  await sql("insert into workspaces (workspace_id, name) values ($1, 'Old')", [workspaceId]);
  await sql(
    `insert into budgets (workspace_id, month, limit_micros, spent_micros, reserved_micros)
     values ($1, '2026-10-01', 500, 400, 0), ($1, '2026-11-01', 900, 300, 50)`,
    [workspaceId],
  );
  await sql(
    `insert into reservations (id, workspace_id, month, amount_micros, purpose, created_at)
     values ($2, $1, '2026-11-01', 50, 'run', '2026-11-20T00:00:00Z')`,
    [workspaceId, newId()],
  );
  await migrateUp(database);
  const counters = await sql<{ starts: string; spent: string; reserved: string; limit: string }>(
    `select starts_on::text as starts, spent::text, reserved::text, limit_amount::text as limit
     from budget_counters join budget_caps on id = cap_id order by starts_on`,
  );
  expect(counters).toEqual([
    { starts: '2026-10-01', spent: '400', reserved: '0', limit: '900' },
    { starts: '2026-11-01', spent: '300', reserved: '50', limit: '900' },
  ]);
  const [open] = await sql<{ holds: object[] }>('select holds from ledger where settled_at is null');
  expect(open?.holds).toMatchObject([{ subject: workspaceId, on: '2026-11-01', unit: 'money', amount: 50 }]);
  await migrateDown(database, 11);
  const budgets = await sql<{ month: string; spent: string; reserved: string }>(
    `select month::text, spent_micros::text as spent, reserved_micros::text as reserved from budgets
     where month < '2026-12-01' order by month`,
  );
  expect(budgets).toMatchObject([
    { month: '2026-10-01', spent: '400', reserved: '0' },
    { month: '2026-11-01', spent: '300', reserved: '50' },
  ]);
  await migrateUp(database);
});
