import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp } from '../../test/harness.ts';
import { createInstallation, type Ended, type Installation, type RunningServer } from '../../test/process.ts';
import { systemActor } from '../core/context.ts';
import { setWorkspaceErasure, workspaceErasureWork } from '../modules/privacy/privacy.ts';
import { workspaceEraseCommand } from './commands/workspace.ts';
import { serverHost } from './host.ts';

const unknown = '01890000-0000-7000-8000-000000000000';
const name = 'Harbour Bakery';
let installation: Installation;
let server: RunningServer;
let workspaceId = '';
let key = '';
beforeAll(async () => {
  installation = await createInstallation();
  server = await installation.start();
  key = (await inJson('key', 'create', '--role', 'owner')).output.key;
  workspaceId = (await api('GET', 'workspace')).id;
}, 240_000);
afterAll(() => installation.remove());

async function api(method: string, path: string, body?: unknown): Promise<{ id: string }> {
  const response = await fetch(`${server.url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`refused: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}

async function inJson(...parameters: string[]) {
  const ended = await installation.parley(...parameters, '--json');
  expect(ended.stderr).toBe('');
  return { code: ended.code, output: JSON.parse(ended.stdout) };
}

/** What an operator reads when it did not work: words, and no place in our code. */
function complaintOf({ code, stdout, stderr }: Ended, expected: number): string {
  expect([code, stdout]).toEqual([expected, '']);
  expect(stderr).not.toMatch(/^\s+at |\.ts:\d|unexpectedly/m);
  return stderr;
}

describe('with a running server', () => {
  it('parley privacy run-retention deletes by the rules and says what went, or that there are none', async () => {
    const none = await installation.parley('privacy', 'run-retention');
    expect([none.code, none.stdout]).toEqual([0, 'This workspace keeps everything: it has no rules.\n']);
    const rules = { messages: 30, deliveries: null, media: null, runs: 1, chats: null, audit: null };
    await api('PUT', 'privacy/retention', rules);
    const { code, stdout } = await installation.parley('privacy', 'run-retention', '--workspace', name);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^what +kept for +rows +files +from +to\nmessages +30 days +0 +0 .*done\nruns +1 day .*\ndone\n$/,
    );
    expect(await inJson('privacy', 'run-retention', '--workspace', unknown)).toMatchObject({
      code: 1,
      output: { error: { code: 'unknown_workspace' } },
    });
    complaintOf(await installation.parley('privacy', 'run-retention', 'extra'), 2);
  }, 120_000);

  it('parley privacy search says where a text stands, and refuses one that stands everywhere', async () => {
    const found = await installation.parley('privacy', 'search', 'Harbour');
    expect(found.code).toBe(0);
    expect(found.stdout).toMatch(/^Searched \d+ tables .* found it\.\nwhere +rows\n/);
    expect(found.stdout).not.toContain('Harbour');
    expect((await inJson('privacy', 'search', 'no such words anywhere')).output).toMatchObject({
      looked: 'no…',
      found: [],
    });
    // Whose data it is reads that it was, and never for what.
    const noted = JSON.stringify(await api('GET', 'audit?action=workspace.searched'));
    expect(noted.match(/"via":"command"/g)).toHaveLength(2);
    expect(noted).not.toMatch(/Harbour|no such words/);
    expect(complaintOf(await installation.parley('privacy', 'search', ' a '), 2)).toBe(
      'The command was not called rightly.\n  text: three characters at least, or it is found everywhere\n',
    );
    complaintOf(await installation.parley('privacy', 'search'), 2);
    expect(
      complaintOf(await installation.parley('privacy', 'search', 'words', '--workspace', 'Nowhere'), 1),
    ).toContain(`No workspace has the id or the name "Nowhere". There are:\n  ${workspaceId}  ${name}\n`);
  }, 120_000);

  it('parley workspace erase wants the name, says when it will be, and is refused while there is a legal hold', async () => {
    const hold = await api('POST', 'privacy/legal-holds', { contactId: null, reason: 'a lawsuit' });
    const erase = (...more: string[]) => inJson('workspace', 'erase', ...more);
    expect(await erase(workspaceId)).toMatchObject({ code: 1, output: { error: { code: 'not_confirmed' } } });
    expect(await erase(workspaceId, '--yes', 'harbour bakery')).toMatchObject({
      code: 1,
      output: { error: { code: 'wrong_name' } },
    });
    expect(await erase(name, '--yes', name)).toMatchObject({
      code: 1,
      output: { error: { code: 'legal_hold' } },
    });
    expect(await erase(unknown, '--yes', name)).toMatchObject({
      code: 1,
      output: { error: { code: 'unknown_workspace' } },
    });
    await api('PUT', `privacy/legal-holds/${hold.id}/end`, { reason: 'it is over' });
    const set = await installation.parley('workspace', 'erase', name, '--yes', name);
    expect(set.code).toBe(0);
    expect(set.stdout).toMatch(/is going to be erased on \d{4}-.* can cancel it\. No mail server is set/);
    complaintOf(await installation.parley('workspace', 'erase'), 2);
  }, 120_000);
});

describe('with no server', () => {
  it('they do the same, and a workspace that is erased is not there any more', async () => {
    await server.stop();
    expect((await inJson('privacy', 'run-retention')).output).toMatchObject({
      state: 'done',
      begunBy: 'command',
      results: [{ kind: 'messages' }, { kind: 'runs', days: 1 }],
    });
    const erased = await installation.parley('workspace', 'erase', workspaceId, '--now', '--yes', name);
    expect(erased.code).toBe(0);
    expect(erased.stdout).toMatch(
      /^Its keys are destroyed.*\nWorkspace \S+ is erased: \d+ rows and 0 files are gone\.\n/,
    );
    expect(complaintOf(await installation.parley('workspace', 'erase', workspaceId), 1)).toBe(
      `Workspace ${workspaceId} is erased.\n`,
    );
  }, 240_000);
});

it('parley workspace erase goes on where it was stopped, without asking for a name that is gone', async () => {
  const test = await startTestApp();
  const { id } = await test.workspace({ name: 'Casa Verde' });
  const ctx = test.kernel.context({ workspaceId: id, actor: systemActor, requestId: 'test' });
  await setWorkspaceErasure(ctx, 'Casa Verde', null);
  expect(await test.kernel.use(workspaceErasureWork).begin(id)).toBeNull();
  const host = serverHost(test.app, null, new AbortController().signal);
  const input = { workspace: id, now: false };
  expect(await workspaceEraseCommand.run(host, input, () => undefined)).toMatchObject({ workspaceId: id });
  expect(await test.kernel.use(workspaceErasureWork).figures(id)).toMatchObject({ state: 'done' });
  await test.close();
}, 60_000);
