// A worker whose first job of each kind waits for ever, to be killed over it: says when a job begins, on standard output.
import { systemClock } from '@parley/server/core/clock';
import { loadConfig } from '@parley/server/core/config';
import { secretKeyWrapper } from '@parley/server/core/crypto';
import { Kernel } from '@parley/server/core/kernel';
import { createLogger } from '@parley/server/core/log';
import { work } from '@parley/server/core/queue';
import { databaseJob, externalJob } from './recovery-jobs.ts';

const secret = 'a secret that only the benchmark has, and nobody else';
const kernel = await Kernel.open({
  config: loadConfig({ DATABASE_URL: process.env.DATABASE_URL ?? '', PARLEY_ROLE: 'worker' }),
  clock: systemClock,
  log: createLogger('fatal'),
  secret,
  wrappers: [secretKeyWrapper(secret)],
  ports: () => [],
  subscriptions: [],
});
await kernel.queue.start([databaseJob, externalJob]);
const hang = process.argv.includes('--hang');
const begin = (kind: string, sample: number) => process.stdout.write(`${kind} ${sample}\n`);
const forever = new Promise<void>(() => undefined);
await kernel.queue.work(
  work(databaseJob, async (tx, { sample }) => {
    await tx.sql('select 1');
    begin('database', sample);
    if (hang) await forever;
  }),
  kernel,
);
await kernel.queue.work(
  work(externalJob, async (_ctx, { sample }) => {
    begin('external', sample);
    if (hang) await forever;
  }),
  kernel,
);
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);
