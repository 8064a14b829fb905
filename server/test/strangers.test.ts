// What an api shows to strangers besides its pages and its routes: nothing.

import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './harness.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

/** As it is, without what `fetch` mends in an address or refuses as a method. */
function ask(
  path: string,
  method = 'GET',
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${test.url}`, { method, path, headers: { accept: 'text/html,*/*' } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

it('no file but those of the built app is served: no source, no history, no settings, no list of files', async () => {
  const secret = 'parley';
  // Whatever is a page to the app gets the app, which says that there is no such page.
  const app = await ask('/');
  for (const path of [
    ...['/.git/config', '/.git/HEAD', '/.env', '/.env.example', '/package.json', '/package-lock.json'],
    ...[
      '/server/src/main.ts',
      '/src/main.tsx',
      '/assets/main.js.map',
      '/data/secret',
      '/node_modules/pg/package.json',
    ],
    ...['/assets/', '/assets/..', '/assets/../../../package.json', '/assets/..%2f..%2fpackage.json'],
    ...[
      '/assets/%2e%2e/%2e%2e/package.json',
      '/..%5c..%5cpackage.json',
      '//etc/passwd',
      '/assets//etc/passwd',
    ],
  ]) {
    const answer = await ask(path);
    expect([path, answer.status >= 400 || answer.body === app.body]).toEqual([path, true]);
    expect([path, answer.body.includes(`"name": "${secret}"`)]).toEqual([path, false]);
    expect([path, /<li>|Index of|root:/.test(answer.body)]).toEqual([path, false]);
  }
});

it('TRACE and CONNECT are not answered, and a request is never given back', async () => {
  const traced = await ask('/api/v1/health?canary', 'TRACE');
  expect([traced.status >= 400, traced.body.includes('canary')]).toEqual([true, false]);
  const asked = request(`${test.url}`, { method: 'CONNECT', path: 'example.com:443' });
  const outcome = await new Promise((resolve) => {
    asked.on('connect', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode);
    });
    asked.on('response', (answer) => resolve(answer.statusCode));
    asked.on('error', () => resolve('closed'));
    asked.end();
  });
  expect(outcome).not.toBe(200);
});

it('no answer tells what it was made by, and no error where it was made', async () => {
  for (const [path, method] of [
    ['/', 'GET'],
    ['/api/v1/health', 'GET'],
    ['/api/v1/nothing', 'GET'],
    ['/api/v1/api-keys/%zz', 'GET'],
    ['/api/v1/messages', 'POST'],
    ['/api/auth/sign-in/email', 'POST'],
  ] as const) {
    const { headers, body } = await ask(path, method);
    expect([path, headers.server, headers['x-powered-by']]).toEqual([path, undefined, undefined]);
    expect([path, /node_modules|\.[cm]?[jt]s:\d+|\n\s+at |fastify|postgres/i.test(body)]).toEqual([
      path,
      false,
    ]);
  }
});

it('the packed app brings no source maps', async () => {
  const config = await readFile(join(import.meta.dirname, '../../web/vite.config.ts'), 'utf8');
  expect(config).not.toMatch(/sourcemap:\s*(?!false)/);
});
