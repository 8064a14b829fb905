import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyTemplate, type TestDatabase, testRedisUrl } from '../../test/database.ts';
import { testSigner } from '../../test/signer.ts';
import { type Bus, openBus } from './bus.ts';
import { CryptoError, keyVersionOf, secretKeyWrapper } from './crypto.ts';
import type { Database } from './database.ts';
import { newId } from './identifiers.ts';
import { Keyring } from './keyring.ts';
import { createLogger } from './log.ts';

const log = createLogger('silent');
const wrapper = secretKeyWrapper('the secret that the keys are wrapped with today');
const older = secretKeyWrapper('the secret that the keys were wrapped with before');

/** One process's view of the keys. Those of the embedded database share its one process. */
interface Process {
  readonly database: Database;
  readonly bus: Bus;
  readonly keyring: Keyring;
}

let copy: TestDatabase;
let here: Process;
let there: Process;
beforeAll(async () => {
  copy = await copyTemplate(() => undefined);
  const open = async (database: Database): Promise<Process> => {
    const bus = await openBus(database, testRedisUrl, log, testSigner);
    return { database, bus, keyring: new Keyring(database, [wrapper, older], bus) };
  };
  here = await open(await copy.open());
  there = here.database.kind === 'postgres' ? await open(await copy.open()) : here;
});
afterAll(async () => {
  for (const process of new Set([here, there])) {
    await process.bus.close();
    await process.database.close();
  }
  await copy.drop();
});

async function makeWorkspace(keyring = here.keyring): Promise<string> {
  const id = newId();
  await here.database.asSystem(async (queries) => {
    await queries.sql('insert into workspaces (workspace_id, name) values ($1, $2)', [id, 'keys']);
    await keyring.addVersion(queries, id);
  });
  return id;
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a workspace’s keys', () => {
  it('open in every process what any of them sealed', async () => {
    const id = await makeWorkspace();
    const sealed = (await here.keyring.vault(id)).seal('told once', 'p');
    expect((await there.keyring.vault(id)).openText(sealed, 'p')).toBe('told once');
  });

  it('of two workspaces open nothing of one another', async () => {
    const [mine, theirs] = [await makeWorkspace(), await makeWorkspace()];
    const sealed = (await here.keyring.vault(mine)).seal('mine', 'p');
    const vault = await here.keyring.vault(theirs);
    expect(() => vault.open(sealed, 'p')).toThrow(CryptoError);
  });

  it('cannot be used by a workspace whose row they were copied to', async () => {
    const [mine, theirs] = [await makeWorkspace(), await makeWorkspace()];
    await here.database.asSystem((queries) =>
      queries.sql(
        `update workspace_keys set wrapped = (select wrapped from workspace_keys where workspace_id = $1)
         where workspace_id = $2`,
        [mine, theirs],
      ),
    );
    await expect(here.keyring.vault(theirs)).rejects.toThrow(CryptoError);
  });

  it('that change are seen by every process, which then opens old and new', async () => {
    const id = await makeWorkspace();
    const before = (await there.keyring.vault(id)).seal('before', 'p');
    await here.database.asSystem((queries) => here.keyring.addVersion(queries, id));
    here.keyring.changed(id);
    await eventually(async () => (await there.keyring.vault(id)).currentVersion === 2);
    const vault = await there.keyring.vault(id);
    const after = vault.seal('after', 'p');
    expect([keyVersionOf(before), keyVersionOf(after)]).toEqual([1, 2]);
    expect([vault.openText(before, 'p'), vault.openText(after, 'p')]).toEqual(['before', 'after']);
  });

  it('that are destroyed make the content unreadable in every process', async () => {
    const id = await makeWorkspace();
    await Promise.all([here.keyring.vault(id), there.keyring.vault(id)]);
    await here.keyring.destroy(id);
    for (const { keyring } of [here, there]) {
      await eventually(async () =>
        keyring.vault(id).then(
          () => false,
          (error) => error instanceof CryptoError,
        ),
      );
    }
  });

  it('that are looked for in vain are looked for again', async () => {
    const id = newId();
    await expect(here.keyring.vault(id)).rejects.toThrow(CryptoError);
    await here.database.asSystem(async (queries) => {
      await queries.sql('insert into workspaces (workspace_id, name) values ($1, $2)', [id, 'late']);
      await here.keyring.addVersion(queries, id);
    });
    expect((await here.keyring.vault(id)).currentVersion).toBe(1);
  });

  it('wrapped with an older secret open while it is known, and are wrapped anew', async () => {
    const id = await makeWorkspace(new Keyring(here.database, [older], here.bus));
    const sealed = (await here.keyring.vault(id)).seal('kept', 'p');
    const onlyNew = () => new Keyring(here.database, [wrapper], here.bus);
    await expect(onlyNew().vault(id)).rejects.toThrow('PARLEY_SECRET');
    expect(await here.keyring.rewrapAll()).toBe(1);
    expect(await here.keyring.rewrapAll()).toBe(0);
    expect((await onlyNew().vault(id)).openText(sealed, 'p')).toBe('kept');
  });

  it('are never at rest in plain form', async () => {
    const id = await makeWorkspace();
    const rows = await here.database.asSystem((queries) =>
      queries.sql<{ wrapped: Uint8Array }>('select wrapped from workspace_keys where workspace_id = $1', [
        id,
      ]),
    );
    expect(rows).toHaveLength(1);
    const plain = await wrapper.unwrap(rows[0]?.wrapped ?? new Uint8Array(), id);
    expect(Buffer.from(rows[0]?.wrapped ?? []).includes(plain)).toBe(false);
  });
});
