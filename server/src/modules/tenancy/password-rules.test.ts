import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { signIn } from '../../../test/signed-in.ts';
import { createMember } from './members.ts';
import { isEasyPassword } from './password-rules.ts';

const around = ['Ada Lovelace', 'ada.lovelace@example.com', 'Harbour Bakery'];

it.each([
  ...['password1234', 'Password123!', 'P@ssw0rd2026', '1234567890', 'qwertyuiop', 'iloveyouforever'],
  ...['aaaaaaaaaaaaaaaa', 'passwordpassword', 'superman12', 'q1w2e3r4t5', '01/01/1990'],
  ...[
    'parleyparley',
    'Parley2026!',
    'adalovelace',
    'Lovelace1815',
    'harbourbakery',
    'Harbour-Bakery-1',
    'bakery.1+HARBOUR',
    'ada.lovelace@example.com',
  ],
  'x9'.repeat(64),
])('%s is guessed first', async (password) => {
  expect(await isEasyPassword(password, around)).toBe(true);
});

it.each([
  'harbour lights at nine',
  '!?&%$/()=;:_',
  'tr0ub4dor&3x',
  'Vd9kq2mZ-w0P',
  'mi gato duerme al sol',
  'café às sete e meia',
])('%s is not', async (password) => {
  expect(await isEasyPassword(password, around)).toBe(false);
});

describe('a new password', () => {
  let test: TestApp;
  let workspace: TestWorkspace;
  beforeAll(async () => {
    test = await startTestApp();
    workspace = await test.workspace({ name: 'Greenhouse Nine' });
  });
  afterAll(() => test.close());

  it('that is guessed first is refused, also one of the workspace’s name, and the present one stays', async () => {
    const email = 'ada@example.com';
    const made = await createMember(workspace.ctx, { email, name: 'Ada', role: 'agent' });
    const currentPassword = made.password ?? '';
    const { client } = await signIn(test, { email, password: currentPassword });
    const change = (newPassword: string) =>
      client.post<{ code?: string }>('/api/auth/change-password', { currentPassword, newPassword });
    expect((await change('greenhouse9')).body.code).toBe('PASSWORD_EASY');
    expect((await change('greenhouse nine')).body.code).toBe('PASSWORD_EASY');
    expect((await signIn(test, { email, password: currentPassword })).status).toBe(200);
    expect((await change('mi gato duerme al sol')).status).toBe(200);
  });
});
