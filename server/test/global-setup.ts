// Runs once before all tests: makes the migrated template that every test's database is a copy of.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modules } from '../src/app.ts';
import { openBus } from '../src/core/bus.ts';
import { createLogger } from '../src/core/log.ts';
import { Queue } from '../src/core/queue.ts';
import { dropTemplate, makeTemplate, testDatabaseUrl, testRedisUrl } from './database.ts';
import { testSigner } from './signer.ts';

export default async function setup(): Promise<() => Promise<void>> {
  process.env.PARLEY_TEST_RUN ??= String(process.pid);
  const folder = await mkdtemp(join(tmpdir(), 'parley-template-'));
  await makeTemplate(join(folder, 'template.tar'), async (database) => {
    const log = createLogger('warn');
    const bus = await openBus(database, undefined, log, testSigner);
    const queue = new Queue(database, bus, log, () => undefined, { supervise: false, signer: testSigner });
    await queue.start(modules.flatMap((module) => (module.jobs ?? []).map((handler) => handler.job)));
    await queue.stop(1000);
    await bus.close();
  });
  console.log(
    `Tests run on ${testDatabaseUrl ? 'PostgreSQL' : 'the embedded database'}${testRedisUrl ? ' and Redis' : ''}.`,
  );
  return async () => {
    await dropTemplate();
    await rm(folder, { recursive: true, force: true });
  };
}
