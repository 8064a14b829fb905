import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorEnvelope } from '@parley/contract/common';
import type { Me } from '@parley/contract/tenancy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createInstallation, type Installation, type RunningServer } from '../../test/process.ts';

let installation: Installation;
let server: RunningServer;
let password = '';

beforeAll(async () => {
  installation = await createInstallation();
  server = await installation.start();
}, 240_000);
afterAll(() => installation.remove());

const signIn = (word: string) =>
  fetch(`${server.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ email: 'owner@parley.local', password: word }),
  });

const answerOf = async (...parameters: string[]) => {
  const { code, stdout, stderr } = await installation.parley(...parameters, '--json');
  expect(stderr).toBe('');
  return { code, output: JSON.parse(stdout) };
};

test('the first start says how to sign in and how to text the demo, and both work', async () => {
  const said = server.said();
  expect(said).toContain(`${server.url}/api/docs`);
  expect(said).toContain('npm run parley -- simulate text --from +15551230001');
  password = /Password +(\S+) +\(shown this once\)/.exec(said)?.[1] ?? '';
  expect((await signIn(password)).status).toBe(200);
  expect((await signIn('another password')).status).toBe(401);
  expect((await stat(join(installation.folder, 'secret'))).mode & 0o777).toBe(0o600);
});

test('what is said at the start is for a person and holds no JSON', () => {
  // A warning is told: a machine that is busy may be slow to reach Redis.
  expect(server.said()).not.toMatch(/^\{(?!"level":"(warn|error)")/m);
});

test('a text to the demo number is answered over the whole road, in the language of the text', async () => {
  const { code, output } = await answerOf(
    'simulate',
    'text',
    '--from',
    '+15551230001',
    'What are your opening hours?',
  );
  expect(output).toMatchObject({ webhook: { status: 200 }, answer: { status: 'delivered' }, reason: null });
  expect(output.answer.text).toContain('Tuesday to Saturday from 7 am to 6 pm');
  expect(output.answer.statuses.map(({ status }: { status: string }) => status)).toContain('delivered');
  expect(code).toBe(0);

  const replay = await answerOf('replay', '--conversation', output.conversationId);
  expect(replay).toMatchObject({ code: 0, output: { equal: true, differences: [] } });

  const spanish = await installation.parley(
    'simulate',
    'text',
    '--from',
    '+15551230002',
    '¿A qué hora abren?',
  );
  expect(spanish.stdout).toContain('Abrimos de martes a sábado');
  expect(spanish.stdout).toMatch(/accepted by the webhook[\s\S]+delivered/);
}, 120_000);

test('a status from the carrier moves the message, and one from the past does not', async () => {
  const { output: text } = await answerOf('simulate', 'text', '--from', '+15551230003', 'Do you deliver?');
  const { sid, messageId } = text.answer;
  const late = await answerOf('simulate', 'status', '--sid', sid, '--status', 'sent');
  expect(late).toMatchObject({ code: 0, output: { sid, answer: 200 } });
  const read = await answerOf('simulate', 'status', '--message', messageId, '--status', 'read');
  expect(read).toMatchObject({ code: 0, output: { sid, answer: 200 } });
  expect((await answerOf('replay', '--conversation', text.conversationId)).output).toMatchObject({
    equal: true,
  });
}, 120_000);

test('a contact who said STOP is told why nothing comes', async () => {
  const from = '+15551230004';
  await answerOf('simulate', 'text', '--from', from, 'STOP');
  const { code, output } = await answerOf('simulate', 'text', '--from', from, 'Are you open?');
  expect(output).toMatchObject({ answer: null, reason: expect.stringContaining('START') });
  expect(code).toBe(1);
}, 120_000);

test('a key from the command line opens the API with its role, until it is revoked', async () => {
  const { output: made } = await answerOf(
    'key',
    'create',
    '--role',
    'agent',
    '--name',
    'test',
    '--expires',
    '30d',
  );
  expect(made).toMatchObject({ role: 'agent', name: 'test', key: expect.stringMatching(/^pk_/) });
  const asKey = () =>
    fetch(`${server.url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${made.key}` } });
  expect(((await (await asKey()).json()) as Me).workspace).toMatchObject({
    name: 'Harbour Bakery',
    role: 'agent',
  });
  expect((await answerOf('key', 'list')).output.items).toMatchObject([{ id: made.id }]);
  await answerOf('key', 'revoke', made.id);
  expect((await asKey()).status).toBe(401);
}, 120_000);

test('a member from the command line signs in, also after a password that was forgotten', async () => {
  const email = 'colleague@parley.local';
  const signInAs = (word: string) =>
    fetch(`${server.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ email, password: word }),
    });
  const { output: made } = await answerOf('member', 'add', '--email', email, '--name', 'Colleague');
  expect(made).toMatchObject({ email, name: 'Colleague', role: 'agent' });
  expect((await signInAs(made.password)).status).toBe(200);
  const { output: reset } = await answerOf('member', 'password', email);
  expect((await signInAs(made.password)).status).toBe(401);
  expect((await signInAs(reset.password)).status).toBe(200);
  const again = await installation.parley('member', 'add', '--email', email, '--name', 'Colleague');
  expect(again).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a member of this workspace already'),
  });
}, 120_000);

