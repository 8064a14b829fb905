// What members do with what lets them in, and what the operator does with keys, is in the audit, and says enough.
import type { CreatedInvitation } from '@parley/contract/invitations';
import type { Tokens } from '@parley/contract/sessions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntries } from '../../../../test/audited.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember, type TestMember } from '../../../../test/members.ts';
import { addAuthenticator, clockAhead, step } from '../../../../test/second-factor.ts';
import { signIn } from '../../../../test/signed-in.ts';
import { tellKeysRotated, tellSigningKeyRotated } from '../tenancy.ts';

let test: TestApp;
let workspace: TestWorkspace;
let member: TestMember;
const clock = clockAhead();
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

const entries = (action: string, count: number, of = workspace) =>
  test.until(`${count} of ${action}`, async () => {
    const found = await auditEntries(of, `&action=${action}`);
    return found.length >= count && found;
  });

describe('the audit of what lets a member in', () => {
  beforeAll(async () => {
    workspace = await test.workspace();
    member = await addMember(test, workspace, 'admin');
  });

  it('says that a program got tokens, and until when', async () => {
    const made = await member.client.post<Tokens>('/api/v1/auth/tokens', { name: 'A program of Ana' });
    expect(made.status).toBe(201);
    const [entry] = await entries('tokens.made', 1);
    expect(entry).toMatchObject({
      actor: { kind: 'member', id: member.userId },
      via: 'http',
      details: { tokensId: made.body.id },
    });
    const days = (Date.parse(String(entry?.details.expiresAt)) - clock.now()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    expect(JSON.stringify(entry)).not.toContain('A program of Ana');
  });

  it('says that one session was ended, that all others were, and that somebody signed out', async () => {
    const other = await signIn(test, member);
    const { body } = await other.client.get<{ items: { id: string; kind: string; current: boolean }[] }>(
      '/api/v1/auth/sessions',
    );
    const program = body.items.find(({ kind }) => kind === 'tokens');
    expect((await other.client.delete(`/api/v1/auth/sessions/${program?.id}`)).status).toBe(204);
    expect((await other.client.delete(`/api/v1/auth/sessions/${program?.id}`)).status).toBe(404);
    expect((await other.client.delete('/api/v1/auth/sessions')).status).toBe(204);
    expect((await other.client.delete('/api/v1/auth/sessions')).status).toBe(204);
    expect((await other.client.post('/api/auth/sign-out', {})).status).toBe(200);
    const found = await entries('session.ended', 3);
    expect(found.map(({ details }) => details)).toEqual([
      { how: 'signed_out', count: 1 },
      { how: 'others', count: 1 },
      { how: 'one', count: 1 },
    ]);
    expect(found.every(({ actor }) => actor.id === member.userId)).toBe(true);
  });

  it('says which second factor a sign-in was given, and that a browser was remembered', async () => {
    const ana = await addMember(test, workspace);
    const app = await addAuthenticator(ana.client, clock);
    const first = await step(test, 'sign-in/email', { email: ana.email, password: ana.password });
    const answer = { way: 'totp', code: app.code(), rememberDevice: true };
    const given = await step(test, 'sign-in/second-factor', answer, first.cookie);
    expect(given.status).toBe(200);
    const again = await step(
      test,
      'sign-in/email',
      { email: ana.email, password: ana.password },
      given.cookie,
    );
    expect(again.body.secondFactor).toBeUndefined();
    const factors = await test.until('all three sign-ins', async () => {
      const found = await auditEntries(workspace, `&action=session.began&actor=${ana.userId}`);
      return found.length >= 3 && found.map(({ details }) => details.secondFactor);
    });
    expect(new Set(factors)).toEqual(new Set([null, 'totp', 'remembered']));
  });

  it('says whom an invitation is for while it waits, and keeps no whole address of who never came', async () => {
    const email = 'bruno.whole@shop.example.com';
    const made = await workspace
      .as('owner')
      .post<CreatedInvitation>('/api/v1/invitations', { email, role: 'agent' });
    expect(made.status).toBe(201);
    const [waits] = await entries('invitation.created', 1);
    expect(waits?.target.name).toBe(email);
    expect(waits?.details.email).toBe('b…@s….com');
    await workspace.as('owner').delete(`/api/v1/invitations/${made.body.id}`);
    const [withdrawn] = await entries('invitation.withdrawn', 1);
    expect(withdrawn?.details.email).toBe('b…@s….com');
    expect(JSON.stringify(await auditEntries(workspace))).not.toContain('bruno.whole');
  });

  it('says until when a key works, and to what the rule for second factors was changed', async () => {
    const expiresAt = new Date(clock.now() + 86_400_000).toISOString();
    await workspace.as('owner').post('/api/v1/api-keys', { name: 'A', role: 'viewer', expiresAt });
    const [key] = await entries('api_key.created', 1);
    expect(key?.details.expiresAt).toBe(expiresAt);

    const owner = await addMember(test, workspace, 'owner');
    await addAuthenticator(owner.client, clock);
    await owner.client.put('/api/v1/workspace/second-factor', { secondFactor: 'required' });
    const [rule] = await entries('workspace.changed', 1);
    expect(rule?.details).toEqual({ changed: ['secondFactor'], secondFactor: 'required' });
  });
});

describe('what the operator does with keys', () => {
  it('is in the audit of each workspace, as done from the command line', async () => {
    const both = [await test.workspace(), await test.workspace()];
    await tellKeysRotated(test.kernel, true);
    await tellSigningKeyRotated(test.kernel, true);
    for (const each of both) {
      const [keys] = await entries('keys.rotated', 1, each);
      expect(keys).toMatchObject({ via: 'command', actor: { kind: 'system' }, details: { finished: true } });
      const [signing] = await entries('signing_key.rotated', 1, each);
      expect(signing).toMatchObject({ via: 'command', details: { forgot: true } });
    }
  });
});
