import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { testSigner } from '../../test/signer.ts';
import type { Context, SystemContext, TransactionContext } from './context.ts';
import { defineEvent, type StoredEvent } from './events.ts';
import { createLogger } from './log.ts';
import type { Module } from './module.ts';
import { defineJob, type JobEffect, type JobRun, Queue, work } from './queue.ts';

/** What a job of the test does this time. */
type Behaviour = (context: TransactionContext | Context | SystemContext, run: JobRun) => Promise<void>;
const behaviours = new Map<string, Behaviour>();

const ran = defineEvent({
  type: 'test.ran',
  doc: 'A job of the test ran.',
  permission: 'events:read',
  payload: z.object({ name: z.string(), attempt: z.number() }),
});
const input = z.object({ name: z.string() });

function testJob<Effect extends JobEffect>(
  verb: string,
  effect: Effect,
  options: Partial<Parameters<typeof defineJob>[0]> = {},
) {
  const job = defineJob({
    name: `test.${verb}`,
    doc: 'A job of the test.',
    input,
    effect,
    retries: 2,
    retryDelaySeconds: 1,
    ...options,
  } as Parameters<typeof defineJob<z.infer<typeof input>, Effect>>[0]);
  const run = async (
    context: TransactionContext & SystemContext,
    { name }: { name: string },
    run: JobRun,
  ) => {
    await behaviours.get(name)?.(context, run);
    if (effect === 'database') context.append(ran, { name, attempt: run.attempt });
    if (effect === 'external') {
      await context.transaction(async (tx) => tx.append(ran, { name, attempt: run.attempt }));
    }
  };
  const handler = work(job, run as never);
  return { job, handler };
}

const write = testJob('write', 'database', { concurrency: 50 });
const hurry = testJob('hurry', 'database', { timeoutSeconds: 2 });
const call = testJob('call', 'external', { concurrency: 3 });
const callQuickly = testJob('call_quickly', 'external', { concurrency: 3, timeoutSeconds: 1 });
const callRarely = testJob('call_rarely', 'external', { concurrency: 1, workersMax: 2 });
const once = testJob('once', 'database', { oneWaitingPerKey: true });
const sweep = testJob('sweep', 'system');
const testModule: Module = {
  name: 'test',
  events: [ran],
  jobs: [write, hurry, call, callQuickly, callRarely, once, sweep].map(({ handler }) => handler),
  schedules: [{ job: sweep.job, cron: '0 0 1 1 *', input: { name: 'scheduled' } }],
};

let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp({ modules: [testModule] });
  workspace = await test.workspace();
});
afterEach(() => behaviours.clear());
afterAll(() => test.close());

/** Events of runs, by the name of the job. */
async function runs(): Promise<Map<string, number[]>> {
  await test.settled();
  const rows = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ payload: { name: string; attempt: number } }>(
      "select payload from events where type = 'test.ran'",
    ),
  );
  const found = new Map<string, number[]>();
  for (const { payload } of rows)
    found.set(payload.name, [...(found.get(payload.name) ?? []), payload.attempt]);
  return found;
}

const jobRows = (name: string) =>
  test.kernel.database.asOwner((queries) =>
    queries.sql<{ state: string; key: string | null; data: { input: { name: string } } }>(
      'select state::text, singleton_key as key, data from pgboss.job where name = $1',
      [name],
    ),
  );

const enqueue = (job: { job: unknown }, name: string, options?: { startAfter?: Date; key?: string }) =>
  workspace.ctx.transaction(async (tx) => tx.enqueue(job.job as never, { name } as never, options));

/** Lets what waits for its next try run now: the length of the pauses is the queue's own business. */
async function hasten(): Promise<void> {
  const rows = await test.kernel.database.asOwner((queries) =>
    queries.sql<{ name: string }>(
      "update pgboss.job set start_after = now() where state = 'retry' and start_after > now() returning name",
    ),
  );
  for (const { name } of rows) test.kernel.queue.wakeAt(name, new Date());
}

/** Waits until the jobs of these names have run. Returns the first's event. */
async function ranEvent(...names: string[]): Promise<StoredEvent | undefined> {
  return test.until(`the jobs ${names.slice(0, 3)} to run`, async () => {
    await hasten();
    const events = await test.kernel.events.read(workspace.id, 0, 10_000);
    const found = names.map((name) => events.find((event) => event.payload.name === name));
    return found.every((event) => event) && found[0];
  });
}

