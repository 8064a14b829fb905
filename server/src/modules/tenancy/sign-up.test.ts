import type { ErrorEnvelope } from '@parley/contract/common';
import type { CreatedWorkspace } from '@parley/contract/invitations';
import type { Me, Start } from '@parley/contract/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { addMember } from '../../../test/members.ts';
import { signIn } from '../../../test/signed-in.ts';
import { mailer } from '../../core/mail.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ environment: { PARLEY_DEMO: 'true', SIGN_UP: 'open' } });
});
afterAll(() => test.close());

const password = 'tall green window by the sea';
const ask = (email: string) => test.anonymous.post<ErrorEnvelope>('/api/v1/sign-up', { email });
const mailTo = (email: string) =>
  test.until('the mail', async () =>
    (await test.kernel.use(mailer).listKept(100)).find(({ to }) => to === email),
  );
const finish = (token: string) =>
  test.anonymous.post<ErrorEnvelope>('/api/v1/sign-up/account', { token, name: 'Newcomer', password });

describe('where sign-up is open', () => {
  it('an account begins with a link that reached its address, and its workspace with a name', async () => {
    expect((await test.anonymous.get<Start>('/api/v1/start')).body.signUp).toBe(true);
    const email = 'newcomer@example.com';
    expect((await ask(email)).status).toBe(202);
    const token = /#token=(\S+)/.exec((await mailTo(email)).text)?.[1] ?? '';
    expect((await signIn(test, { email, password })).status).toBe(401);
    const read = await test.anonymous.post('/api/v1/sign-up/link', { token });
    expect(read).toMatchObject({ status: 200, body: { email } });
    expect((await finish(token)).status).toBe(201);
    expect((await finish(token)).body.error.code).toBe('link_used_up');

    const { client } = await signIn(test, { email, password });
    expect((await client.get<Me>('/api/v1/auth/me')).body.workspace).toBeNull();
    const body = { name: 'Corner Shop', defaultCountry: 'PT', timeZone: 'Europe/Lisbon' };
    const made = await client.post<CreatedWorkspace>('/api/v1/workspaces', body);
    expect(made).toMatchObject({ status: 201, body: { name: 'Corner Shop' } });
    expect((await client.get<Me>('/api/v1/auth/me')).body.workspace).toMatchObject({
      id: made.body.id,
      role: 'owner',
    });
    await test.event('workspace.created', ({ workspaceId }) => workspaceId === made.body.id);
    // In one transaction: there is no workspace of whose beginning its audit says nothing.
    const [together] = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ one: boolean }>(
        `select bool_and(e.xmin::text = k.xmin::text) and count(*) = 2 as one from workspace_keys k
         join audit_entries e using (workspace_id) where k.workspace_id = $1 and e.action in ('workspace.created', 'member.created')`,
        [made.body.id],
      ),
    );
    expect(together?.one).toBe(true);
  });

  it('the answer is the same for an address that is taken, and its owner is told', async () => {
    const known = await addMember(test, await test.workspace(), 'agent');
    const answers = [await ask(known.email), await ask('nobody-yet@example.com')];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [202, answers[1]?.body],
      [202, answers[1]?.body],
    ]);
    const mail = await mailTo(known.email);
    expect(mail.text).not.toContain('token=');
    expect(mail.subject).toBe((await mailTo('nobody-yet@example.com')).subject);
  });

  it('a workspace is made by whose address is confirmed, and by nobody without end', async () => {
    const user = await addMember(test, await test.workspace(), 'agent');
    const make = () =>
      user.client.post<ErrorEnvelope>('/api/v1/workspaces', {
        name: 'W',
        defaultCountry: null,
        timeZone: null,
      });
    expect((await make()).body.error.code).toBe('email_unconfirmed');
    await test.kernel.database.asSystem((queries) =>
      queries.sql('update users set email_verified = true where id = $1', [user.userId]),
    );
    const statuses: number[] = [];
    for (let time = 0; time < 11; time += 1) statuses.push((await make()).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.at(-1)).toBe(409);
  });
});

it('where it is not, nobody makes an account or a workspace by themselves', async () => {
  const closed = await startTestApp({ environment: { PARLEY_DEMO: 'true' } });
  try {
    expect((await closed.anonymous.get<Start>('/api/v1/start')).body.signUp).toBe(false);
    const user = await addMember(closed, await closed.workspace(), 'owner');
    const answers = [
      await closed.anonymous.post<ErrorEnvelope>('/api/v1/sign-up', { email: 'a@example.com' }),
      await user.client.post<ErrorEnvelope>('/api/v1/workspaces', {
        name: 'W',
        defaultCountry: null,
        timeZone: null,
      }),
    ];
    for (const { status, body } of answers)
      expect([status, body.error.code]).toEqual([403, 'sign_up_closed']);
  } finally {
    await closed.close();
  }
});