test('a second workspace comes from the command line, with an owner who is known or new, where sign-up is closed', async () => {
  const create = (...more: string[]) =>
    installation.parley('workspace', 'create', '--name', 'Hill Bakery', ...more);
  const unnamed = await create('--owner', 'nora@parley.local');
  expect(unnamed).toMatchObject({ code: 1, stderr: expect.stringContaining('--owner-name') });
  const nowhere = await create('--owner', 'nora@parley.local', '--owner-name', 'Nora', '--country', 'XX');
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('no phone numbers of XX') });

  const owner = ['--owner', 'nora@parley.local', '--owner-name', 'Nora'];
  const { output: made } = await answerOf('workspace', 'create', '--name', 'Hill Bakery', ...owner);
  expect(made).toMatchObject({ name: 'Hill Bakery', owner: { name: 'Nora', email: 'nora@parley.local' } });
  // Nobody has confirmed that the address is hers: she is let in by another password, or not at all.
  const unconfirmed = await create('--owner', 'nora@parley.local');
  expect(unconfirmed).toMatchObject({ code: 1, stderr: expect.stringContaining('new password') });
  const again = await create('--owner', 'nora@parley.local', '--new-password');
  expect(again.stdout).toMatch(/Nora \(nora@parley.local\) owns it/);

  const { output: listed } = await answerOf('workspace', 'list');
  expect(listed.items.map(({ name, owners }: { name: string; owners: string[] }) => [name, owners])).toEqual([
    ['Harbour Bakery', ['owner@parley.local']],
    ['Hill Bakery', ['nora@parley.local']],
    ['Hill Bakery', ['nora@parley.local']],
  ]);
  const unsaid = await installation.parley('workspace', 'erase', 'nope', '--yes', 'nope');
  expect(unsaid.stderr).not.toContain('--workspace');
  for (const { id, name } of listed.items.slice(1)) {
    const erased = await installation.parley('workspace', 'erase', id, '--yes', name, '--now');
    expect(erased.code).toBe(0);
  }
}, 240_000);

test('who is known here is made a member without a name, and who is new is not', async () => {
  const { output: made } = await answerOf(
    'workspace',
    'create',
    '--name',
    'Elsewhere',
    '--owner',
    'k@parley.local',
    '--owner-name',
    'Kim',
  );
  const member = ['member', 'add', '--email', 'k@parley.local', '--workspace', 'Harbour Bakery'];
  expect((await answerOf(...member, '--new-password')).output).toMatchObject({ name: 'Kim', role: 'agent' });
  const stranger = await installation.parley(
    'member',
    'add',
    '--email',
    'l@parley.local',
    '--workspace',
    'Harbour Bakery',
  );
  expect(stranger).toMatchObject({ code: 1, stderr: expect.stringContaining('--name') });
  await answerOf('workspace', 'erase', made.id, '--yes', 'Elsewhere', '--now');
}, 240_000);

test('the control channel is known to the owner of the data folder, and refuses everybody else', async () => {
  const file = join(installation.folder, 'control.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { url } = JSON.parse(await readFile(file, 'utf8'));
  expect(new URL(url).hostname).toBe('127.0.0.1');
  for (const authorization of ['', 'Bearer ', 'Bearer wrong']) {
    const answer = await fetch(`${url}/commands`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'key create', input: {} }),
    });
    expect(answer.status).toBe(401);
    expect(((await answer.json()) as ErrorEnvelope).error.code).toBe('unauthenticated');
  }
});

test('the doctor finds a fresh demo well, and the health is asked for by the same door', async () => {
  const doctor = await answerOf('doctor');
  expect(doctor.output.findings.filter(({ level }: { level: string }) => level === 'problem')).toEqual([]);
  const health = await installation.parley('health', '--url', server.url);
  expect(health.stdout).toContain('database');
  expect(health.code).toBe(0);
}, 120_000);