function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('a job', () => {
  it('that a transaction enqueued and rolled back never runs', async () => {
    await expect(
      workspace.ctx.transaction(async (tx) => {
        tx.enqueue(write.job as never, { name: 'rolled back' } as never);
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    await enqueue(write, 'after it');
    await ranEvent('after it');
    expect((await jobRows('test.write')).map((row) => row.data.input.name)).not.toContain('rolled back');
    expect((await runs()).has('rolled back')).toBe(false);
  });

  it('that a transaction enqueued and committed has its effect once, however many there are', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `many ${index}`);
    await Promise.all(
      Array.from({ length: 10 }, (_, part) =>
        workspace.ctx.transaction(async (tx) => {
          for (const name of names.slice(part * 15, part * 15 + 15)) {
            tx.enqueue((part % 2 ? write : call).job as never, { name } as never);
          }
        }),
      ),
    );
    await ranEvent(...names);
    const found = await runs();
    for (const name of names) expect([name, found.get(name)]).toEqual([name, [0]]);
  });

  it('of which one may wait per key is one job until it starts, and another one afterwards', async () => {
    const later = new Date(Date.now() + 3_600_000);
    for (const key of ['a', 'a', 'b', 'a', 'b'])
      await enqueue(once, `key ${key}`, { key, startAfter: later });
    await Promise.all(['a', 'a', 'a'].map((key) => enqueue(once, `key ${key}`, { key, startAfter: later })));
    expect((await jobRows('test.once')).map((row) => row.key).sort()).toEqual(['a', 'b']);

    const started = gate();
    const release = gate();
    behaviours.set('key c', async () => {
      started.open();
      if (test.kernel.database.kind === 'postgres') await release.opened;
    });
    await enqueue(once, 'key c', { key: 'c' });
    await started.opened;
    behaviours.delete('key c');
    await enqueue(once, 'key c again', { key: 'c' });
    release.open();
    await ranEvent('key c again');
  });

  it('due later starts on time, although the queue looks once a second', async () => {
    const lateMs: number[] = [];
    const names = ['deferred 1', 'deferred 2', 'deferred 3'];
    for (const [index, name] of names.entries()) {
      const due = Date.now() + 300 + index * 250;
      behaviours.set(name, async () => void lateMs.push(Date.now() - due));
      await enqueue(write, name, { startAfter: new Date(due) });
    }
    await ranEvent(...names);
    expect(Math.min(...lateMs)).toBeGreaterThan(-10);
    // The best of three: the machine that the test runs on may be busy for a moment.
    expect(Math.min(...lateMs)).toBeLessThan(200);
  });

  it('carries who asked for it and the request that it goes back to', async () => {
    const seen: Context[] = [];
    behaviours.set('carried', async (context) => void seen.push(context as Context));
    const actor = { kind: 'member' as const, id: 'ada', permissions: new Set(['x']) };
    const ctx = test.kernel.context({ workspaceId: workspace.id, actor, requestId: 'request-1' });
    await ctx.transaction(async (tx) => tx.enqueue(call.job as never, { name: 'carried' } as never));
    const event = await ranEvent('carried');
    expect(event).toMatchObject({ actor: { kind: 'member', id: 'ada' }, requestId: 'request-1' });
    expect(seen[0]).toMatchObject({ workspaceId: workspace.id, requestId: 'request-1' });
    expect(seen[0]?.actor.permissions.size).toBe(0);
  });
});

describe('a failing job', () => {
  it('is tried again, ends in the dead letters without content, and can be driven back', async () => {
    const attempts: JobRun[] = [];
    behaviours.set('failing', async (_context, run) => {
      attempts.push(run);
      throw new Error('refused by +15551230001', { cause: new Error('inner') });
    });
    await enqueue(write, 'failing');
    const [letter] = await test.until('the dead letter', async () => {
      await hasten();
      const letters = (await test.kernel.queue.deadLetters()).filter(
        (one) => (one.input as { name: string }).name === 'failing',
      );
      return letters.length > 0 ? letters : null;
    });
    expect(attempts.map((run) => [run.attempt, run.isLastAttempt])).toEqual([
      [0, false],
      [1, false],
      [2, true],
    ]);
    expect(letter).toMatchObject({ job: 'test.write', workspaceId: workspace.id, attempts: 3 });
    expect(letter?.error).toContain('refused by +1');
    expect(letter?.error).not.toContain('5551230001');
    behaviours.delete('failing');
    expect(await test.kernel.queue.redrive([letter?.id ?? ''])).toBe(1);
    expect((await ranEvent('failing'))?.payload).toMatchObject({ attempt: 0 });
    expect(await test.kernel.queue.deadLetters()).toEqual([]);
  });

  it('leaves nothing of the attempt that failed', async () => {
    behaviours.set('half done', async (context, run) => {
      if (run.attempt > 0) return;
      (context as TransactionContext).append(ran, { name: 'half', attempt: 0 });
      (context as TransactionContext).enqueue(
        write.job as never,
        { name: 'child of a failed attempt' } as never,
      );
      throw new Error('too late');
    });
    await enqueue(write, 'half done');
    await ranEvent('half done');
    const found = await runs();
    expect(found.get('half done')).toEqual([1]);
    expect(found.has('half')).toBe(false);
    expect(found.has('child of a failed attempt')).toBe(false);
  });

  it('harms no neighbour of its batch', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `beside ${index}`);
    behaviours.set('beside 13', async (_context, run) => {
      if (run.attempt === 0) throw new Error('poison');
    });
    await workspace.ctx.transaction(async (tx) => {
      for (const name of names) tx.enqueue(write.job as never, { name } as never);
    });
    await ranEvent('beside 13');
    const found = await runs();
    for (const name of names) expect([name, found.get(name)]).toEqual([name, [name === 'beside 13' ? 1 : 0]]);
  });

  it('that swallowed a failed statement is tried again, and is never recorded as done', async () => {
    behaviours.set('swallowed', async (context, run) => {
      if (run.attempt > 0) return;
      await (context as TransactionContext).sql('select 1 / 0').catch(() => undefined);
    });
    await enqueue(write, 'swallowed');
    await ranEvent('swallowed');
    expect((await runs()).get('swallowed')).toEqual([1]);
  });

  it('whose input does not parse goes to the dead letters at once, and its neighbours run', async () => {
    await workspace.ctx.transaction(async (tx) => {
      tx.enqueue(write.job as never, { wrong: 'input' } as never);
      tx.enqueue(write.job as never, { name: 'beside the wrong one' } as never);
    });
    await ranEvent('beside the wrong one');
    const [letter] = await test.until('the dead letter', async () => {
      const letters = await test.kernel.queue.deadLetters();
      return letters.length > 0 ? letters : null;
    });
    expect(letter).toMatchObject({ job: 'test.write', input: { wrong: 'input' }, attempts: 1 });
    expect((await runs()).get('beside the wrong one')).toEqual([0]);
  });

  it('that could not parse what somebody else answered is tried again', async () => {
    behaviours.set('nonsense', async (_context, run) => {
      if (run.attempt === 0) z.object({ sid: z.string() }).parse({ sid: 1 });
    });
    await enqueue(call, 'nonsense');
    await ranEvent('nonsense');
    expect((await runs()).get('nonsense')).toEqual([1]);
  });
});

