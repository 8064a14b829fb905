// What an idle Parley weighs, and how soon it answers after it was started.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTwilioSimulator } from '@parley/server/providers/twilio/simulator';
import { accountSid, authToken, install, ourNumber } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { freePort, residentMegabytes, startScript } from './processes.ts';
import { type Figure, figure } from './result.ts';

/** Idle means that long without work. */
const idleMs = 15_000;
const rounds = 5;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function embeddedEnvironment(data: string, port: number): Record<string, string> {
  return {
    PARLEY_DATA: data,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    PARLEY_OWNER_PASSWORD: 'only for the benchmark',
  };
}

export async function memory(postgres: Postgres): Promise<Figure[]> {
  const simulator = createTwilioSimulator({
    accounts: [{ sid: accountSid, authToken, numbers: [{ phoneNumber: ourNumber }] }],
  });
  const installation = await install(await postgres.database('bench_memory'), await simulator.listen());
  const api = await installation.start('api');
  const worker = await installation.start('worker');
  const data = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const embedded = await startScript('server/src/main.ts', [], embeddedEnvironment(data, port), url);
  try {
    await pause(idleMs);
    return [
      figure('memory', 'MB', 'api on PostgreSQL, idle; goal ≤ 200', [residentMegabytes(api.pid)]),
      figure('memory-worker', 'MB', 'worker on PostgreSQL, idle; goal ≤ 200', [
        residentMegabytes(worker.pid),
      ]),
      figure(
        'memory-embedded',
        'MB',
        'everything as npm start runs it, supervisor and demo included, idle; goal ≤ 600',
        [residentMegabytes(embedded.pid)],
      ),
    ];
  } finally {
    await Promise.all([api.kill(), worker.kill(), embedded.kill()]);
    await simulator.close();
    installation.close();
    rmSync(data, { recursive: true, force: true });
  }
}

export async function start(): Promise<Figure[]> {
  const data = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const seconds: number[] = [];
  let first = 0;
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const port = await freePort();
      const started = performance.now();
      const running = await startScript(
        'server/src/main.ts',
        [],
        embeddedEnvironment(data, port),
        `http://127.0.0.1:${port}`,
      );
      const taken = (performance.now() - started) / 1000;
      await running.kill();
      if (round === 0) first = taken;
      else seconds.push(taken);
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
  return [
    figure(
      'start',
      's',
      `embedded, to the first 200, after the first time (that took ${first.toFixed(1)} s); goal ≤ 6`,
      seconds,
    ),
  ];
}
