import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/core/database.ts';
import { databaseErrorCode } from '../src/core/errors.ts';
import { newId } from '../src/core/identifiers.ts';
import { copyTemplate, type TestDatabase } from './database.ts';
import { Planter, type Row } from './plant.ts';

/** SQLSTATE of a row or a table that a role may not touch. */
const insufficientPrivilege = '42501';

let copy: TestDatabase;
let database: Database;
let planter: Planter;
let walled: string[];
const mine = newId();
const theirs = newId();
let theirRows: Map<string, Row>;

beforeAll(async () => {
  copy = await copyTemplate(() => undefined);
  database = await copy.open();
  planter = await Planter.read(database);
  walled = planter.tables.filter((table) => planter.hasWorkspace(table));
  await planter.plantWorkspace(mine);
  theirRows = await planter.plantWorkspace(theirs);
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

/** As the application's role: the rows that a statement touched, or the SQLSTATE that it failed with. */
async function attempt(
  workspaceId: string | null,
  statement: string,
  values: unknown[] = [],
): Promise<Row[] | string> {
  try {
    if (workspaceId)
      return await database.inWorkspace(workspaceId, (queries) => queries.sql<Row>(statement, values));
    return await database.asOwner(async (queries) => {
      await queries.sql("select set_config('role', 'parley_app', true)");
      return queries.sql<Row>(statement, values);
    });
  } catch (error) {
    return databaseErrorCode(error) ?? String(error);
  }
}

/** Tables whose rows the application may not see at all: only the keyring opens keys, as the system role. */
const closed = new Set(['workspace_keys']);

/** Runs a check for every walled table. Returns those with another result than expected, and that result. */
async function findLeaks(
  check: (table: string) => Promise<unknown>,
  expected: readonly unknown[],
): Promise<Record<string, unknown>> {
  expect(walled.length).toBeGreaterThan(15);
  const leaks: Record<string, unknown> = {};
  for (const table of walled) {
    const result = await check(table);
    const allowed = closed.has(table) ? [insufficientPrivilege] : expected;
    if (!allowed.some((one) => JSON.stringify(one) === JSON.stringify(result))) leaks[table] = result;
  }
  return leaks;
}

const countWithoutWorkspace = async (table: string) => {
  const rows = await attempt(null, `select * from ${table}`);
  return typeof rows === 'string' ? rows : rows.length;
};
const workspacesSeen = async (table: string) => {
  const rows = await attempt(mine, `select workspace_id from ${table}`);
  return typeof rows === 'string' ? rows : [...new Set(rows.map((row) => row.workspace_id))].sort();
};
const insertTheirs = async (table: string) => {
  const names = planter.writable(table).filter((name) => !(table === 'events' && name === 'sequence'));
  return attempt(
    mine,
    `insert into ${table} (${names.join(', ')})
     select ${names.join(', ')} from jsonb_populate_record(null::${table}, $1::jsonb)`,
    [JSON.stringify(theirRows.get(table))],
  );
};

describe('every table with a workspace', () => {
  it('has row-level security, also for its owner', async () => {
    const rows = await database.asOwner((queries) =>
      queries.sql<{ name: string }>(
        `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
         where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`,
      ),
    );
    expect(rows).toEqual([]);
  });

  it('shows the application no row while no workspace is set', async () => {
    expect(await findLeaks(countWithoutWorkspace, [0])).toEqual({});
  });

  it('shows the application the rows of its own workspace and no other', async () => {
    expect(await findLeaks(workspacesSeen, [[mine]])).toEqual({});
  });

  it('refuses a row that the application inserts into another workspace', async () => {
    expect(await findLeaks(insertTheirs, [insufficientPrivilege])).toEqual({});
  });

  it('refuses a row that the application moves into another workspace', async () => {
    const move = (table: string) =>
      attempt(mine, `update ${table} set workspace_id = $1 returning 1 as one`, [theirs]);
    expect(await findLeaks(move, [insufficientPrivilege])).toEqual({});
  });

  it('lets the application change and delete no row of another workspace', async () => {
    const change = (table: string) =>
      attempt(
        mine,
        `update ${table} set workspace_id = workspace_id where workspace_id = $1 returning 1 as one`,
        [theirs],
      );
    const remove = (table: string) =>
      attempt(mine, `delete from ${table} where workspace_id = $1 returning 1 as one`, [theirs]);
    expect(await findLeaks(change, [[], insufficientPrivilege])).toEqual({});
    expect(await findLeaks(remove, [[], insufficientPrivilege])).toEqual({});
  });

  it('can be emptied by nobody at once', async () => {
    const empty = (table: string) => attempt(mine, `truncate ${table} cascade`);
    expect(await findLeaks(empty, [insufficientPrivilege])).toEqual({});
  });

  it('is watched: a table whose wall is missing or has a hole is found', async () => {
    await database.execute(`
      create table unwalled (workspace_id uuid not null references workspaces on delete cascade);
      grant all on unwalled to parley_app, parley_system;
      create table holed (workspace_id uuid not null references workspaces on delete cascade);
      select parley_isolate('holed');
      alter policy one_workspace on holed with check (true);`);
    planter = await Planter.read(database);
    walled = planter.tables.filter((table) => planter.hasWorkspace(table));
    for (const workspaceId of [mine, theirs]) {
      await database.asSystem(async (queries) => {
        await queries.sql('insert into unwalled values ($1)', [workspaceId]);
        await queries.sql('insert into holed values ($1)', [workspaceId]);
      });
    }
    for (const table of ['unwalled', 'holed']) theirRows.set(table, { workspace_id: theirs });
    expect(await findLeaks(countWithoutWorkspace, [0])).toEqual({ unwalled: 2 });
    expect(await findLeaks(workspacesSeen, [[mine]])).toEqual({ unwalled: [mine, theirs].sort() });
    expect(await findLeaks(insertTheirs, [insufficientPrivilege])).toEqual({ unwalled: [], holed: [] });
    await database.execute('drop table unwalled; drop table holed;');
  });
});

describe('the application’s role', () => {
  it('has no way past the walls', async () => {
    const roles = await database.asOwner((queries) =>
      queries.sql(
        `select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolinherit and exists (
           select 1 from pg_auth_members m where m.member = r.oid) as member
         from pg_roles r where rolname in ('parley_app', 'parley_eraser', 'parley_system') order by 1`,
      ),
    );
    const harmless = {
      rolsuper: false,
      rolbypassrls: false,
      rolcanlogin: false,
      rolcreaterole: false,
      member: false,
    };
    expect(roles).toEqual([
      { rolname: 'parley_app', ...harmless },
      { rolname: 'parley_eraser', ...harmless },
      { rolname: 'parley_system', ...harmless },
    ]);
    const definers = await database.asOwner((queries) =>
      queries.sql(
        `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('public', 'pgboss') and p.prosecdef`,
      ),
    );
    expect(definers).toEqual([]);
  });

  it('may touch no table without a workspace, and no view', async () => {
    const grants = await database.asOwner((queries) =>
      queries.sql<{ name: string }>(
        `select distinct c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
           and not (c.relkind in ('r', 'p') and exists (
             select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id'))
           and (has_table_privilege('parley_app', c.oid, 'select, insert, update, delete, truncate, references, trigger')
             or has_any_column_privilege('parley_app', c.oid, 'select, insert, update, references'))`,
      ),
    );
    expect(grants).toEqual([]);
  });

  it('may not even look into the queue', async () => {
    const [row] = await database.asOwner((queries) =>
      queries.sql<{ usage: boolean }>(
        "select has_schema_privilege('parley_app', 'pgboss', 'usage') as usage",
      ),
    );
    expect(row).toEqual({ usage: false });
  });

  it('may open no workspace’s keys', async () => {
    expect(await attempt(mine, 'select * from workspace_keys')).toBe(insufficientPrivilege);
  });

  it('may add to the event log, and change or remove nothing of it, nor number it', async () => {
    expect(await attempt(mine, "update events set type = 'forged' returning 1")).toBe(insufficientPrivilege);
    expect(await attempt(mine, 'delete from events returning 1')).toBe(insufficientPrivilege);
    expect(
      await attempt(
        mine,
        `insert into events (sequence, id, workspace_id, type, payload, actor_kind, request_id, occurred_at)
         values (1000000, $1, $2, 'forged', '{}', 'system', 'x', now())`,
        [newId(), mine],
      ),
    ).toBe(insufficientPrivilege);
  });
});

describe('the system role', () => {
  const asSystem = async (statement: string) =>
    database
      .asSystem((queries) => queries.sql(statement))
      .then(
        () => 'done',
        (error) => databaseErrorCode(error),
      );

  it('numbers events, and changes or removes nothing else of them', async () => {
    expect(await asSystem("update events set type = 'forged'")).toBe(insufficientPrivilege);
    expect(await asSystem('delete from events')).toBe(insufficientPrivilege);
  });
});