describe('a job that hangs', () => {
  it('in the database is given up in time and tried again; its neighbours lose nothing', async () => {
    const kept: TransactionContext[] = [];
    behaviours.set('hangs', async (context, run) => {
      if (run.attempt > 0) return;
      kept.push(context as TransactionContext);
      await new Promise(() => undefined);
    });
    await workspace.ctx.transaction(async (tx) => {
      for (const name of ['before', 'hangs', 'behind']) tx.enqueue(hurry.job as never, { name } as never);
    });
    await ranEvent('before', 'hangs', 'behind');
    const found = await runs();
    expect(found.get('before')).toEqual([0]);
    expect(found.get('behind')).toEqual([0]);
    expect(found.get('hangs')).toEqual([1]);
    for (const context of kept) await expect(context.sql('select 1')).rejects.toThrow();
  });

  it('outside is told by its signal, and the jobs that it was fetched with are not done twice', async () => {
    let told = false;
    behaviours.set('outside hangs', async (_context, run) => {
      if (run.attempt > 0) return;
      run.signal.addEventListener('abort', () => {
        told = true;
      });
      await new Promise(() => undefined);
    });
    await workspace.ctx.transaction(async (tx) => {
      for (const name of ['one', 'outside hangs', 'two'])
        tx.enqueue(callQuickly.job as never, { name } as never);
    });
    await ranEvent('one', 'outside hangs', 'two');
    const found = await runs();
    expect([found.get('one'), found.get('outside hangs'), found.get('two')]).toEqual([[0], [1], [0]]);
    expect(told).toBe(true);
  });

  it('outside holds up no other job', async () => {
    const release = gate();
    const slow = ['slow 1', 'slow 2', 'slow 3'];
    for (const name of slow) {
      const started = gate();
      behaviours.set(name, async () => {
        started.open();
        await release.opened;
      });
      await enqueue(call, name);
      await started.opened;
    }
    await enqueue(call, 'quick');
    await ranEvent('quick');
    release.open();
    await ranEvent(...slow);
  });
});

