import type { AuditPage } from '@parley/contract/audit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { newId } from './identifiers.ts';
import { type Envelope, JobSigner, type SignedEnvelope } from './job-signatures.ts';
import { defineJob, work } from './queue.ts';
import { createSigner } from './signing.ts';

const input = z.object({ name: z.string() });
const ran: string[] = [];
const make = (verb: string, effect: 'database' | 'external' | 'system') => {
  const job = defineJob({ name: `test.${verb}`, doc: 'A job of the test.', input, effect, retries: 1 });
  return work(job as never, async (_context, { name }: { name: string }) => {
    ran.push(name);
  });
};
const handlers = [make('write', 'database'), make('call', 'external'), make('sweep', 'system')];
const [write, call, sweep] = handlers.map(({ job }) => job);

let test: TestApp;
let mine: TestWorkspace;
let theirs: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp({
    modules: [
      {
        name: 'test',
        jobs: handlers,
        schedules: [{ job: sweep as never, cron: '0 0 1 1 *', input: { name: 'by the clock' } }],
      },
    ],
  });
  mine = await test.workspace();
  theirs = await test.workspace();
});
afterAll(() => test.close());

const sql = <Row>(statement: string, values: unknown[] = []) =>
  test.kernel.database.asOwner((queries) => queries.sql<Row>(statement, values));

/** A job that waits, as it stands in the queue. */
async function waiting(
  name: string,
  job = write,
  from = mine,
): Promise<{ id: string; data: SignedEnvelope }> {
  await from.ctx.transaction(async (tx) =>
    tx.enqueue(job as never, { name } as never, { startAfter: new Date(Date.now() + 3_600_000) }),
  );
  const [row] = await sql<{ id: string; data: SignedEnvelope }>(
    "select id, data from pgboss.job where data->'input'->>'name' = $1",
    [name],
  );
  if (!row) throw new Error('the job is not there');
  return row;
}

/** What somebody does who can write into the queue's table. */
async function plant(job: string, data: unknown, id = newId()): Promise<string> {
  await sql(
    `insert into pgboss.job (id, name, data, retry_limit, expire_seconds, policy, dead_letter)
     select $1, name, $3, retry_limit, expire_seconds, policy, dead_letter from pgboss.queue where name = $2`,
    [id, job, JSON.stringify(data)],
  );
  test.kernel.queue.wakeAt(job, new Date());
  return id;
}

const letterOf = (name: string) =>
  test.until('the dead letter', async () =>
    (await test.kernel.queue.deadLetters()).find(
      (letter) => (letter.input as { name?: string })?.name === name,
    ),
  );

describe('a job', () => {
  it('is run as it was enqueued', async () => {
    for (const job of [write, call])
      await mine.ctx.transaction(async (tx) =>
        tx.enqueue(job as never, { name: `${job?.name} ours` } as never),
      );
    await test.settled();
    expect(ran).toEqual(expect.arrayContaining(['test.write ours', 'test.call ours']));
  });

  it('that nobody of this installation signed, or that was altered, moved or copied, is run by nobody', async () => {
    const genuine = await waiting('genuine');
    const admin = { kind: 'member', id: 'somebody else' } as const;
    const altered: [string, unknown][] = [
      ['test.write', { ...genuine.data, signature: undefined, input: { name: 'unsigned' } }],
      ['test.write', { ...genuine.data, signature: 'A'.repeat(22), input: { name: 'made up' } }],
      ['test.write', { ...genuine.data, signature: '', input: { name: 'empty' } }],
      ['test.write', { ...genuine.data, input: { name: 'altered' } }],
      ['test.call', { ...(await waiting('moved')).data }],
      ['test.write', { ...(await waiting('copied')).data }],
      ['test.write', { ...(await waiting('elsewhere')).data, workspaceId: theirs.id }],
      ['test.write', { ...(await waiting('as another')).data, actor: admin }],
      ['test.write', { ...(await waiting('added')).data, input: { name: 'added', more: true } }],
      ['test.sweep', { ...(await waiting('system')).data, workspaceId: null }],
    ];
    for (const [job, data] of altered) await plant(job, data);
    // Another secret signs as well, and is not ours.
    const stranger = new JobSigner(createSigner(['another installation, another secret of it'], 'jobs'));
    const id = newId();
    const { signature: _, ...envelope } = genuine.data;
    await plant(
      'test.write',
      stranger.sign('test.write', id, { ...envelope, input: { name: 'foreign' } }),
      id,
    );
    // In place, too.
    const changed = await waiting('changed in place');
    await sql(
      "update pgboss.job set data = jsonb_set(data, '{input,name}', '\"in place\"'), start_after = now() where id = $1",
      [changed.id],
    );
    test.kernel.queue.wakeAt('test.write', new Date());
    const names = [
      'unsigned',
      'made up',
      'empty',
      'altered',
      'moved',
      'copied',
      'elsewhere',
      'as another',
      'added',
    ];
    for (const name of [...names, 'system', 'foreign', 'in place']) {
      const letter = await letterOf(name);
      expect([name, letter.error, letter.attempts]).toEqual([
        name,
        'ForgedJobError: the job is not signed by this installation as it is',
        1,
      ]);
      expect(ran).not.toContain(name);
    }
    const before = (await test.kernel.queue.deadLetters()).length;
    expect(await test.kernel.queue.redrive()).toBe(0);
    expect(await test.kernel.queue.deadLetters()).toHaveLength(before);
    expect(test.logged.some((line) => line.includes('job.signature_invalid'))).toBe(true);
  });

  it('that is refused alerts those whose workspace it names, and its neighbours run', async () => {
    const workspace = await test.workspace();
    const { data } = await waiting('of the workspace', write, workspace);
    await plant('test.write', { ...data, input: { name: 'beside' } });
    await workspace.ctx.transaction(async (tx) => tx.enqueue(write as never, { name: 'neighbour' } as never));
    await test.event('job.refused', ({ workspaceId }) => workspaceId === workspace.id);
    await test.event('security.alerted', ({ workspaceId }) => workspaceId === workspace.id);
    await test.until('the neighbour', async () => ran.includes('neighbour'));
    const { body } = await workspace.as('owner').get<AuditPage>('/api/v1/audit?action=job.refused');
    expect(body.items).toMatchObject([{ target: { kind: 'job', id: 'test.write' }, result: 'refused' }]);
    expect(JSON.stringify(body)).not.toContain('beside');
  });

  it('of the clock is run whichever copy of it comes, and only as the clock’s', async () => {
    const [row] = await sql<{ data: SignedEnvelope }>(
      "select data from pgboss.schedule where name = 'test.sweep'",
    );
    const data = row?.data as SignedEnvelope;
    await plant('test.sweep', data);
    await test.until('the sweep', async () => ran.includes('by the clock'));
    await plant('test.sweep', { ...data, input: { name: 'by no clock' } });
    await letterOf('by no clock');
    await plant('test.write', { ...data, workspaceId: mine.id, input: { name: 'by the clock in here' } });
    await letterOf('by the clock in here');
    expect(ran).not.toContain('by no clock');
  });
});

