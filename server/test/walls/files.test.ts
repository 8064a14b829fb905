// Every kind of file that is served, and who is served it: by its id, by a link, by tricks with the path.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { role } from '@parley/contract/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { mediaLinks } from '../../src/modules/conversations/conversations.ts';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { addMember } from '../members.ts';
import { sendRaw, statusOf } from '../raw.ts';
import { writeFigures } from './figures.ts';

const word = 'quokka-in-a-file';
const card = `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${word}\r\nEND:VCARD\r\n`;
let aheadMs = 0;
let test: TestApp;
let mine: TestWorkspace;
let theirs: TestWorkspace;
let owner: ApiClient;
let tried = 0;
const leaks: string[] = [];
beforeAll(async () => {
  const now = () => systemClock.now() + aheadMs;
  test = await startTestApp({ clock: { ...systemClock, now, date: () => new Date(now()) } });
  mine = await test.workspace();
  theirs = await test.workspace();
  owner = (await addMember(test, theirs, 'owner')).client;
});
afterAll(() => test.close());

async function upload(path: string, text: string, fileName: string, client = owner) {
  const form = new FormData();
  form.append('file', new Blob([text]), fileName);
  const answer = await fetch(`${test.url}${path}`, {
    method: 'POST',
    headers: await client.authorization(),
    body: form,
  });
  const body = (await answer.json()) as { id: string };
  return { status: answer.status, id: body.id };
}

