import type { AuditEntry, AuditPage, SecurityAlert } from '@parley/contract/audit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { modules } from '../../../app.ts';
import { auditVerifyCommand } from '../../../cli/commands/audit.ts';
import { serverHost } from '../../../cli/host.ts';
import { type fixedClock as clockOf, fixedClock } from '../../../core/clock.ts';
import { databaseErrorCode } from '../../../core/errors.ts';
import { defineEvent } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import { securityWatch, signInPort, verifyChain } from '../tenancy.ts';
import { KeyReads } from './key-reads.ts';

const acted = defineEvent({
  type: 'test.acted',
  doc: 'Something was done.',
  permission: 'events:read',
  payload: z.object({ thingId: z.string(), figure: z.number().optional(), names: z.array(z.string()) }),
  audit: { target: 'thing', id: 'thingId' },
});

let test: TestApp;
let clock: ReturnType<typeof clockOf>;
beforeAll(async () => {
  clock = fixedClock();
  test = await startTestApp({ clock, modules: [{ name: 'test', events: [acted] }] });
});
afterAll(() => test.close());

const act = (workspace: TestWorkspace, count = 1) =>
  workspace.ctx.transaction(async (tx) => {
    for (let number = 0; number < count; number += 1)
      tx.append(acted, { thingId: newId(), figure: number / 3, names: ['one', 'two'] });
  });
const verify = (workspace: TestWorkspace) => verifyChain(test.kernel.systemContext(), workspace.id);
const entriesOf = async (workspace: TestWorkspace, query = ''): Promise<AuditEntry[]> =>
  (await workspace.as('owner').get<AuditPage>(`/api/v1/audit?limit=200${query}`)).body.items;
const stored = async (workspace: TestWorkspace): Promise<string[]> =>
  (
    await workspace.ctx.transaction((tx) =>
      tx.sql<{ action: string }>('select action from audit_entries where workspace_id = $1 order by number', [
        workspace.id,
      ]),
    )
  ).map(({ action }) => action);

