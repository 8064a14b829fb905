// Requests that mean harm: lengths, depths, hosts, forwarded addresses, methods, what comes too slowly, and too often.
import { errorEnvelope } from '@parley/contract/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from '../../src/core/http.ts';
import { newId } from '../../src/core/identifiers.ts';
import type { Kernel } from '../../src/core/kernel.ts';
import { Metrics } from '../../src/core/metrics.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { sendRaw, statusOf } from '../raw.ts';
import { documentedRoutes, openApiDocument } from '../routes.ts';

let test: TestApp;
let workspace: TestWorkspace;
let key: string;
beforeAll(async () => {
  test = await startTestApp();
  workspace = await test.workspace();
  key = (await workspace.as('owner').authorization()).authorization ?? '';
});
afterAll(() => test.close());

const get = (path: string, headers = '') =>
  sendRaw(
    test.url,
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\n${headers}Connection: close\r\n\r\n`,
  );
const post = (path: string, body: string, headers = '') =>
  sendRaw(
    test.url,
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${key}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );

describe('a body', () => {
  it('as a bomb of JSON is refused, and the server lives', async () => {
    for (const body of [
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `{"${'k'.repeat(200_000)}":1}`,
      `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join()}}`,
      `{"title":${'9'.repeat(100_000)}}`,
      '{"title":1e999,"content":-1e999}',
      '{"__proto__":{"role":"owner"},"title":"x","content":"x"}',
      '{"constructor":{"prototype":{"role":"owner"}},"title":"x","content":"x"}',
      '"just a text"',
      'null',
      '\ufeff{}',
    ]) {
      const status = statusOf(await post('/api/v1/knowledge', body));
      expect([body.slice(0, 40), status >= 400 && status < 500]).toEqual([body.slice(0, 40), true]);
    }
    // What no schema asks for is not looked at, however deep it is.
    const deep = `{"title":"x","content":"x","more":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    expect(statusOf(await post('/api/v1/knowledge', deep))).toBeLessThan(500);
    expect((await test.anonymous.get('/livez')).status).toBe(200);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it('that says one thing twice is read once, by the last, everywhere', async () => {
    const raw = await post(
      '/api/v1/api-keys',
      '{"name":"first","role":"viewer","role":"agent","name":"second"}',
    );
    expect(JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4))).toMatchObject({
      name: 'second',
      role: 'agent',
    });
  });

  it('as a form, XML or YAML is none', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/xml',
      'application/yaml',
      'text/html',
    ]) {
      const answer = await fetch(`${test.url}/api/v1/knowledge`, {
        method: 'POST',
        headers: { authorization: key, 'content-type': type },
        body: 'title=x&content=x',
      });
      await answer.arrayBuffer();
      expect([type, answer.status]).toEqual([type, type === 'text/plain' ? 400 : 415]);
    }
  });
});