it('what was taken over by another process is rolled back, however late it comes', async () => {
  // The embedded database serves one process: nobody can take a job over while its transaction is open.
  if (test.kernel.database.kind === 'embedded') return;
  const started = gate();
  const release = gate();
  behaviours.set('overtaken', async (_context, run) => {
    if (run.attempt > 0) return;
    started.open();
    await release.opened;
  });
  await enqueue(write, 'overtaken');
  await started.opened;
  // As the supervisor does with a job whose process seems dead.
  await test.kernel.database.asOwner((queries) =>
    queries.sql(
      "update pgboss.job set state = 'retry', start_after = now() where name = 'test.write' and state = 'active'",
    ),
  );
  test.kernel.queue.wakeAt('test.write', new Date());
  await ranEvent('overtaken');
  release.open();
  await test.until('the late one to be refused', async () =>
    test.logged.some((line) => line.includes('another process took the job over')),
  );
  expect((await runs()).get('overtaken')).toEqual([1]);
});

it('of a job with a limit of workers no more run at once in a process, and all of them in turn', async () => {
  let running = 0;
  let most = 0;
  const names = ['rare-1', 'rare-2', 'rare-3', 'rare-4', 'rare-5'];
  for (const name of names)
    behaviours.set(name, async () => {
      running += 1;
      most = Math.max(most, running);
      // Long enough that others would be hired, one after the other.
      await new Promise((resolve) => setTimeout(resolve, 600));
      running -= 1;
    });
  await workspace.ctx.transaction(async (tx) => {
    for (const name of names) tx.enqueue(callRarely.job, { name });
  });
  const ran = await runs();
  expect(names.map((name) => ran.get(name))).toEqual(names.map(() => [0]));
  expect(most).toBe(2);
});

describe('a schedule', () => {
  it('is kept with an input that its job can read', async () => {
    const [row] = await test.kernel.database.asOwner((queries) =>
      queries.sql<{ cron: string; timezone: string; data: never }>(
        "select cron, timezone, data from pgboss.schedule where name = 'test.sweep'",
      ),
    );
    expect(row).toMatchObject({ cron: '0 0 1 1 *', timezone: 'UTC' });
    const done = gate();
    behaviours.set('scheduled', async (context) => {
      expect('system' in context).toBe(true);
      done.open();
    });
    await test.kernel.database.asOwner((queries) =>
      test.kernel.queue.insert(queries, [
        { job: sweep.job as never, envelope: row?.data as never, options: {} },
      ]),
    );
    await done.opened;
  });
});

describe('starting again', () => {
  it('gives a queue that exists the settings of this version', async () => {
    // The embedded database has one job queue at a time.
    const settings = async () => {
      const [row] = await test.kernel.database.asOwner((queries) =>
        queries.sql<{ retries: number; timeout: number }>(
          "select retry_limit as retries, expire_seconds as timeout from pgboss.queue where name = 'test.write'",
        ),
      );
      return row;
    };
    expect(await settings()).toMatchObject({ retries: 2, timeout: 5 });
    const queue = new Queue(test.kernel.database, test.kernel.bus, createLogger('silent'), () => undefined, {
      supervise: false,
      signer: testSigner,
    });
    await queue.start([{ ...write.job, retries: 7, timeoutSeconds: 9 } as never]);
    await queue.stop(1000);
    expect(await settings()).toMatchObject({ retries: 7, timeout: 9 });
  });
});
