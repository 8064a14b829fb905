import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyTemplate, type TestDatabase } from '../../test/database.ts';
import type { Database, Queries } from './database.ts';
import { databaseErrorCode } from './errors.ts';
import { newId } from './identifiers.ts';

let copy: TestDatabase;
let database: Database;
const errors: unknown[] = [];
beforeAll(async () => {
  copy = await copyTemplate((error) => errors.push(error));
  database = await copy.open();
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

async function makeWorkspace(): Promise<string> {
  const id = newId();
  await database.asSystem((queries) =>
    queries.sql('insert into workspaces (workspace_id, name) values ($1, $2)', [id, 'one']),
  );
  return id;
}

const names = async (id: string) =>
  (
    await database.asSystem((queries) =>
      queries.sql<{ name: string }>('select name from workspaces where workspace_id = $1', [id]),
    )
  ).map((row) => row.name);

it('no statement waits for a compiler', async () => {
  const [row] = await database.asSystem((queries) =>
    queries.sql<{ compiled: boolean }>('select pg_jit_available() as compiled'),
  );
  expect(row?.compiled).toBe(false);
});

describe('a transaction', () => {
  it('keeps all of its work or nothing', async () => {
    const id = await makeWorkspace();
    await expect(
      database.inWorkspace(id, async (queries) => {
        await queries.sql("update workspaces set name = 'two'");
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(await names(id)).toEqual(['one']);
  });

  it('that swallowed a failed statement fails, and never says that it was committed', async () => {
    const id = await makeWorkspace();
    const swallowed = database.inWorkspace(id, async (queries) => {
      await queries.sql("update workspaces set name = 'two'");
      await queries.sql('select 1 / 0').catch(() => undefined);
    });
    await expect(swallowed).rejects.toThrow();
    expect(await names(id)).toEqual(['one']);
  });

  it('that a statement failed which nobody awaited is undone, and tells that statement’s error', async () => {
    const id = await makeWorkspace();
    const undone = database.inWorkspace(id, async (queries) => {
      queries.last("update workspaces set name = 'two'");
      queries.last('select 1 / 0');
      await queries.sql('select 1');
    });
    await expect(undone).rejects.toThrow('division by zero');
    await expect(database.inWorkspace(id, async (queries) => queries.last('select 1 / 0'))).rejects.toThrow(
      'division by zero',
    );
    expect(await names(id)).toEqual(['one']);
  });

  it('that recovered in a savepoint commits', async () => {
    const id = await makeWorkspace();
    await database.inWorkspace(id, async (queries) => {
      await queries.sql("update workspaces set name = 'two'");
      await queries.sql('savepoint attempt');
      await queries.sql('select 1 / 0').catch(() => undefined);
      await queries.sql('rollback to savepoint attempt');
    });
    expect(await names(id)).toEqual(['two']);
  });

  it('takes no statement after its end, so that a late one never runs in a stranger’s transaction', async () => {
    const [mine, theirs] = [await makeWorkspace(), await makeWorkspace()];
    const kept: Queries[] = [];
    await database.inWorkspace(mine, async (queries) => {
      await queries.drizzle.execute('select 1');
      kept.push(queries);
    });
    await expect(
      database.inWorkspace(mine, async (queries) => {
        kept.push(queries);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    await database.inWorkspace(theirs, async (queries) => {
      for (const late of kept) {
        await expect(late.sql("update workspaces set name = 'stolen'")).rejects.toThrow();
        await expect(
          (async () => late.drizzle.execute("update workspaces set name = 'stolen'"))(),
        ).rejects.toThrow();
      }
      await queries.sql('select 1');
    });
    expect(await names(mine)).toEqual(['one']);
    expect(await names(theirs)).toEqual(['one']);
  });

  it('inside a transaction is refused instead of waiting for itself for ever', async () => {
    const id = await makeWorkspace();
    await expect(database.inWorkspace(id, () => database.asSystem(async () => 1))).rejects.toThrow(
      'inside a transaction',
    );
    await database.inWorkspace(id, async (queries) => {
      await expect(database.inWorkspace(id, async () => 1)).rejects.toThrow('inside a transaction');
      await queries.sql("update workspaces set name = 'still usable'");
    });
    expect(await names(id)).toEqual(['still usable']);
  });

  it('leaves nothing of its scope behind on the connection', async () => {
    const id = await makeWorkspace();
    await database.inWorkspace(id, async () => undefined);
    const scopes = await Promise.all(
      Array.from({ length: 10 }, () =>
        database.asOwner(async (queries) => {
          const [row] = await queries.sql<{ role: string; workspace: string | null }>(
            "select current_setting('role') as role, current_setting('app.workspace_id', true) as workspace",
          );
          return row;
        }),
      ),
    );
    for (const scope of scopes) expect(scope).toEqual({ role: 'none', workspace: '' });
  });

  it('takes no workspace that is not a UUID', async () => {
    const name = "x', true), set_config('role', 'none";
    await expect(database.inWorkspace(name, async () => 1)).rejects.toThrow('UUID');
  });

  it('tells a unique violation by its code, through the driver and through Drizzle', async () => {
    const id = await makeWorkspace();
    const again = { name: 'again', text: 'insert into workspaces (workspace_id, name) values ($1, $2)' };
    const error = await database.asSystem((queries) => queries.sql(again, [id, 'x'])).catch((e) => e);
    expect(databaseErrorCode(error)).toBe('23505');
    const wrapped = await database
      .asSystem((queries) =>
        queries.drizzle.execute(`insert into workspaces (workspace_id, name) values ('${id}', 'x')`),
      )
      .catch((e) => e);
    expect(databaseErrorCode(wrapped)).toBe('23505');
  });
});

describe('many transactions at once', () => {
  it('each see their own workspace', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, makeWorkspace));
    const seen = await Promise.all(
      ids.map((id) =>
        database.inWorkspace(id, async (queries) => {
          const rows = await queries.sql<{ workspace_id: string }>('select workspace_id from workspaces');
          return rows.map((row) => row.workspace_id);
        }),
      ),
    );
    expect(seen).toEqual(ids.map((id) => [id]));
  });
});

describe('a listener', () => {
  it('hears what is told, and is told by an empty payload when it came back', async () => {
    const heard: string[] = [];
    let wake = () => {};
    const listener = await database.listen('parley_test', (payload) => {
      heard.push(payload);
      wake();
    });
    const hear = async (payload: string) => {
      while (!heard.includes(payload)) await new Promise<void>((resolve) => (wake = resolve));
    };
    await database.notify('parley_test', 'one');
    await hear('one');
    if (database.kind === 'postgres') {
      const before = heard.length;
      await database.asOwner((queries) =>
        queries.sql(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parley-listen' and datname = current_database()",
        ),
      );
      while (!heard.slice(before).includes('')) await new Promise<void>((resolve) => (wake = resolve));
      await database.notify('parley_test', 'two');
      await hear('two');
    }
    await listener.close();
  });
});