test('a second server is refused in a sentence: the folder, or the port, is taken', async () => {
  const port = new URL(server.url).port;
  const second = await installation.startInVain({ PORT: port });
  expect(second.code).toBe(78);
  expect(second.stderr).toMatch(
    installation.databaseUrl
      ? `Port ${port} is in use`
      : /data folder .+ is in use by the server \(process \d+\)/,
  );
  expect(second.stderr).not.toContain('    at ');
}, 120_000);

test('wrong calls of the command line end with 2, failed ones with 1', async () => {
  const results = await Promise.all([
    installation.parley('nonsense'),
    installation.parley('key', 'create', '--role', 'king'),
    installation.parley('key', 'revoke', 'not-an-id', '--json'),
    installation.parley('replay', '--conversation', '01890000-0000-7000-8000-000000000000', '--json'),
  ]);
  expect(results.map(({ code }) => code)).toEqual([2, 2, 2, 1]);
  expect(JSON.parse(results[2]?.stdout ?? '')).toMatchObject({ error: { code: 'usage' } });
  expect(JSON.parse(results[3]?.stdout ?? '')).toEqual({
    error: { code: 'sms.not_found', message: 'There is no such conversation.' },
  });
}, 120_000);

test('a worker starts beside it on PostgreSQL without a port of its own, and says where it is', async () => {
  if (!installation.databaseUrl) {
    // The embedded database serves one process.
    const refused = await installation.startInVain({ PORT: '' }, ['--role=worker']);
    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain('the embedded database serves one process');
    return;
  }
  const worker = await installation.start({ PORT: '' }, ['--role=worker']);
  expect(worker.url).not.toBe(server.url);
  const statuses: [string, number][] = [];
  for (const path of ['/livez', '/readyz', '/metrics', '/health', '/api/v1/auth/me', '/webhook/twilio/sms']) {
    statuses.push([path, (await fetch(`${worker.url}${path}`)).status]);
  }
  expect(statuses).toEqual([
    ['/livez', 200],
    ['/readyz', 200],
    ['/metrics', 200],
    ['/health', 404],
    ['/api/v1/auth/me', 404],
    ['/webhook/twilio/sms', 404],
  ]);
  expect((await worker.stop()).code).toBe(0);
}, 120_000);

test('a signal drains it, and the next start knows the number, the password and who said STOP', async () => {
  const ended = await server.stop('SIGTERM');
  expect(ended.code).toBe(0);
  await expect(stat(join(installation.folder, 'control.json'))).rejects.toThrow();
  const asked = await installation.parley('simulate', 'text', '--from', '+15551230001', 'Hello?');
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('npm start') });

  server = await installation.start();
  expect(server.said()).not.toContain('shown this once');
  expect((await signIn(password)).status).toBe(200);
  const { output } = await answerOf('simulate', 'text', '--from', '+15551230001', 'How can I pay?');
  expect(output.answer).toMatchObject({ status: 'delivered', text: expect.stringContaining('Apple Pay') });
}, 240_000);

test('a wrong secret is told in a sentence, and nothing is touched', async () => {
  await server.stop();
  const wrong = await installation.startInVain({
    PARLEY_SECRET: 'this is another secret, of the right length',
  });
  expect(wrong.code).toBe(78);
  expect(wrong.stderr).toContain('PARLEY_SECRET is not the one that this data was encrypted with');
  expect(wrong.stderr).not.toContain('    at ');
}, 120_000);

test('every wrong setting is named at once, with what would be right', async () => {
  const wrong = await installation.startInVain({ PORT: 'three', LOG_LEVEL: 'loud', PARLEY_DEMO: 'perhaps' });
  expect(wrong.code).toBe(78);
  expect(wrong.stderr).toContain('3 settings are wrong');
  expect(wrong.stderr).toContain('PORT: expected a port number');
  expect(wrong.stderr).toContain('LOG_LEVEL: expected trace');
  expect(wrong.stderr).toContain('PARLEY_DEMO: expected true or false');
});

test('a first owner’s password that is guessed first is refused, and nobody is made', async () => {
  const fresh = await createInstallation({ PARLEY_DEMO: 'false' });
  try {
    const wrong = await fresh.startInVain({ PARLEY_OWNER_PASSWORD: 'password123' });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain('PARLEY_OWNER_PASSWORD: expected another one');
    expect(wrong.stderr).not.toContain('password123');
    const { code, stdout } = await fresh.parley('workspace', 'list');
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('My workspace')]);
  } finally {
    await fresh.remove();
  }
}, 120_000);
