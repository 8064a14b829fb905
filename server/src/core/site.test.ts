import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/harness.ts';
import { registerSite } from './site.ts';

let folder: string;
let site: FastifyInstance;
let app: TestApp;
const page = '<!doctype html><title>Parley</title>';
const script = 'console.log("a script that is long enough")';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-site-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), page);
  await writeFile(join(folder, '.built'), 'not for the public');
  await writeFile(join(folder, 'theme.js'), script);
  await writeFile(join(folder, 'assets/main-1a2b.js'), script);
  await writeFile(join(folder, 'assets/main-1a2b.js.gz'), gzipSync(script));
  site = Fastify();
  site.post('/inbox/only-post', async () => 'posted');
  await registerSite(site, folder);
  app = await startTestApp();
});
afterAll(async () => {
  await app?.close();
  await site?.close();
  await rm(folder, { recursive: true, force: true });
});

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test.each(['/', '/inbox', '/inbox/0199c0de?a=1.5', '/settings/api-keys'])(
  'the address %s shows the one page, which is asked for again every time',
  async (url) => {
    const answer = await site.inject({ url, headers: html });
    expect([answer.statusCode, answer.body]).toEqual([200, page]);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['cache-control']).toBe('no-cache');
  },
);

test('a file with its content in its name is kept for ever, and comes compressed to who takes that', async () => {
  const answer = await site.inject({ url: '/assets/main-1a2b.js', headers: { 'accept-encoding': 'gzip' } });
  expect(answer.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'gzip',
    vary: 'accept-encoding',
  });
  expect(answer.headers['content-type']).toContain('javascript');
  const plain = await site.inject({ url: '/assets/main-1a2b.js' });
  expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, script]);
});

test('a file whose name stays is asked for again every time', async () => {
  const answer = await site.inject({ url: '/theme.js' });
  expect([answer.statusCode, answer.body]).toEqual([200, script]);
  expect(answer.headers['cache-control']).toBe('no-cache');
});

test.each([
  '/assets/gone-9z9z.js',
  '/favicon.ico',
  '/.built',
  '/assets/../.built',
  '/assets/%2e%2e/.built',
  '/..%2f.built',
  '/api/v1/nothing',
  '/webhooks/nothing',
])('%s is no page and no file of ours', async (url) => {
  const answer = await site.inject({ url, headers: html });
  expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  expect(answer.body).not.toContain('not for the public');
  expect(answer.body).not.toBe(page);
});

test('who asks for data gets no page', async () => {
  const answer = await site.inject({ url: '/inbox', headers: { accept: 'application/json' } });
  expect(answer.statusCode).toBe(404);
});

test('without a build, the address says how to make one', async () => {
  const empty = Fastify();
  await registerSite(empty, join(folder, 'nothing'));
  const answer = await empty.inject({ url: '/', headers: html });
  expect(answer.statusCode).toBe(503);
  expect(answer.body).toContain('node scripts/build-web.mjs');
  await empty.close();
});

test('the real site is walled by a policy: scripts of our own only, in no frame, and unknown API paths are errors', async () => {
  const answer = await fetch(`${app.url}/inbox`, { headers: html });
  const policy = Object.fromEntries(
    (answer.headers.get('content-security-policy') ?? '').split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values];
    }),
  );
  expect(policy).toMatchObject({
    'default-src': ["'self'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'connect-src': ["'self'", app.url.replace('http', 'ws')],
    'worker-src': ["'self'"],
    'font-src': ["'self'"],
    'object-src': ["'none'"],
    'frame-ancestors': ["'none'"],
  });
  const unknown = await app.anonymous.get<{ error: { code: string } }>('/api/v1/nothing');
  expect([unknown.status, unknown.body.error.code]).toEqual([404, 'sms.not_found']);
});
