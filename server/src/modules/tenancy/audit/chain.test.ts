import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  act,
  acted,
  actedModule,
  auditEntries,
  auditedActions,
  verifyAudit,
} from '../../../../test/audited.ts';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { auditVerifyCommand } from '../../../cli/commands/audit.ts';
import { serverHost } from '../../../cli/host.ts';
import { databaseErrorCode } from '../../../core/errors.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ modules: [actedModule] });
});
afterAll(() => test.close());

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

describe('the chain', () => {
  it('holds what was done, by whom, to what, from where', async () => {
    const workspace = await test.workspace();
    const member = await addMember(test, workspace, 'owner');
    const { client } = member;
    const made = await client.post<{ id: string }>('/api/v1/api-keys', { name: 'A program', role: 'viewer' });
    expect(made.status).toBe(201);
    const [entry] = await auditEntries(workspace, `&action=api_key.created&actor=${member.userId}`);
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
    expect(await verifyAudit(test, workspace)).toMatchObject({ entries: 39, broken: null });
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
    expect(await auditedActions(workspace)).toEqual(['test.acted']);
    expect(await verifyAudit(test, workspace)).toMatchObject({ entries: 1, broken: null });
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
    const seen = await auditEntries(mine);
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
    expect(await verifyAudit(test, workspace)).toMatchObject({ entries: 3, broken: null });
  });
});

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
        expect((await verifyAudit(test, workspace)).broken).toBeNull();
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
        expect((await verifyAudit(test, workspace)).broken?.number).toBe(first);
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
    expect((await verifyAudit(test, workspace)).broken).toEqual({ number: 3, why: 'end' });
    await asOwner('delete from audit_heads where workspace_id = $1', [other.id]);
    expect((await verifyAudit(test, other)).broken).toEqual({ number: 1, why: 'end' });
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