describe('an upgrade', () => {
  it('signs what waits unsigned, once', async () => {
    const waits = await waiting('from before');
    await sql("update pgboss.job set data = data - 'signature' where id = $1", [waits.id]);
    const signer = new JobSigner(test.kernel.signer('jobs'));
    await sql('update job_signing set unsigned_until = null');
    await test.kernel.database.asOwner((queries) => signer.begin(queries));
    const read = async () =>
      (await sql<{ data: SignedEnvelope }>('select data from pgboss.job where id = $1', [waits.id]))[0]?.data;
    expect(await read()).toEqual(waits.data);
    // For an hour, processes of the version before may still enqueue; then no more.
    const { signature: _, ...unsigned } = waits.data;
    expect(signer.open('test.write', newId(), unsigned)).toEqual(unsigned);
    await sql("update job_signing set unsigned_until = now() - interval '1 second'");
    await test.kernel.database.asOwner((queries) => signer.begin(queries));
    expect(signer.open('test.write', newId(), unsigned)).toBeNull();
    await sql("update pgboss.job set data = data - 'signature' where id = $1", [waits.id]);
    await test.kernel.database.asOwner((queries) => signer.begin(queries));
    expect((await read())?.signature).toBeUndefined();
  });
});

describe('another secret', () => {
  const [older, newer] = ['the older secret of an installation', 'the newer secret of an installation'];
  const envelope: Envelope = {
    workspaceId: newId(),
    actor: { kind: 'system', id: null },
    requestId: 'request',
    input: { name: 'x' },
  };

  it('is believed by processes with either, while both are set', () => {
    const [old, both, only] = [[older], [newer, older], [newer]].map(
      (secrets) => new JobSigner(createSigner(secrets, 'jobs')),
    ) as [JobSigner, JobSigner, JobSigner];
    const ours = (by: JobSigner, of: JobSigner) => by.open('a', 'b', of.sign('a', 'b', envelope)) !== null;
    expect([ours(both, old), ours(old, both), ours(only, both), ours(both, only)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([ours(only, old), ours(old, only)]).toEqual([false, false]);
  });

  it('signs what waits, and what is not ours stays so', async () => {
    const [genuine, forged] = [await waiting('to sign anew'), await waiting('to leave')];
    const secret = test.kernel.secret;
    const before = new JobSigner(createSigner([older], 'jobs'));
    const set = (id: string, signature = '') =>
      sql("update pgboss.job set data = jsonb_set(data, '{signature}', to_jsonb($2::text)) where id = $1", [
        id,
        signature,
      ]);
    const { signature: _, ...plain } = genuine.data;
    await set(genuine.id, before.sign('test.write', genuine.id, plain).signature);
    await set(forged.id, 'made up');
    const both = new JobSigner(createSigner([secret, older], 'jobs'));
    expect(await test.kernel.database.asOwner((queries) => both.signWaiting(queries))).toBe(1);
    const rows = await sql<{ id: string; data: unknown }>(
      'select id, data from pgboss.job where id = any($1::uuid[])',
      [[genuine.id, forged.id]],
    );
    const present = new JobSigner(createSigner([secret], 'jobs'));
    const opened = rows.map(({ id, data }) => [id, present.open('test.write', id, data) !== null]);
    expect(Object.fromEntries(opened)).toEqual({ [genuine.id]: true, [forged.id]: false });
  });
});

it('a signature holds however the database orders what was signed, and for nothing else', () => {
  const signer = new JobSigner(createSigner(['a secret that is long enough for a test'], 'jobs'));
  const shuffled = (value: unknown): unknown =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).reverse());
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const envelope: Envelope = {
        workspaceId: null,
        actor: { kind: 'system', id: null },
        requestId: 'r',
        input: one,
      };
      const { signature } = signer.sign('a', 'b', envelope);
      const stored = JSON.parse(JSON.stringify({ ...envelope, signature }), (_key, value) => shuffled(value));
      expect(signer.open('a', 'b', stored)).not.toBeNull();
      const same = JSON.stringify(one) === JSON.stringify(other);
      fc.pre(!same && JSON.stringify(stored.input) !== JSON.stringify(other));
      if (typeof one !== 'object') expect(signer.open('a', 'b', { ...stored, input: other })).toBeNull();
    }),
  );
});
