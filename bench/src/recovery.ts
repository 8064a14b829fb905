// How long after its worker was killed a job runs again, on another worker.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { systemClock } from '@parley/server/core/clock';
import { loadConfig } from '@parley/server/core/config';
import { systemActor } from '@parley/server/core/context';
import { secretKeyWrapper } from '@parley/server/core/crypto';
import { newId } from '@parley/server/core/identifiers';
import { Kernel } from '@parley/server/core/kernel';
import { createLogger } from '@parley/server/core/log';
import { migrateUp } from '@parley/server/core/migrations';
import type { Postgres } from './postgres.ts';
import { root } from './processes.ts';
import { databaseJob, externalJob } from './recovery-jobs.ts';
import { type Figure, figure, quantile } from './result.ts';

const samples = 10;
const secret = 'a secret that only the benchmark has, and nobody else';

interface Worker {
  readonly child: ChildProcess;
  onBegin: (kind: string, sample: number) => void;
}

async function startWorker(databaseUrl: string, hang: boolean): Promise<Worker> {
  const child = spawn(process.execPath, ['bench/src/recovery-worker.ts', ...(hang ? ['--hang'] : [])], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const worker: Worker = { child, onBegin: () => undefined };
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [kind = '', sample] = line.split(' ');
      if (kind === 'ready') resolve();
      else worker.onBegin(kind, Number(sample));
    });
  });
  await ready;
  return worker;
}

/** Each sample has a victim of its own, which is killed while it holds one job of each kind. */
export async function recovery(postgres: Postgres): Promise<Figure[]> {
  const databaseUrl = await postgres.database('bench_recovery');
  const kernel = await Kernel.open({
    config: loadConfig({ DATABASE_URL: databaseUrl, PARLEY_ROLE: 'api' }),
    clock: systemClock,
    log: createLogger('fatal'),
    secret,
    wrappers: [secretKeyWrapper(secret)],
    ports: () => [],
    subscriptions: [],
  });
  await migrateUp(kernel.database);
  await kernel.queue.start([databaseJob, externalJob]);
  const workspaceId = newId();
  await kernel.database.asSystem(async (queries) => {
    await queries.sql('insert into workspaces (workspace_id, name) values ($1, $2)', [workspaceId, 'Bench']);
    await kernel.keyring.addVersion(queries, workspaceId);
  });
  const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: 'bench' });

  const seconds = { database: [] as number[], external: [] as number[] };
  for (let sample = 0; sample < samples; sample += 1) {
    const victim = await startWorker(databaseUrl, true);
    const held = new Set<string>();
    const both = new Promise<void>((resolve) => {
      victim.onBegin = (kind, at) => {
        if (at === sample && held.add(kind).size === 2) resolve();
      };
    });
    await ctx.transaction(async (tx) => {
      tx.enqueue(databaseJob, { sample });
      tx.enqueue(externalJob, { sample });
    });
    await both;
    const killedAt = performance.now();
    victim.child.kill('SIGKILL');
    await once(victim.child, 'exit');
    const survivor = await startWorker(databaseUrl, false);
    await new Promise<void>((resolve) => {
      let again = 0;
      survivor.onBegin = (kind, at) => {
        if (at !== sample) return;
        seconds[kind as keyof typeof seconds].push((performance.now() - killedAt) / 1000);
        again += 1;
        if (again === 2) resolve();
      };
    });
    survivor.child.kill('SIGTERM');
    await once(survivor.child, 'exit');
  }
  await kernel.close();
  const p99 = (name: string, kind: keyof typeof seconds, against: string): Figure => ({
    ...figure(name, 's', against, seconds[kind]),
    value: Number(quantile(seconds[kind], 0.99).toPrecision(4)),
  });
  return [
    p99('recovery', 'database', `p99 of ${samples}, a job that only writes to the database; goal ≤ 10`),
    p99('recovery-external', 'external', `p99 of ${samples}, a job that calls outside; goal ≤ 20`),
  ];
}