async function fetchAs(path: string, headers: Record<string, string>) {
  tried += 1;
  const answer = await fetch(`${test.url}${path}`, { headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}

const wrongReader = (path: string, status: number, text: string) => {
  if (text.includes(word)) leaks.push(`${path}: ${status}`);
};

describe('a stored file', () => {
  it('is served to its own workspace alone, as what cannot run, kept by no browser without asking, and not to who is signed in elsewhere', async () => {
    const medium = await upload('/api/v1/media', card, 'card.vcf');
    const shown = await upload('/api/v1/chat-files', `<script>alert(1)</script><p>${word}</p>`, 'page.html');
    expect([medium.status, shown.status]).toEqual([201, 201]);
    const elsewhere = await addMember(test, mine, 'owner');
    const colleague = await addMember(test, theirs, 'owner');
    const strangers: [string, Record<string, string>][] = [
      ['nobody', {}],
      ['a member elsewhere', await elsewhere.client.authorization()],
      [
        'a member elsewhere, in here',
        { ...(await elsewhere.client.authorization()), 'x-workspace-id': theirs.id },
      ],
      ...(await Promise.all(
        role.options.map(
          async (each): Promise<[string, Record<string, string>]> => [
            each,
            await mine.as(each).authorization(),
          ],
        ),
      )),
    ];
    const paths = [
      `/api/v1/media/${medium.id}`,
      `/api/v1/chat-files/${shown.id}/content`,
      `/api/v1/chat-files/${shown.id}`,
    ];
    for (const path of paths) {
      const own = await fetchAs(path, await owner.authorization());
      expect([path, own.status]).toEqual([path, 200]);
      if (!path.endsWith(shown.id)) {
        expect(own.text).toContain(word);
        expect(own.headers.get('content-disposition')).toMatch(/^attachment/);
        expect(own.headers.get('x-content-type-options')).toBe('nosniff');
        expect(own.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
        expect(own.headers.getSetCookie()).toEqual([]);
        expect(own.headers.get('cache-control')).toBe('private, no-cache');
        const known = { 'if-none-match': `"another", W/${own.headers.get('etag')}` };
        const again = await fetchAs(path, { ...(await owner.authorization()), ...known });
        expect([again.status, again.text]).toEqual([304, '']);
      }
      for (const [who, headers] of strangers) {
        const known = own.headers.get('etag');
        const { status, text } = await fetchAs(path, {
          ...headers,
          ...(known ? { 'if-none-match': known } : {}),
        });
        expect([who, path, [401, 403, 404].includes(status) ? 'refused' : status]).toEqual([
          who,
          path,
          'refused',
        ]);
        wrongReader(path, status, text);
      }
    }
    // What is shown in a chat is its member's alone, not the workspace's.
    const { status, text } = await fetchAs(paths[1] ?? '', await colleague.client.authorization());
    expect(status).toBe(404);
    wrongReader('a colleague', status, text);
    expect(leaks).toEqual([]);
  });

  it('by its link is served for a day, by exactly this link, without a cookie', async () => {
    const { id } = await upload('/api/v1/media', card, 'card.vcf');
    const links = test.kernel.use(mediaLinks);
    const url = new URL(links.urlOf({ workspaceId: theirs.id, mediaId: id }));
    const token = url.pathname.split('/').at(-1) ?? '';
    const good = await fetchAs(url.pathname, {});
    expect([good.status, good.headers.getSetCookie(), good.headers.get('content-security-policy')]).toEqual([
      200,
      [],
      "default-src 'none'; sandbox",
    ]);
    const other =
      new URL(links.urlOf({ workspaceId: mine.id, mediaId: id })).pathname.split('/').at(-1) ?? '';
    const forged = [
      other,
      `${token}A`,
      token.slice(0, -1),
      `${other.slice(0, 22)}${token.slice(22)}`,
      `${token.slice(0, 44)}${other.slice(44)}`,
      'A'.repeat(token.length),
      '..%2f'.repeat(3),
      `${token}%20`,
      `${token}==`,
      `%00${token}`,
      '',
    ];
    for (const wrong of forged) {
      const { status, text } = await fetchAs(`/media/${wrong}`, {});
      wrongReader(wrong, status, text);
      expect([wrong, status >= 400]).toEqual([wrong, true]);
    }
    aheadMs += 25 * 3_600_000;
    expect((await fetchAs(url.pathname, {})).status).toBe(404);
    aheadMs = 0;
    expect(leaks).toEqual([]);
  });

  it('rests sealed, under a name that says nothing of it', async () => {
    const folder = test.kernel.config.PARLEY_DATA;
    const { id } = await upload('/api/v1/media', card, '../../../../etc/passwd\u0000.html');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.some(({ name }) => name === id)).toBe(true);
    for (const { name, parentPath } of files.filter(({ parentPath: parent }) => /media|chat/.test(parent))) {
      expect(name).toMatch(/^[0-9a-f-]{36}$/);
      expect((await readFile(join(parentPath, name))).includes(word)).toBe(false);
    }
  });
});

it('no path leads out of what is served', async () => {
  const tricks = [
    '/../package.json',
    '/assets/../../../package.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/..%5c..%5cpackage.json',
    '/assets/..\\..\\..\\package.json',
    '/assets//etc/passwd',
    '//etc/passwd',
    '/assets/%00/../../package.json',
    '/assets/%c0%ae%c0%ae/package.json',
    '/assets/..;/..;/package.json',
    '/.env',
    '/.git/config',
    '/api/docs/static/../../../package.json',
    '/api/docs/static/..%2f..%2f..%2f..%2fpackage.json',
    '/media/..%2f..%2fsecret',
    '/phone/../../package.json',
    '/secret',
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1/../../package.json',
  ];
  for (const path of tricks) {
    tried += 1;
    const raw = await sendRaw(
      test.url,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
    );
    const isPage = raw.includes('<!doctype html>');
    expect([path, isPage ? 'the page' : statusOf(raw) >= 300 ? 'refused' : statusOf(raw)]).toEqual([
      path,
      expect.stringMatching(/the page|refused/),
    ]);
    if (/"workspaces"|root:|\[core\]|PARLEY_/.test(raw)) leaks.push(path);
  }
  expect(leaks).toEqual([]);
  await writeFigures('files', { kinds: 3, tried, leaks: leaks.length });
});