describe('an address', () => {
  it('that is another one in disguise is none', async () => {
    for (const path of [
      '/api/v1/..%2fv1/api-keys',
      '/api%2fv1%2fapi-keys',
      '/API/v1/api-keys',
      '/api/v1/api-keys%00',
      '/api/v1/api-keys;x',
      '//api/v1/api-keys',
      '/api/v1//api-keys',
      '/./api/v1/api-keys',
    ]) {
      const raw = await get(path);
      expect([path, statusOf(raw) >= 400 && statusOf(raw) < 500]).toEqual([path, true]);
    }
  });

  it('that is whole (absolute-form) is answered for its path, and leads to no other host', async () => {
    const raw = await sendRaw(
      test.url,
      `GET http://169.254.169.254/api/v1/auth/me HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 401, 404]).toContain(statusOf(raw));
  });

  it('with very many, very long or doubled parameters is read or refused', async () => {
    const long = 'x'.repeat(12_000);
    for (const query of [
      `q=${long}`,
      `limit=${'9'.repeat(400)}`,
      'limit=50&limit=1000000',
      'limit[]=1&limit[__proto__]=2',
      `cursor=${long}`,
      Array.from({ length: 1200 }, () => 'status=open').join('&'),
      'limit=-1',
      'limit=1e9',
      'limit=NaN',
      'limit=100000',
      'limit=0x7fffffff',
    ]) {
      const status = statusOf(await get(`/api/v1/conversations?${query}`));
      expect([query.slice(0, 40), status === 200 || (status >= 400 && status < 500)]).toEqual([
        query.slice(0, 40),
        true,
      ]);
    }
  });
});

describe('a header', () => {
  it('given twice that may stand once only is refused', async () => {
    for (const bytes of [
      'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'GET /livez HTTP/1.1\r\n\r\n',
      'GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n',
      'GET /livez HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n',
      'GET /livez HTTP/1.1\r\nHost : a\r\n\r\n',
      'GET /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n',
      'GET /livez HTTP/1.1\nHost: a\n\n',
    ]) {
      const status = statusOf(await sendRaw(test.url, bytes));
      expect([bytes, status]).toEqual([bytes, 400]);
    }
  });

  it('that says whom a request was forwarded for is believed from nobody, unless the operator says so', async () => {
    const before = test.logged.length;
    const answer = await fetch(`${test.url}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } });
    await answer.arrayBuffer();
    expect(answer.status).toBe(401);
    const { body } = await workspace
      .as('owner')
      .post<{ id: string }>(
        '/api/v1/api-keys',
        { name: 'made by somebody', role: 'viewer' },
        { 'x-forwarded-for': '198.51.100.77', 'x-real-ip': '198.51.100.77', forwarded: 'for=198.51.100.77' },
      );
    const audit = await workspace
      .as('owner')
      .get<{ items: { target: { id: string }; address: string }[] }>('/api/v1/audit?action=api_key.created');
    expect(audit.body.items.find(({ target }) => target.id === body.id)?.address).toBe('127.0.0.1');
    expect(test.logged.slice(before).join('')).not.toContain('198.51.100.77');
  });

  it('changes no method, no host, and no address', async () => {
    const { body } = await workspace
      .as('owner')
      .post<{ id: string }>('/api/v1/api-keys', { name: 'stays', role: 'viewer' });
    for (const headers of [
      { 'x-http-method-override': 'DELETE' },
      { 'x-method-override': 'DELETE' },
      { 'x-original-url': `/api/v1/api-keys/${body.id}` },
      { 'x-rewrite-url': '/api/v1/api-keys' },
    ]) {
      const { status } = await workspace
        .as('owner')
        .get(`/api/v1/api-keys/${body.id}?_method=DELETE`, headers as never);
      expect(status).toBe(404);
      expect((await test.anonymous.get('/livez', headers as never)).body).toEqual({ status: 'ok' });
    }
    const { body: keys } = await workspace
      .as('owner')
      .get<{ items: { id: string }[] }>('/api/v1/api-keys?limit=200');
    expect(keys.items.map(({ id }) => id)).toContain(body.id);
    const mailed = await fetch(`${test.url}/api/v1/start`, { headers: { host: 'evil.example' } });
    expect(await mailed.text()).not.toContain('evil.example');
  });

  it('of a request id is a name and nothing else', async () => {
    for (const bad of ["a' or 1=1 --", '%{jndi:ldap:x}', '<b>bold</b>', '../../../etc']) {
      const answer = await test.anonymous.get('/livez', { 'x-request-id': bad });
      expect(answer.headers.get('x-request-id')).not.toBe(bad);
    }
  });
});

/** A server of its own, with these settings. */
async function serverWith(settings: object, requestTimeoutMs?: number) {
  const kernel: Kernel = Object.create(test.kernel, {
    metrics: { value: new Metrics() },
    config: { value: { ...test.kernel.config, REDIS_URL: undefined, ...settings } },
    context: { value: test.kernel.context.bind(test.kernel) },
  });
  const ids = { workspace: newId() };
  const server = await createHttpServer(kernel, {
    version: '0',
    authenticate: async (request) => ({
      actor: {
        kind: 'api_key',
        id: String(request.headers['x-key'] ?? 'one'),
        permissions: new Set(['events:read']),
      },
      workspaceId: String(request.headers['x-in'] ?? ids.workspace),
    }),
    requireStepUp: async () => undefined,
    registerWebhooks: async () => undefined,
    register: async (app) => {
      app.get('/api/v1/something', { config: { permission: 'events:read' } }, async () => ({ ok: true }));
      app.post('/api/v1/something', { config: { permission: 'events:read' } }, async () => ({ ok: true }));
    },
    ...(requestTimeoutMs ? { requestTimeoutMs } : {}),
  });
  const asked = (remoteAddress: string, headers: Record<string, string> = {}) =>
    server.inject({ url: '/api/v1/something', remoteAddress, headers });
  return { server, asked };
}

