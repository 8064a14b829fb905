import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { testDatabaseUrl } from './database.ts';
import { startTestApp, type TestApp } from './harness.ts';
import { poisonJob, poisonModule, poisons } from './poison-module.ts';

const script = fileURLToPath(new URL('./poison-process.ts', import.meta.url));

/** Starts a worker, and another one whenever it died, as a container or a service manager does. */
function keepWorker(test: TestApp) {
  let child: ChildProcess;
  let kept = true;
  let deaths = 0;
  const start = () => {
    child = spawn(process.execPath, ['--max-old-space-size=256', script], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: test.databaseUrl,
        PARLEY_SECRET: test.kernel.secret,
        PARLEY_DATA: test.kernel.config.PARLEY_DATA,
        PARLEY_ROLE: 'worker',
        HOST: '127.0.0.1',
      },
      // A process that runs out of memory writes pages about it.
      stdio: 'ignore',
    });
    child.once('exit', () => {
      if (!kept) return;
      deaths += 1;
      start();
    });
  };
  start();
  return {
    deaths: () => deaths,
    release: async () => {
      kept = false;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

if (testDatabaseUrl === undefined) {
  it('the embedded database serves one process, which the supervisor starts again (supervisor.test.ts)', () => {
    expect(testDatabaseUrl).toBeUndefined();
  });
} else {
  it('jobs that crash, never end or eat all memory end in the dead letters, and the others are done', async () => {
    const api = await startTestApp({ environment: { PARLEY_ROLE: 'api' }, modules: [poisonModule] });
    const { ctx } = await api.workspace();
    const workers = [keepWorker(api), keepWorker(api)];
    onTestFinished(async () => {
      await Promise.all(workers.map((worker) => worker.release()));
      await api.close();
    });
    const names = Array.from({ length: 30 }, (_, index) => `job ${index}`);
    const all = [...names.slice(0, 15), ...poisons, ...names.slice(15)];
    await ctx.transaction(async (tx) => {
      for (const name of all) tx.enqueue(poisonJob, { name });
    });

    const letters = await vi.waitUntil(
      async () => {
        const found = await api.kernel.queue.deadLetters();
        return found.length >= poisons.length && found;
      },
      { timeout: 200_000, interval: 200 },
    );
    await api.settled();
    const events = await api.kernel.events.read(ctx.workspaceId, 0, 1000);
    const done = events.filter((event) => event.type === 'poison.lived');
    expect(letters.map(({ input }) => (input as { name: string }).name).sort()).toEqual([...poisons]);
    expect(done.map(({ payload }) => String(payload.name)).sort()).toEqual(names.sort());
    expect(workers.reduce((sum, worker) => sum + worker.deaths(), 0)).toBeGreaterThanOrEqual(poisons.length);
    expect((await api.anonymous.get('/livez')).status).toBe(200);
  }, 240_000);
}
