// That nothing that opens an account changes unseen: its user is told by mail, in their language.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { addMember } from '../../../test/members.ts';
import { mailer } from '../../core/mail.ts';
import { linkAccount, tellLinked } from './identity/resolve.ts';
import { signInPort } from './sign-in-port.ts';

let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  // The mails of the demo are kept, and can be read.
  test = await startTestApp({ environment: { PARLEY_DEMO: 'true' } });
  workspace = await test.workspace();
});
afterAll(() => test.close());

const subjectsTo = async (address: string) =>
  (await test.kernel.use(mailer).listKept(100))
    .filter(({ to }) => to === address)
    .map(({ subject }) => subject);
const mailed = (address: string, subject: string, times = 1) =>
  test.until(`${times} of ${subject}`, async () => {
    const found = (await subjectsTo(address)).filter((one) => one === subject);
    return found.length === times;
  });

it('a password that its user or the operator changed is told, and one that was not is not', async () => {
  const { client, email, password } = await addMember(test, workspace);
  await client.put('/api/v1/auth/preferences', { language: 'es' });
  const change = (currentPassword: string) =>
    client.post('/api/auth/change-password', { currentPassword, newPassword: 'mi gato duerme al sol' });
  expect((await change('not the password')).status).toBe(400);
  expect(await subjectsTo(email)).toEqual([]);
  expect((await change(password)).status).toBe(200);
  const subject = 'Se cambió la contraseña de su cuenta de Parley';
  await mailed(email, subject);
  expect(await test.kernel.use(signInPort).resetPassword(email)).not.toBeNull();
  await mailed(email, subject, 2);
});

it('an account elsewhere that is linked is told', async () => {
  const { email, userId } = await addMember(test, workspace);
  await test.kernel.database.asSystem((queries) => linkAccount(queries, 'google', `g ${userId}`, userId));
  await tellLinked(test.kernel, userId, 'google');
  await mailed(email, 'Another way into your Parley account');
});
