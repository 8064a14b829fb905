// That what opens more, or cannot be undone, asks a member to prove that it is them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember, makeStale, type TestMember } from '../../../../test/members.ts';
import { signIn } from '../../../../test/signed-in.ts';

let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp();
  workspace = await test.workspace();
});
afterAll(() => test.close());

const makeKey = ({ client }: TestMember, name: string) =>
  client.post('/api/v1/api-keys', { name, role: 'agent' });
const prove = ({ client, password }: TestMember, given = password) =>
  client.put('/api/v1/auth/verification', { way: 'password', password: given });

async function staleOwner(): Promise<TestMember> {
  const member = await addMember(test, workspace, 'owner');
  await makeStale(test, member.userId);
  return member;
}

describe('a member', () => {
  it('who has just signed in is not asked', async () => {
    const member = await addMember(test, workspace, 'owner');
    expect((await makeKey(member, 'right after')).status).toBe(201);
  });

  it('who signed in long ago is asked, is told how to prove it, and goes on for ten minutes once they have', async () => {
    const member = await staleOwner();
    expect(await makeKey(member, 'too late')).toMatchObject({
      status: 403,
      body: { error: { code: 'step_up_required', details: [{ path: 'password' }] } },
    });
    expect((await member.client.get('/api/v1/auth/verification')).body).toEqual({
      freshUntil: null,
      ways: ['password'],
    });
    const { status, body } = await prove(member);
    expect(status).toBe(200);
    const { freshUntil } = body as { freshUntil: string };
    const minutes = (Date.parse(freshUntil) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(9);
    expect(minutes).toBeLessThanOrEqual(10);
    expect((await makeKey(member, 'now')).status).toBe(201);
  });

  it('proves it for the session that they are in, and for no other', async () => {
    const member = await staleOwner();
    await prove(member);
    const sessions = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ id: string }>('select id from sessions where user_id = $1', [member.userId]),
    );
    expect(sessions).toHaveLength(1);
    const other = { ...member, client: (await signInAgain(member)).client };
    await makeStale(test, member.userId);
    await prove(member);
    expect((await makeKey(other, 'from the other')).status).toBe(403);
  });

  it('is asked after their permission is looked at: who may not is not asked to prove anything', async () => {
    const agent = await addMember(test, workspace, 'agent');
    await makeStale(test, agent.userId);
    expect((await makeKey(agent, 'never')).body).toMatchObject({ error: { code: 'forbidden' } });
  });
});

describe('guesses', () => {
  it('are no proof, are told to the audit, and have to wait after some in a row', async () => {
    const member = await staleOwner();
    const wrong = [];
    for (let index = 0; index < 6; index += 1) wrong.push(await prove(member, `a guess ${index}`));
    expect(wrong[0]).toMatchObject({ status: 400, body: { error: { code: 'verification_failed' } } });
    expect(wrong.at(-1)).toMatchObject({ status: 429, body: { error: { code: 'locked_out' } } });
    expect(Number(wrong.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
    // Right, and still too early.
    expect((await prove(member)).status).toBe(429);
    expect((await makeKey(member, 'guessed')).status).toBe(403);
    const failed = await test.event(
      'step_up.failed',
      ({ payload }) => (payload as { userId: string }).userId === member.userId,
    );
    expect(failed.actor).toMatchObject({ kind: 'member', id: member.userId });
  });
});

describe('an API key', () => {
  it('is not asked, and cannot prove anything', async () => {
    const key = workspace.as('admin');
    expect((await key.post('/api/v1/api-keys', { name: 'by a key', role: 'agent' })).status).toBe(201);
    const proof = await key.put('/api/v1/auth/verification', { way: 'password', password: 'whatever' });
    expect(proof.status).toBe(403);
  });
});

describe('the audit', () => {
  it('has no refusal where a member was only asked to prove that it is them', async () => {
    const member = await staleOwner();
    const agent = await addMember(test, workspace, 'agent');
    await makeKey(member, 'asked');
    await makeKey(agent, 'refused');
    const isBy = (userId: string) => (event: { actor: { id: string | null } }) => event.actor.id === userId;
    // They are told in turn.
    await test.event('access.refused', isBy(agent.userId));
    const { body } = await workspace
      .as('admin')
      .get<{ items: { actor: { id: string | null } }[] }>('/api/v1/audit?action=access.refused');
    expect(body.items.filter(isBy(member.userId))).toEqual([]);
    expect(body.items.filter(isBy(agent.userId))).toHaveLength(1);
  });
});

const signInAgain = ({ email, password }: TestMember) => signIn(test, { email, password });
