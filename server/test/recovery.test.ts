import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../src/core/events.ts';
import { testDatabaseUrl } from './database.ts';
import { startTestApp, type TestApp, type TestWorkspace } from './harness.ts';
import { callJob, victimModule, writeJob } from './victim-module.ts';

const script = fileURLToPath(new URL('./victim-process.ts', import.meta.url));

interface Victim {
  /** Resolves when the process has said this line. */
  says(line: string): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

async function startVictim(test: TestApp, hangsIn: readonly string[]): Promise<Victim> {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: test.databaseUrl,
      PARLEY_SECRET: test.kernel.secret,
      PARLEY_DATA: test.kernel.config.PARLEY_DATA,
      PARLEY_ROLE: 'worker',
      HOST: '127.0.0.1',
      PORT: '0',
      VICTIM_HANGS_IN: hangsIn.join(','),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = new Set<string>();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.stdout) createInterface(child.stdout).on('line', (line) => void said.add(line));
  const victim: Victim = {
    says: async (line) => {
      await test.until(`the process to say "${line}"`, async () => said.has(line));
    },
    kill: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
  await victim.says('ready');
  return victim;
}

const idle = async () => undefined;

async function enqueue(
  workspace: TestWorkspace,
  jobs: readonly { job: typeof writeJob | typeof callJob; name: string }[],
) {
  await workspace.ctx.transaction(async (tx) => {
    for (const { job, name } of jobs) tx.enqueue(job, { name });
  });
}

async function survivors(test: TestApp, count: number): Promise<StoredEvent[]> {
  return test.until(`${count} jobs to survive`, async () => {
    const events = await test.kernel.events.read(null, 0, 10_000);
    const found = events.filter((event) => event.type === 'victim.survived');
    return found.length >= count && found;
  });
}

if (testDatabaseUrl === undefined) {
  it('processes are killed on PostgreSQL only, because the embedded database serves one process', () => {
    expect(testDatabaseUrl).toBeUndefined();
  });
} else {
  describe('a worker that is killed in the middle of its jobs', () => {
    it('loses none and doubles none: what writes runs again within 10 s, what calls outside within 20 s', async () => {
      const api = await startTestApp({ environment: { PARLEY_ROLE: 'api' }, modules: [victimModule(idle)] });
      const victim = await startVictim(api, ['write', 'call']);
      const workspace = await api.workspace();
      const names = Array.from({ length: 40 }, (_, index) => `job ${index}`);
      await enqueue(workspace, [
        ...names.map((name) => ({ job: writeJob, name })),
        { job: writeJob, name: 'write' },
        { job: callJob, name: 'call' },
      ]);
      await victim.says('began write');
      await victim.says('began call');
      const killed = Date.now();
      await victim.kill('SIGKILL');
      const rescuer = await startTestApp({
        ...(api.databaseUrl ? { databaseUrl: api.databaseUrl } : {}),
        environment: { PARLEY_ROLE: 'worker' },
        modules: [victimModule(idle)],
      });
      const afterMs = new Map<unknown, number>();
      for await (const event of api.kernel.events.follow(null, 0, AbortSignal.timeout(40_000))) {
        if (event.type === 'victim.survived') afterMs.set(event.payload.name, Date.now() - killed);
        if (afterMs.size === names.length + 2) break;
      }
      await rescuer.settled();
      const events = await survivors(api, names.length + 2);
      expect(events.map((event) => event.payload.name).sort()).toEqual([...names, 'write', 'call'].sort());
      expect(Math.max(...[...names, 'write'].map((name) => afterMs.get(name) ?? Infinity))).toBeLessThan(
        10_000,
      );
      expect(afterMs.get('call')).toBeLessThan(20_000);
      await rescuer.close();
      await api.close();
    }, 60_000);
  });

  describe('a worker that is stopped', () => {
    it('gives its jobs time to end, leaves none active, and takes no new one', async () => {
      const api = await startTestApp({ environment: { PARLEY_ROLE: 'api' }, modules: [victimModule(idle)] });
      let release = () => {};
      let began = () => {};
      const hasBegun = new Promise<void>((resolve) => {
        began = resolve;
      });
      const worker = await startTestApp({
        ...(api.databaseUrl ? { databaseUrl: api.databaseUrl } : {}),
        environment: { PARLEY_ROLE: 'worker' },
        modules: [
          victimModule(async () => {
            began();
            await new Promise<void>((resolve) => {
              release = resolve;
            });
          }),
        ],
      });
      const workspace = await api.workspace();
      await enqueue(workspace, [{ job: callJob, name: 'running' }]);
      await hasBegun;
      const stopped = worker.close();
      await enqueue(workspace, [{ job: writeJob, name: 'too late' }]);
      release();
      await stopped;
      const states = await api.kernel.database.asOwner((queries) =>
        queries.sql<{ name: string; state: string }>(
          "select data->'input'->>'name' as name, state::text from pgboss.job where name like 'victim.%' order by 1",
        ),
      );
      expect(states).toEqual([
        { name: 'running', state: 'completed' },
        { name: 'too late', state: 'created' },
      ]);
      await api.close();
    });
  });

  describe('a database that drops every connection', () => {
    it('ends nothing: requests, jobs, the event log and those who follow it go on', async () => {
      const test = await startTestApp({ modules: [victimModule(idle)] });
      const workspace = await test.workspace();
      const admin = workspace.as('admin');
      expect((await admin.get('/api/v1/auth/me')).status).toBe(200);
      const stop = new AbortController();
      const followed: number[] = [];
      const following = (async () => {
        for await (const event of test.kernel.events.follow(null, 0, stop.signal))
          followed.push(event.sequence);
      })();

      const killer = new pg.Client({ connectionString: testDatabaseUrl });
      await killer.connect();
      const name = new URL(test.databaseUrl ?? '').pathname.slice(1);
      const dropAll = () =>
        killer.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
      const names: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        const dropped = dropAll();
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => admin.get<{ error?: { code: string } }>('/api/v1/auth/me')),
        );
        await dropped;
        for (const answer of answers) {
          expect([200, 503]).toContain(answer.status);
          if (answer.status === 503) expect(answer.body.error?.code).toBe('unavailable');
        }
        const job = `round ${round}`;
        await test.until('a transaction to go through', async () =>
          enqueue(workspace, [{ job: round % 2 ? callJob : writeJob, name: job }]).then(
            () => true,
            () => false,
          ),
        );
        names.push(job);
      }
      await killer.end();
      const events = await survivors(test, names.length);
      expect(new Set(events.map((event) => event.payload.name))).toEqual(new Set(names));
      const last = Math.max(...events.map((event) => event.sequence));
      await test.until('the follower to catch up', async () => followed.at(-1) === last);
      expect(followed).toEqual(followed.map((_, index) => index + 1));
      expect(await test.anonymous.get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
      stop.abort();
      await following;
      await test.close();
    }, 60_000);
  });
}
