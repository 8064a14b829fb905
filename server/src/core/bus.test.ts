import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyTemplate, type TestDatabase, testRedisUrl } from '../../test/database.ts';
import { testSigner } from '../../test/signer.ts';
import { type Bus, openBus } from './bus.ts';
import type { Database } from './database.ts';
import { createLogger } from './log.ts';
import { createSigner } from './signing.ts';

const log = createLogger('silent');
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

/** What a bus hears on a topic, and a wait for something of it. */
function hear(bus: Bus, topic: string) {
  const heard: string[] = [];
  let wake = () => {};
  bus.subscribe(topic, (payload) => {
    heard.push(payload);
    wake();
  });
  const until = async (payload: string, from = 0) => {
    while (!heard.slice(from).includes(payload)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { heard, until };
}

describe('a wake-up', () => {
  it('reaches the process that sends it at once, and only those who listen to its topic', async () => {
    const bus = await openBus(database, testRedisUrl, log, testSigner);
    const [mine, other] = [hear(bus, 'mine'), hear(bus, 'other')];
    bus.publish('mine', 'x');
    expect([mine.heard, other.heard]).toEqual([['x'], []]);
    await bus.close();
  });

  it('reaches the other processes, and its own once', async () => {
    // The embedded database serves one process.
    if (database.kind === 'embedded' && !testRedisUrl) return;
    const [here, there] = [
      await openBus(database, testRedisUrl, log, testSigner),
      await openBus(database, testRedisUrl, log, testSigner),
    ];
    const [own, other] = [hear(here, 'topic'), hear(there, 'topic')];
    for (let index = 0; index < 20; index += 1) here.publish('topic', `id ${index % 3}`);
    here.publish('topic', 'last');
    await other.until('last');
    expect(new Set(other.heard.filter(Boolean))).toEqual(new Set(['id 0', 'id 1', 'id 2', 'last']));
    expect(own.heard.filter((payload) => payload === 'last')).toEqual(['last']);
    await Promise.all([here.close(), there.close()]);
  });

  it('that another installation says, or nobody signed, is not heard', async () => {
    if (database.kind === 'embedded' && !testRedisUrl) return;
    const foreign = createSigner(['a secret of another installation, as long'], 'tests');
    const [here, there, stranger] = [
      await openBus(database, testRedisUrl, log, testSigner),
      await openBus(database, testRedisUrl, log, testSigner),
      await openBus(database, testRedisUrl, log, foreign),
    ];
    const heard = hear(there, 'topic');
    stranger.publish('topic', 'forged');
    if (!testRedisUrl) {
      await database.notify('parley', 'somebody|topic|unsigned');
      await database.notify('parley', `somebody|topic|made up|${'A'.repeat(22)}`);
    }
    await stranger.check();
    here.publish('topic', 'ours');
    await heard.until('ours');
    expect(heard.heard.filter(Boolean)).toEqual(['ours']);
    await Promise.all([here.close(), there.close(), stranger.close()]);
  });

  it('that may have been missed is made up for: everybody is told when the connection is back', async () => {
    if (database.kind === 'embedded' || testRedisUrl) return;
    const bus = await openBus(database, undefined, log, testSigner);
    const topic = hear(bus, 'topic');
    const from = topic.heard.length;
    await database.asOwner((queries) =>
      queries.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'parley-listen' and datname = current_database()`,
      ),
    );
    await topic.until('', from);
    await bus.close();
  });

  it('needs nobody to hear it: the app starts and works while Redis is away', async () => {
    const bus = await openBus(database, 'redis://127.0.0.1:1', log, testSigner);
    const topic = hear(bus, 'topic');
    bus.publish('topic', 'x');
    expect(topic.heard).toEqual(['x']);
    await expect(bus.check()).rejects.toThrow();
    await bus.close();
  });
});