describe('the chain', () => {
  it('holds what was done, by whom, to what, from where', async () => {
    const workspace = await test.workspace();
    const member = await addMember(test, workspace, 'owner');
    const { client } = member;
    const made = await client.post<{ id: string }>('/api/v1/api-keys', { name: 'A program', role: 'viewer' });
    expect(made.status).toBe(201);
    const [entry] = await entriesOf(workspace, `&action=api_key.created&actor=${member.userId}`);
    expect(entry).toMatchObject({
      actor: { kind: 'member', id: member.userId, name: 'A owner' },
      via: 'http',
      action: 'api_key.created',
      target: { kind: 'api_key', id: made.body.id, name: 'A program' },
      result: 'done',
      address: '127.0.0.1',
      device: 'node',
      details: { role: 'viewer' },
      requestId: made.headers.get('x-request-id'),
    });
    expect(entry?.sessionId).toMatch(/^\w{10,}$/);
    expect(entry?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is one, however many transactions append at the same moment', async () => {
    const workspace = await test.workspace();
    await Promise.all(Array.from({ length: 20 }, (_, index) => act(workspace, 1 + (index % 3))));
    expect(await verify(workspace)).toMatchObject({ entries: 39, broken: null });
  });

  it('has no entry of what was rolled back', async () => {
    const workspace = await test.workspace();
    await act(workspace);
    await expect(
      workspace.ctx.transaction(async (tx) => {
        tx.append(acted, { thingId: 'gone', names: [] });
        throw new Error('not after all');
      }),
    ).rejects.toThrow('not after all');
    expect(await stored(workspace)).toEqual(['test.acted']);
    expect(await verify(workspace)).toMatchObject({ entries: 1, broken: null });
  });

  it('can be changed by no role of the application', async () => {
    const workspace = await test.workspace();
    await act(workspace);
    const { database } = test.kernel;
    const attempts = [
      "update audit_entries set action = 'forged'",
      'delete from audit_entries',
      'truncate audit_entries',
      'delete from audit_heads',
    ];
    for (const statement of attempts) {
      const codes = await Promise.all(
        [
          database.inWorkspace(workspace.id, (q) => q.sql(statement)),
          database.asSystem((q) => q.sql(statement)),
        ].map((attempt) => attempt.then(() => 'done', databaseErrorCode)),
      );
      expect([statement, ...codes]).toEqual([statement, '42501', '42501']);
    }
  });

  it('shows a stranger nothing', async () => {
    const [mine, theirs] = [await test.workspace(), await test.workspace()];
    await act(theirs, 3);
    const seen = await entriesOf(mine);
    expect(seen.filter(({ action }) => action === 'test.acted')).toEqual([]);
    const found = await test.kernel.database.inWorkspace(mine.id, (queries) =>
      queries.sql('select 1 from audit_entries where workspace_id = $1', [theirs.id]),
    );
    expect(found).toEqual([]);
  });

  it('forgets where somebody was, and holds', async () => {
    const workspace = await test.workspace();
    await act(workspace, 3);
    await asOwner(
      'update audit_entries set address = null, device = null, origin_salt = null where workspace_id = $1',
      [workspace.id],
    );
    expect(await verify(workspace)).toMatchObject({ entries: 3, broken: null });
  });
});

/** As who owns the tables: walls and grants do not hold them. */
async function asOwner(statement: string, values: unknown[]): Promise<void> {
  await test.kernel.database.execute('alter table audit_entries no force row level security');
  await test.kernel.database.execute('alter table audit_heads no force row level security');
  try {
    await test.kernel.database.asOwner((queries) => queries.sql(statement, values));
  } finally {
    await test.kernel.database.execute('alter table audit_entries force row level security');
    await test.kernel.database.execute('alter table audit_heads force row level security');
  }
}

describe('tampering', () => {
  const length = 12;
  const columns = [
    "occurred_at = occurred_at + interval '1 microsecond'",
    "actor_kind = 'contact'",
    "actor_id = 'somebody else'",
    "via = 'command'",
    "session_id = 'another'",
    "request_id = 'another'",
    "action = 'other.acted'",
    "target_kind = 'other'",
    "target_id = 'another'",
    'target_id = null',
    "result = 'refused'",
    `details = details || '{"figure": 9}'`,
    "details = details - 'names'",
    `details = '{}'`,
    "address = '203.0.113.9'",
    "device = 'another'",
    "origin_salt = 'another'",
    "origin_salt = null, address = 'x'",
    "origin_hash = repeat('0', 64)",
    "previous_hash = repeat('0', 64)",
    "hash = repeat('0', 64)",
  ];
  const at = fc.integer({ min: 1, max: length });
  const everyField =
    'occurred_at, actor_kind, actor_id, via, session_id, request_id, action, target_kind, target_id, result, details, ' +
    'address, device, origin_salt, origin_hash, previous_hash, hash';
  const tampering = fc.oneof(
    fc.record({ what: fc.constant('change' as const), at, set: fc.constantFrom(...columns) }),
    fc.record({ what: fc.constant('remove' as const), at }),
    fc.record({ what: fc.constant('swap' as const), at, by: fc.integer({ min: 1, max: length - 1 }) }),
    fc.record({ what: fc.constant('insert' as const), at }),
    fc.record({ what: fc.constant('cut' as const), at }),
    fc.record({ what: fc.constant('rewind' as const), at }),
  );

  type Tried = typeof tampering extends fc.Arbitrary<infer Value> ? Value : never;

  it('of any kind is found, and where it begins', async () => {
    await fc.assert(
      fc.asyncProperty(tampering, async (tried) => {
        const workspace = await test.workspace();
        await act(workspace, length);
        const { id } = workspace;
        expect((await verify(workspace)).broken).toBeNull();
        let first = tried.at;
        if (tried.what === 'change')
          await asOwner(`update audit_entries set ${tried.set} where workspace_id = $1 and number = $2`, [
            id,
            tried.at,
          ]);
        else if (tried.what === 'remove')
          await asOwner('delete from audit_entries where workspace_id = $1 and number = $2', [id, tried.at]);
        else if (tried.what === 'swap') {
          const other = ((tried.at - 1 + tried.by) % length) + 1;
          first = Math.min(tried.at, other);
          await asOwner(
            `update audit_entries set number = case number when $2::bigint then 1000 + $3::bigint else 1000 + $2::bigint end
             where workspace_id = $1 and number in ($2, $3)`,
            [id, tried.at, other],
          );
          await asOwner(
            'update audit_entries set number = number - 1000 where workspace_id = $1 and number > 1000',
            [id],
          );
        } else if (tried.what === 'insert') {
          await asOwner(
            'update audit_entries set number = number + 1000 where workspace_id = $1 and number >= $2',
            [id, tried.at],
          );
          await asOwner(
            `insert into audit_entries (workspace_id, number, ${everyField})
             select workspace_id, $2, ${everyField} from audit_entries where workspace_id = $1 and number = 1000 + $2::bigint`,
            [id, tried.at],
          );
          await asOwner(
            'update audit_entries set number = number - 999 where workspace_id = $1 and number > 1000',
            [id],
          );
          // The copy in front is the true entry; the one behind it is too many.
          first = tried.at + 1;
        } else if (tried.what === 'cut')
          await asOwner('delete from audit_entries where workspace_id = $1 and number >= $2', [id, tried.at]);
        else {
          // With an end that fits what is left, but for the seal.
          await asOwner(
            `update audit_heads set number = $2::bigint - 1, hash = (select previous_hash from audit_entries
               where workspace_id = $1 and number = $2) where workspace_id = $1`,
            [id, tried.at],
          );
          await asOwner('delete from audit_entries where workspace_id = $1 and number >= $2', [id, tried.at]);
        }
        expect((await verify(workspace)).broken?.number).toBe(first);
      }),
      { numRuns: 60, examples: columns.map((set): [Tried] => [{ what: 'change', at: 3, set }]) },
    );
  }, 120_000);

  it('with a chain computed anew is found by its end, which only the workspace’s key can seal', async () => {
    const workspace = await test.workspace();
    const other = await test.workspace();
    await act(workspace, 2);
    await act(other, 2);
    await asOwner(
      'update audit_heads set sealed = (select sealed from audit_heads where workspace_id = $2) where workspace_id = $1',
      [workspace.id, other.id],
    );
    expect((await verify(workspace)).broken).toEqual({ number: 3, why: 'end' });
    await asOwner('delete from audit_heads where workspace_id = $1', [other.id]);
    expect((await verify(other)).broken).toEqual({ number: 1, why: 'end' });
  });
});

it('`parley audit verify` says what holds, and fails by the first entry that does not', async () => {
  const workspace = await test.workspace({ name: 'Shop' });
  await act(workspace, 5);
  const run = async () => {
    const host = serverHost(test.app, null, AbortSignal.timeout(30_000));
    const output = (await auditVerifyCommand.run(
      host,
      { workspace: workspace.id },
      () => undefined,
    )) as never;
    return { said: auditVerifyCommand.print(output), failed: auditVerifyCommand.failed?.(output) };
  };
  expect(await run()).toEqual({
    said: expect.stringMatching(/Shop +1 +5 +[0-9a-f]{64} +holds/),
    failed: false,
  });
  await asOwner("update audit_entries set actor_id = 'forged' where workspace_id = $1 and number = 3", [
    workspace.id,
  ]);
  expect(await run()).toEqual({ said: expect.stringContaining('BROKEN at 3: it was changed'), failed: true });
});

describe('every event that is audited', () => {
  const audited = modules.flatMap((module) => module.events ?? []).filter(({ audit }) => audit);
  const shape = z.object({ properties: z.record(z.string(), z.unknown()).default({}) });

  it('names a target that its payload has', () => {
    expect(audited.length).toBeGreaterThan(25);
    for (const { type, payload, audit } of audited) {
      if (audit?.id == null) continue;
      const { properties } = shape.parse(z.toJSONSchema(payload));
      expect([type, Object.keys(properties)]).toEqual([type, expect.arrayContaining([audit.id])]);
    }
  });

  it('leaves exactly one entry where its rule says so, and none elsewhere', async () => {
    const workspace = await test.workspace();
    let expected: string[] = [];
    for (const definition of audited) {
      const payload = example(z.toJSONSchema(definition.payload)) as never;
      await workspace.ctx.transaction(async (tx) => tx.append(definition, payload));
      if (definition.audit?.when?.(payload) ?? true) expected = [...expected, definition.type];
    }
    expect(expected.length).toBeGreaterThan(20);
    expect(await stored(workspace)).toEqual(expected);
    expect((await verify(workspace)).broken).toBeNull();
  });

  it('is no event of a message: what answers people writes no audit', () => {
    expect(
      audited.map(({ type }) => type).filter((type) => /^(message|conversation|run|note)\./.test(type)),
    ).toEqual([]);
  });
});

/** A value that fits a JSON Schema. */
function example(schema: unknown): unknown {
  const node = schema as {
    type?: string;
    enum?: unknown[];
    const?: unknown;
    format?: string;
    anyOf?: unknown[];
    properties?: Record<string, unknown>;
  };
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  if (node.anyOf) return example(node.anyOf[0]);
  if (node.type === 'object')
    return Object.fromEntries(
      Object.entries(node.properties ?? {}).map(([key, inner]) => [key, example(inner)]),
    );
  if (node.type === 'array') return [];
  if (node.type === 'integer' || node.type === 'number') return 1;
  if (node.type === 'boolean') return true;
  if (node.type === 'null') return null;
  if (node.format === 'date-time') return '2026-01-01T00:00:00.000Z';
  return node.format === 'uuid' ? newId() : 'text';
}

describe('what is refused', () => {
  it('is an entry, once a minute for each who tries and each route, with how often', async () => {
    const workspace = await test.workspace();
    const tries = async (count: number) => {
      const answers = await Promise.all(
        Array.from({ length: count }, () =>
          workspace.as('viewer').put('/api/v1/workspace', { name: 'Mine' }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(count).fill(403));
    };
    await tries(30);
    clock.advance(60_000);
    await tries(1);
    const refusals = await test.until('both entries', async () => {
      const found = await entriesOf(workspace, '&result=refused');
      return found.length >= 2 && found;
    });
    expect(refusals.map(({ action, target, details }) => [action, target.id, details])).toEqual([
      ['access.refused', 'PUT /api/v1/workspace', { count: 30 }],
      ['access.refused', 'PUT /api/v1/workspace', { count: 1 }],
    ]);
    expect(refusals[0]?.actor).toMatchObject({ kind: 'api_key', name: 'test viewer' });
  });

  it('is an entry also where the module refuses, and none where somebody only looks', async () => {
    const workspace = await test.workspace();
    const owner = await addMember(test, workspace, 'owner');
    await workspace.as('viewer').get('/api/v1/api-keys');
    const answer = await workspace.as('admin').put(`/api/v1/members/${owner.userId}`, { role: 'viewer' });
    expect(answer.status).toBe(403);
    const refusals = await test.until('the entry', async () => {
      const found = await entriesOf(workspace, '&result=refused');
      return found.length > 0 && found;
    });
    expect(refusals.map(({ target }) => target.id)).toEqual(['PUT /api/v1/members/:userId']);
  });
});

describe('sign-ins', () => {
  const password = 'a password of a member';
  const makeUser = async (workspaces: TestWorkspace[]) => {
    const email = `${newId()}@example.com`;
    const user = await test.kernel.use(signInPort).createUser({ email, password, name: 'Ana' });
    for (const workspace of workspaces)
      await workspace.ctx.transaction((tx) =>
        tx.sql("insert into members (workspace_id, user_id, role) values ($1, $2, 'agent')", [
          workspace.id,
          user.id,
        ]),
      );
    return { email, userId: user.id };
  };
  const alertsOf = async (workspace: TestWorkspace) =>
    (await workspace.as('owner').get<{ items: SecurityAlert[] }>('/api/v1/security-alerts')).body.items;

  it('that fail are entries in each workspace of the member, and alert when there are many', async () => {
    const [one, other, foreign] = [await test.workspace(), await test.workspace(), await test.workspace()];
    const { email, userId } = await makeUser([one, other]);
    const fail = () => signIn(test, { email: email.toUpperCase(), password: 'a wrong password' });
    expect((await fail()).status).toBe(401);
    for (let attempt = 0; attempt < 8; attempt += 1) await fail();
    expect(await alertsOf(one)).toEqual([]);
    clock.advance(60_000);
    await fail();
    for (const workspace of [one, other]) {
      const failures = await test.until('both entries', async () => {
        const found = await entriesOf(workspace, '&action=sign_in.failed');
        return found.length >= 2 && found;
      });
      expect(failures.map(({ details }) => details)).toEqual([
        { count: 9, withinHour: 10 },
        { count: 1, withinHour: 1 },
      ]);
      expect(failures[0]).toMatchObject({
        result: 'failed',
        target: { kind: 'member', id: userId, name: 'Ana' },
      });
      expect(failures[0]?.address).toMatch(/^198\.18\./);
      expect(await alertsOf(workspace)).toMatchObject([{ kind: 'sign_in.failed', times: 1 }]);
    }
    expect(await stored(foreign)).not.toContain('sign_in.failed');
    const nobody = await signIn(test, { email: 'nobody@example.com', password: 'a wrong password' });
    expect(nobody.status).toBe(401);
  });

  it('from a device or network that was not used before alert, the first one does not', async () => {
    const workspace = await test.workspace();
    const { email, userId } = await makeUser([workspace]);
    const from = (remoteAddress: string, agent: string) =>
      test.app.http.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        remoteAddress,
        headers: { origin: test.url, 'user-agent': agent },
        payload: { email, password },
      });
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    expect((await from('192.0.2.10', firefox)).statusCode).toBe(200);
    expect((await from('192.0.2.99', firefox)).statusCode).toBe(200);
    expect((await from('203.0.113.5', firefox)).statusCode).toBe(200);
    const event = await test.event('session.new_device', ({ workspaceId }) => workspaceId === workspace.id);
    expect(event.actor).toEqual({ kind: 'member', id: userId });
    const found = await entriesOf(workspace, '&action=session.new_device');
    expect(found).toMatchObject([{ address: '203.0.113.5', device: 'Firefox · Linux' }]);
    expect(await alertsOf(workspace)).toMatchObject([
      { kind: 'session.new_device', target: { name: 'Ana' } },
    ]);
  });

  it('a password that its owner changed is an entry', async () => {
    const workspace = await test.workspace();
    const { email, userId } = await makeUser([workspace]);
    const { cookie } = await signIn(test, { email, password });
    const answer = await test.app.http.inject({
      method: 'POST',
      url: '/api/auth/change-password',
      // The library limits how often an address changes passwords.
      remoteAddress: '192.0.2.77',
      headers: { origin: test.url, cookie },
      payload: { currentPassword: password, newPassword: 'another password', revokeOtherSessions: true },
    });
    expect(answer.statusCode).toBe(200);
    await test.event('password.changed', ({ workspaceId }) => workspaceId === workspace.id);
    expect(await entriesOf(workspace, '&action=password.changed')).toMatchObject([
      { actor: { kind: 'member', id: userId }, target: { id: userId } },
    ]);
  });
});

describe('alerts', () => {
  it('count up while nobody has dismissed them, and are told to owners and admins alone, once an hour', async () => {
    const workspace = await test.workspace();
    const member = await addMember(test, workspace, 'viewer');
    const change = async (role: string) =>
      expect((await workspace.as('owner').put(`/api/v1/members/${member.userId}`, { role })).status).toBe(
        200,
      );
    await change('agent');
    await change('admin');
    clock.advance(3_600_000);
    await change('agent');
    await test.settled();
    const told = async (role: 'owner' | 'viewer') =>
      (
        await workspace.as(role).get<{ items: { type: string }[] }>('/api/v1/events?limit=500')
      ).body.items.filter(({ type }) => type === 'security.alerted').length;
    expect([await told('owner'), await told('viewer')]).toEqual([2, 0]);
    const list = () => workspace.as('admin').get<{ items: SecurityAlert[] }>('/api/v1/security-alerts');
    const [alert] = (await list()).body.items;
    expect(alert).toMatchObject({ kind: 'member.changed', times: 3, target: { id: member.userId } });
    expect((await workspace.as('agent').get('/api/v1/security-alerts')).status).toBe(403);
    const dismissal = `/api/v1/security-alerts/${alert?.id}/dismissal`;
    const stranger = await test.workspace();
    expect((await stranger.as('owner').put(dismissal)).status).toBe(404);
    expect((await workspace.as('admin').put(dismissal)).status).toBe(204);
    expect((await workspace.as('admin').put(dismissal)).status).toBe(204);
    expect((await list()).body.items).toEqual([]);
    expect(await entriesOf(workspace, '&action=security_alert.dismissed')).toHaveLength(1);
    await change('viewer');
    expect((await list()).body.items).toMatchObject([{ times: 1 }]);
  });

  it('tell when a key reads far more than it does', async () => {
    const workspace = await test.workspace();
    const { body } = await workspace
      .as('owner')
      .post<{ id: string }>('/api/v1/api-keys', { name: 'A program', role: 'viewer' });
    const reads = new KeyReads(test.kernel);
    const readTimes = async (count: number) => {
      for (let read = 0; read < count; read += 1) reads.note(body.id, workspace.id);
      await reads.write();
    };
    // On its first day, nobody knows what is usual.
    await readTimes(5000);
    expect(await stored(workspace)).not.toContain('api_key.read_much');
    clock.advance(25 * 3_600_000);
    await readTimes(1999);
    expect(await stored(workspace)).not.toContain('api_key.read_much');
    await readTimes(1);
    await readTimes(5000);
    const found = (await stored(workspace)).filter((action) => action === 'api_key.read_much');
    expect(found).toHaveLength(1);
    await reads.close();
  });
});

describe('reading', () => {
  it('goes by pages and filters', async () => {
    const workspace = await test.workspace();
    await act(workspace, 5);
    const from = clock.date().toISOString();
    clock.advance(1000);
    await act(workspace, 5);
    const page = (query: string) =>
      workspace.as('admin').get<AuditPage>(`/api/v1/audit?action=test.acted${query}`);
    const { body: first } = await page('&limit=4');
    expect(first.items).toHaveLength(4);
    const { body: second } = await page(`&limit=200&cursor=${first.nextCursor}`);
    const numbers = [...first.items, ...second.items].map(({ number }) => number);
    expect(numbers).toHaveLength(10);
    expect(numbers).toEqual(numbers.toSorted((one, other) => other - one));
    expect((await page(`&to=${clock.date().toISOString()}`)).body.items).toHaveLength(5);
    expect((await page(`&from=${clock.date().toISOString()}`)).body.items).toHaveLength(5);
    expect((await page(`&from=${from}&actor=system`)).body.items).toHaveLength(10);
    expect((await page('&actor=contact')).body.items).toEqual([]);
    expect((await page('&cursor=nonsense')).status).toBe(400);
    expect((await workspace.as('agent').get('/api/v1/audit')).status).toBe(403);
    expect((await workspace.as('agent').get('/api/v1/audit/export')).status).toBe(403);
  });

  it('is in the audit itself, once a minute; each export too', async () => {
    const workspace = await test.workspace();
    for (let read = 0; read < 5; read += 1) await entriesOf(workspace);
    await test.event('audit.read', ({ workspaceId }) => workspaceId === workspace.id);
    expect((await stored(workspace)).filter((action) => action === 'audit.read')).toHaveLength(1);
    await act(workspace, 1200);
    const lines = await fetch(`${test.url}/api/v1/audit/export?format=jsonl&action=test.acted`, {
      headers: await workspace.as('owner').authorization(),
    });
    expect(lines.headers.get('content-type')).toContain('jsonl');
    const text = await lines.text();
    const parsed = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);
    expect(parsed).toHaveLength(1200);
    const csv = await workspace.as('owner').get<string>('/api/v1/audit/export');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    expect(csv.body.split('\r\n')[0]).toMatch(/^number,occurred_at,actor_kind,/);
    const exports = await entriesOf(workspace, '&action=audit.exported');
    expect(exports.map(({ details }) => details)).toEqual([
      { format: 'csv', filters: [] },
      { format: 'jsonl', filters: ['action'] },
    ]);
    expect((await verify(workspace)).broken).toBeNull();
  });
});

it('what waits is written when the server stops', async () => {
  const own = await startTestApp({ clock: fixedClock() });
  try {
    const workspace = await own.workspace();
    for (let attempt = 0; attempt < 3; attempt += 1)
      await workspace.as('viewer').put('/api/v1/workspace', { name: 'x' });
    await own.kernel.use(securityWatch).close();
    const rows = await workspace.ctx.transaction((tx) =>
      tx.sql<{ count: number }>(
        "select (details->>'count')::int as count from audit_entries where action = 'access.refused' order by number",
      ),
    );
    expect(rows.map(({ count }) => count)).toEqual([1, 2]);
  } finally {
    await own.close();
  }
});