describe('who asks too often', () => {
  it('by one key from many addresses waits, and another key does not', async () => {
    const { server, asked } = await serverWith({ RATE_LIMIT_CALLER_PER_MINUTE: 5 });
    const statuses = [];
    for (let count = 0; count < 6; count += 1) statuses.push(await asked(`203.0.113.${count}`));
    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 429]);
    const last = statuses.at(-1);
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect(errorEnvelope.parse(last?.json()).error).toMatchObject({
      code: 'rate_limited',
      message: expect.stringMatching(/this key or user: 5 a minute\. Try again in \d+ seconds/),
    });
    expect((await asked('203.0.113.9', { 'x-key': 'another' })).statusCode).toBe(200);
    await server.close();
  });

  it('by many keys of one workspace waits, and another workspace does not', async () => {
    const { server, asked } = await serverWith({ RATE_LIMIT_WORKSPACE_PER_MINUTE: 5 });
    const statuses = [];
    for (let count = 0; count < 6; count += 1)
      statuses.push((await asked(`203.0.113.${count}`, { 'x-key': `key ${count}` })).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await asked('203.0.113.9', { 'x-key': 'x', 'x-in': newId() })).statusCode).toBe(200);
    await server.close();
  });

  it('from all of an IPv6 line is one', async () => {
    const { server, asked } = await serverWith({
      RATE_LIMIT_PER_MINUTE: 5,
      RATE_LIMIT_CALLER_PER_MINUTE: 1000,
    });
    const statuses = [];
    for (let count = 0; count < 6; count += 1)
      statuses.push((await asked(`2001:db8:0:1::${count}`)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await asked('2001:db8:0:2::1')).statusCode).toBe(200);
    expect((await asked('::ffff:198.51.100.1')).statusCode).toBe(200);
    await server.close();
  });
});

it('who is slow, with the headers or the body, is cut off, and others are served meanwhile', async () => {
  const { server } = await serverWith({}, 600);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const slow = [
    'GET /api/v1/something HTTP/1.1\r\nHost: x\r\nX-Slow: ',
    'POST /api/v1/something HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    'POST /api/v1/something HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
    'GET',
  ];
  const cut = Promise.all(slow.flatMap((bytes) => Array.from({ length: 20 }, () => sendRaw(url, bytes))));
  const answer = await fetch(`${url}/api/v1/something`);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  for (const raw of await cut) expect([408, 400]).toContain(statusOf(raw));
  await server.close();
});

it('every list has an end: its route takes a limit with a maximum, or says how much it is at most', () => {
  const document = openApiDocument.parse(test.app.http.swagger());
  const unbounded: string[] = [];
  for (const { method, path } of documentedRoutes(test.app)) {
    const operation = document.paths[path]?.[method];
    const ok = operation?.responses['200'] as { content?: Record<string, { schema?: Schema }> } | undefined;
    const schema = ok?.content?.['application/json']?.schema;
    const items = schema?.properties?.items;
    if (method !== 'get' || items?.type !== 'array') continue;
    const limit = operation?.parameters.find((parameter) => parameter.name === 'limit')?.schema as
      | Schema
      | undefined;
    if (limit?.maximum === undefined && items.maxItems === undefined) unbounded.push(path);
  }
  expect(unbounded.filter((path) => !short.has(path))).toEqual([]);
});

interface Schema {
  readonly type?: string;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Record<string, Schema>;
}

/** Whole, because there are few: what makes them has a limit of its own. */
const short = new Set<string>([
  '/api/v1/members',
  '/api/v1/auth/accounts',
  '/api/v1/auth/phone-numbers',
  '/api/v1/auth/sessions',
  '/api/v1/invitations',
  '/api/v1/permissions',
  '/api/v1/privacy/retention-preview',
  '/api/v1/roles',
  '/api/v1/mails',
  '/api/v1/audit/actions',
  '/api/v1/security-alerts',
  '/api/v1/ghost-numbers/account',
  '/api/v1/views',
  '/api/v1/quick-replies',
  '/api/v1/insights',
  '/api/v1/intents',
  '/api/v1/model-presets',
  '/api/v1/budget-caps',
  '/api/v1/tools',
  '/api/v1/tool-servers',
  '/api/v1/analytics/intent-stats',
  '/api/v1/analytics/sentiment-stats',
  '/api/v1/analytics/channel-stats',
]);
