import { errorEnvelope } from '@parley/contract/common';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { fixedClock } from './clock.ts';
import { forgetIdempotencyKeys } from './core-module.ts';
import { validationError } from './errors.ts';
import { defineEvent } from './events.ts';
import { idempotencyHours } from './idempotency.ts';
import { newId } from './identifiers.ts';
import type { Module } from './module.ts';

const made = defineEvent({
  type: 'thing.made',
  doc: 'A thing of the test was made.',
  permission: 'events:read',
  payload: z.object({ thingId: z.uuid() }),
});
let refuse: (() => void) | null = null;

const testModule: Module = {
  name: 'test',
  events: [made],
  routes: (server) => {
    const app = server.withTypeProvider<ZodTypeProvider>();
    for (const url of ['/test/things', '/test/others']) {
      app.post(
        url,
        {
          schema: {
            body: z.object({ name: z.string() }),
            response: { 201: z.object({ id: z.uuid(), name: z.string() }) },
          },
          config: { permission: 'keys:manage', idempotent: true },
        },
        async (request, reply) => {
          const thing = await request.ctx.transaction(async (tx) => {
            const id = newId();
            tx.append(made, { thingId: id });
            refuse?.();
            if (request.body.name === 'taken') {
              await tx.sql('insert into workspaces (workspace_id, name) values ($1, $2)', [
                tx.workspaceId,
                'again',
              ]);
            }
            return { id, name: request.body.name };
          });
          return reply.code(201).send(thing);
        },
      );
    }
  },
};

interface Thing {
  id: string;
  name: string;
}
const start = Date.UTC(2026, 0, 5, 12);
const clock = fixedClock(start);
let test: TestApp;
let workspace: TestWorkspace;
let admin: ApiClient;
beforeAll(async () => {
  test = await startTestApp({ modules: [testModule], clock });
  workspace = await test.workspace();
  admin = workspace.as('admin');
});
afterAll(() => test.close());

let count = 0;
const newKey = () => `key ${++count}`;
const post = (client: ApiClient, key: string, body: object, path = '/test/things') =>
  client.post<Thing & { error: { code: string } }>(path, body, { 'idempotency-key': key });

async function countMade(id = workspace.id): Promise<number> {
  const [row] = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ count: number }>(
      "select count(*)::int as count from events where type = 'thing.made' and workspace_id = $1",
      [id],
    ),
  );
  return row?.count ?? 0;
}

describe('a call repeated under its Idempotency-Key', () => {
  it('gets the first answer, and nothing is done again', async () => {
    const [key, before] = [newKey(), await countMade()];
    const first = await post(admin, key, { name: 'one' });
    const second = await post(admin, key, { name: 'one' });
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await countMade()).toBe(before + 1);
  });

  it('with another body, or to another address, is refused', async () => {
    const key = newKey();
    await post(admin, key, { name: 'one' });
    for (const other of [
      await post(admin, key, { name: 'two' }),
      await post(admin, key, { name: 'one' }, '/test/others'),
    ]) {
      expect(other).toMatchObject({ status: 409, body: { error: { code: 'sms.idempotent_duplicate' } } });
    }
  });

  it('at the same time is done once, and all get the one answer', async () => {
    const [key, before] = [newKey(), await countMade()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(admin, key, { name: 'race' })));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(await countMade()).toBe(before + 1);
  });

  it('at the same time with different bodies is done once, and the losers are told why', async () => {
    const [key, before] = [newKey(), await countMade()];
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => post(admin, key, { name: `race ${index}` })),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409]);
    for (const answer of answers.filter((candidate) => candidate.status === 409)) {
      expect(errorEnvelope.parse(answer.body).error.code).toBe('sms.idempotent_duplicate');
    }
    expect(await countMade()).toBe(before + 1);
  });

  it('by somebody else is somebody else’s call', async () => {
    const key = newKey();
    const neighbour = await test.workspace();
    const mine = await post(admin, key, { name: 'one' });
    const colleague = await post(workspace.as('owner'), key, { name: 'two' });
    const theirs = await post(neighbour.as('admin'), key, { name: 'three' });
    expect([mine.status, colleague.status, theirs.status]).toEqual([201, 201, 201]);
    expect(new Set([mine.body.id, colleague.body.id, theirs.body.id]).size).toBe(3);
  });

  it('after it failed is a new call', async () => {
    const [key, before] = [newKey(), await countMade()];
    refuse = () => {
      throw validationError('Not now.');
    };
    expect((await post(admin, key, { name: 'one' })).status).toBe(400);
    refuse = () => {
      throw new Error('a fault of ours');
    };
    expect((await post(admin, key, { name: 'one' })).status).toBe(500);
    refuse = null;
    expect(await countMade()).toBe(before);
    const answer = await post(admin, key, { name: 'one' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
    expect(await countMade()).toBe(before + 1);
  });

  it('to another process gets the first answer', async () => {
    // The embedded database serves one process.
    if (!test.databaseUrl) return;
    const key = newKey();
    const first = await post(admin, key, { name: 'one' });
    const other = await startTestApp({ databaseUrl: test.databaseUrl, modules: [testModule], clock });
    const authorization = await admin.authorization();
    const second = await other.anonymous.post(
      '/test/things',
      { name: 'one' },
      { 'idempotency-key': key, ...authorization },
    );
    expect(second).toMatchObject({ status: 201, body: first.body });
    await other.close();
  });
});

describe('an Idempotency-Key', () => {
  it('has 1 to 255 characters', async () => {
    expect((await post(admin, 'k'.repeat(255), { name: 'one' })).status).toBe(201);
    for (const key of ['k'.repeat(256), '']) {
      expect(await post(admin, key, { name: 'one' })).toMatchObject({
        status: 400,
        body: { error: { code: 'sms.validation_error' } },
      });
    }
  });

  it('hides no other conflict of the call', async () => {
    const answer = await post(admin, newKey(), { name: 'taken' });
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
  });

  it('and its answer are at rest in no plain form', async () => {
    await post(admin, 'canary-key-text', { name: 'canary answer text' });
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<Record<string, unknown>>('select * from idempotency_keys'),
    );
    const bytes = rows.map((row) =>
      Object.values(row).map((value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
      ),
    );
    expect(JSON.stringify(bytes)).not.toMatch(/canary/);
  });

  it(`is forgotten after ${idempotencyHours} hours, and no sooner`, async () => {
    const [old, recent] = [newKey(), newKey()];
    const first = await post(admin, old, { name: 'old' });
    clock.advance((idempotencyHours - 1) * 3_600_000);
    const second = await post(admin, recent, { name: 'recent' });
    clock.advance(2 * 3_600_000);
    await test.kernel.database.asOwner((queries) =>
      test.kernel.queue.insert(queries, [
        {
          job: forgetIdempotencyKeys as never,
          envelope: { workspaceId: null, actor: { kind: 'system', id: null }, requestId: 'test', input: {} },
          options: {},
        },
      ]),
    );
    await test.until('the old key to be forgotten', async () => {
      const again = await post(admin, old, { name: 'old' });
      return again.status === 201 && again.body.id !== first.body.id;
    });
    expect((await post(admin, recent, { name: 'recent' })).body.id).toBe(second.body.id);
  });
});
