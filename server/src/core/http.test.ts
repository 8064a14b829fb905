import { createServer as createPlainServer } from 'node:http';
import { type ErrorEnvelope, errorEnvelope } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testRedisUrl } from '../../test/database.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { sendRaw } from '../../test/raw.ts';
import type { Config } from './config.ts';
import { ParleyError } from './errors.ts';
import { createHttpServer } from './http.ts';
import type { Kernel } from './kernel.ts';
import { Metrics } from './metrics.ts';
import type { Module } from './module.ts';
import { registerOperations } from './operations.ts';

const hidden = 'xyzzy the hidden cause';
let release = () => {};
let reached = () => {};

const testModule: Module = {
  name: 'test',
  routes: (server) => {
    const app = server.withTypeProvider<ZodTypeProvider>();
    const open = { permission: 'public' };
    app.get('/test/thrown', { config: open }, async () => {
      throw Object.assign(new Error(hidden), { detail: hidden });
    });
    app.get('/test/odd', { config: open }, async () => {
      throw hidden;
    });
    app.get('/test/unavailable', { config: open }, async () => {
      throw new Error(hidden, { cause: Object.assign(new Error(hidden), { code: 'ECONNREFUSED' }) });
    });
    app.get('/test/refused', { config: open }, async () => {
      throw new ParleyError({
        status: 502,
        code: 'sms.external_failed',
        message: 'Twilio refused.',
        cause: new Error(hidden),
      });
    });
    app.get('/test/driver', { config: { permission: 'signed-in' } }, async (request) =>
      request.ctx.transaction((tx) => tx.sql(`select $1::text::integer as "${hidden}"`, [hidden])),
    );
    app.get(
      '/test/wrong-answer',
      { schema: { response: { 200: z.object({ id: z.uuid() }) } }, config: open },
      async () => ({
        id: hidden,
      }),
    );
    app.get('/test/slow', { config: open }, async () => {
      reached();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { slow: true };
    });
    app.get('/test/long', { config: open }, async () => ({ text: 'long '.repeat(2000) }));
    app.post(
      '/test/echo',
      { schema: { body: z.object({ text: z.string(), number: z.number().optional() }) }, config: open },
      async (request) => request.body,
    );
    app.post('/test/anything', { config: open }, async (request) => ({
      keys: Object.keys(request.body as object),
    }));
    app.post(
      '/test/stored',
      { schema: { body: z.object({ text: z.string() }) }, config: { permission: 'signed-in' } },
      async (request) =>
        request.ctx.transaction((tx) => tx.sql('select $1::text as text', [request.body.text])),
    );
  },
};

let test: TestApp;
let workspace: TestWorkspace;
beforeAll(async () => {
  test = await startTestApp({ modules: [testModule] });
  workspace = await test.workspace();
});
afterAll(() => test.close());

/** The same parts with metrics of their own, for a second server. */
function bareKernel(settings: Partial<Config> = {}): Kernel {
  return Object.create(test.kernel, {
    metrics: { value: new Metrics() },
    config: { value: { ...test.kernel.config, ...settings } },
  });
}

function expectEnvelope(
  answer: { status: number; headers: Headers; body: unknown },
  status: number,
  code: string,
): ErrorEnvelope {
  const envelope = errorEnvelope.parse(answer.body);
  expect({ status: answer.status, code: envelope.error.code }).toEqual({ status, code });
  expect(envelope.error.requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.headers.get('content-type')).toContain('application/json');
  return envelope;
}

const bodyOf = (raw: string): unknown => JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4));

describe('an error', () => {
  it('has one envelope, whoever makes it', async () => {
    const { anonymous } = test;
    expectEnvelope(await anonymous.get('/nowhere'), 404, 'sms.not_found');
    expectEnvelope(await anonymous.put('/test/echo', {}), 404, 'sms.not_found');
    expectEnvelope(await anonymous.get('/api/v1/auth/me'), 401, 'unauthenticated');
    expectEnvelope(await workspace.as('viewer').get('/api/v1/api-keys'), 403, 'forbidden');
    expectEnvelope(await anonymous.post('/test/echo', '{"text": '), 400, 'sms.validation_error');
    expectEnvelope(await anonymous.post('/test/echo', ''), 400, 'sms.validation_error');
    expectEnvelope(await anonymous.post('/test/echo', { text: 'x'.repeat(300_000) }), 413, 'body_too_large');
    expectEnvelope(
      await anonymous.post('/test/echo', 'x', { 'content-type': 'application/xml' }),
      415,
      'unsupported_media_type',
    );
    expectEnvelope(await anonymous.get('/test/refused'), 502, 'sms.external_failed');
    expectEnvelope(await anonymous.get('/api/v1/api-keys/%zz'), 400, 'sms.validation_error');
    expectEnvelope(await anonymous.get(`/api/v1/api-keys/${'x'.repeat(300)}`), 404, 'sms.not_found');
  });

  it('of input names every problem and where it is', async () => {
    const { error } = expectEnvelope(
      await test.anonymous.post('/test/echo', { number: 'one' }),
      400,
      'sms.validation_error',
    );
    expect(error.details?.map((detail) => detail.path).sort()).toEqual(['body.number', 'body.text']);
  });

  it('on our side tells the caller nothing of its cause, and the log nothing of a value', async () => {
    for (const path of ['/test/thrown', '/test/odd', '/test/wrong-answer']) {
      const answer = await test.anonymous.get(path);
      expectEnvelope(answer, 500, 'internal');
      expect(JSON.stringify(answer.body)).not.toContain('xyzzy');
    }
    const answer = await workspace.as('viewer').get('/test/driver');
    const { error } = expectEnvelope(answer, 500, 'internal');
    expect(JSON.stringify(answer.body)).not.toMatch(/xyzzy|syntax|integer/);
    const lines = test.logged.filter((line) => line.includes(error.requestId));
    expect(lines.some((line) => line.includes('a request failed') && line.includes('22P02'))).toBe(true);
    expect(lines.join('')).not.toContain('xyzzy');
  });

  it('of a database that is away is a 503 that says when to come back', async () => {
    const answer = await test.anonymous.get('/test/unavailable');
    expectEnvelope(answer, 503, 'unavailable');
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.stringify(answer.body)).not.toContain('xyzzy');
  });
});

describe('a request id', () => {
  it('that the caller gave comes back and goes into the log; a bad one is replaced', async () => {
    const given = await test.anonymous.get('/nowhere', { 'x-request-id': 'caller-0001' });
    expect(given.headers.get('x-request-id')).toBe('caller-0001');
    expect(test.logged.some((line) => line.includes('caller-0001'))).toBe(true);
    for (const bad of ['short', 'x'.repeat(101), 'with spaces in it', '<script>alert(1)</script>']) {
      const answer = await test.anonymous.get('/nowhere', { 'x-request-id': bad });
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('input that means harm', () => {
  it('nested ten thousand levels deep is refused or read, and nothing falls over', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const list = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    for (const [path, body] of [
      ['/test/echo', deep],
      ['/test/echo', list],
      ['/test/echo', `{"text":"x","other":${deep}}`],
      ['/test/anything', deep],
    ] as const) {
      const answer = await test.anonymous.post(path, body);
      expect(answer.status).toBeLessThan(500);
    }
  });

  it('cannot reach the prototype', async () => {
    for (const body of [
      '{"text":"x","__proto__":{"polluted":true}}',
      '{"text":"x","constructor":{"prototype":{"polluted":true}}}',
    ]) {
      expectEnvelope(await test.anonymous.post('/test/anything', body), 400, 'sms.validation_error');
    }
    await test.anonymous.get('/nowhere?__proto__[polluted]=true&constructor[prototype][polluted]=true');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('with NUL characters is the caller’s error, and half a surrogate is none', async () => {
    const viewer = workspace.as('viewer');
    expectEnvelope(await viewer.post('/test/stored', { text: 'a\u0000b' }), 400, 'sms.validation_error');
    expect((await viewer.post('/test/stored', '{"text":"a\\ud800b"}')).status).toBe(200);
    expect((await test.anonymous.get('/api/v1/api-keys/%00')).status).toBeLessThan(500);
    expect((await viewer.get('/api/v1/events?after=%00')).status).toBe(400);
  });

  it('that is no HTTP, or two messages in one, is refused with the envelope and the connection closed', async () => {
    const broken = [
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'NONSENSE\r\n\r\n',
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /?${'a&'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: x\r\n${'X-Many: 1\r\n'.repeat(3000)}\r\n`,
    ];
    for (const bytes of broken) {
      const raw = await sendRaw(test.url, bytes);
      expect(raw).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(raw.toLowerCase()).toContain('connection: close');
      expect(errorEnvelope.safeParse(bodyOf(raw)).success).toBe(true);
    }
    expect((await test.anonymous.get('/livez')).status).toBe(200);
  });

  it('in very many parameters is read or refused, quickly', async () => {
    const started = performance.now();
    const query = Array.from({ length: 1500 }, (_, index) => `p${index}`).join('&');
    expect((await test.anonymous.get(`/livez?${query}`)).status).toBe(200);
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key ${index}`, index]));
    expect((await test.anonymous.post('/test/echo', { ...many, text: 'x' })).body).toEqual({ text: 'x' });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('that comes too slowly is cut off', async () => {
    const server = await createHttpServer(bareKernel(), {
      version: '0',
      authenticate: async () => null,
      requireStepUp: async () => undefined,
      registerWebhooks: async () => undefined,
      register: async (app) => {
        await testModule.routes?.(app, test.kernel);
      },
      requestTimeoutMs: 300,
    });
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const raw = await sendRaw(
      url,
      'POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te',
    );
    expect(raw).toMatch(/^HTTP\/1\.1 408 /);
    await server.close();
  });
});

describe('methods and origins', () => {
  it('HEAD answers as GET without a body, and with the same permission', async () => {
    const head = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${test.url}${path}`, { method: 'HEAD', headers });
      return { status: response.status, body: await response.text() };
    };
    expect(await head('/livez')).toEqual({ status: 200, body: '' });
    expect(await head('/api/v1/auth/me')).toEqual({ status: 401, body: '' });
  });

  it('a page of ours may ask, a foreign one may not read the answer', async () => {
    const ask = async (origin: string, method: string) =>
      fetch(`${test.url}/api/v1/auth/me`, {
        method,
        headers: {
          origin,
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'authorization',
        },
      });
    for (const method of ['OPTIONS', 'GET']) {
      const ours = await ask(test.url, method);
      expect(ours.headers.get('access-control-allow-origin')).toBe(test.url);
      expect(ours.headers.get('access-control-allow-credentials')).toBe('true');
      const foreign = await ask('https://evil.example', method);
      expect(foreign.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
      expect(foreign.headers.get('access-control-allow-origin')).not.toBe('*');
    }
    expect((await fetch(`${test.url}/api/v1/auth/me`, { method: 'OPTIONS' })).status).toBeLessThan(500);
  });

  it('answers carry the security headers, and long ones are compressed on request', async () => {
    const answer = await test.anonymous.get('/test/long', { 'accept-encoding': 'gzip' });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('content-encoding')).toBe('gzip');
  });
});

describe('the rate limit', () => {
  /** A server with a limit of five a minute. */
  async function limited(
    redisUrl: string | undefined,
    settings: Partial<Config> = {},
  ): Promise<FastifyInstance> {
    const kernel = bareKernel({ RATE_LIMIT_PER_MINUTE: 5, REDIS_URL: redisUrl, ...settings });
    return createHttpServer(kernel, {
      version: '0',
      authenticate: async () => null,
      requireStepUp: async () => undefined,
      registerWebhooks: async () => undefined,
      register: async (app) => {
        registerOperations(app, kernel, []);
        app.get('/guarded', { config: { permission: 'signed-in' } }, async () => 'never');
      },
    });
  }

  it('is one for all processes where there is a Redis, and there is none while Redis is away', async () => {
    const away = await limited('redis://127.0.0.1:1');
    for (let index = 0; index < 8; index += 1) expect((await away.inject('/guarded')).statusCode).toBe(401);
    await away.close();
    if (!testRedisUrl) return;
    const servers = await Promise.all([limited(testRedisUrl), limited(testRedisUrl)]);
    const statuses: number[] = [];
    await test.until('the shared limit', async () => {
      const [here, there] = servers.map((server) =>
        server.inject({ url: '/guarded', remoteAddress: '203.0.113.77' }),
      );
      statuses.push((await here)?.statusCode ?? 0, (await there)?.statusCode ?? 0);
      return statuses.slice(-2).every((status) => status === 429);
    });
    for (const server of servers) await server.close();
  });

  it('counts behind a proxy by the address that the proxy saw, not by those that the caller put before it', async () => {
    const server = await limited(undefined, { PARLEY_TRUST_PROXY: true });
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${index}, 198.51.100.7` };
      statuses.push((await server.inject({ url: '/guarded', headers })).statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    await server.close();
  });

  it('turns away who asks too often, by address, and says when to come back; health is not counted', async () => {
    const server = await limited(undefined);
    const ask = (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers });
    const answers = [];
    // A guess at a key counts as any other call.
    for (let index = 0; index < 6; index += 1)
      answers.push(await ask('/guarded', { authorization: `Bearer pk_${index}` }));
    expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401, 401, 401, 401, 429]);
    const last = answers.at(-1);
    expect(errorEnvelope.parse(last?.json()).error).toMatchObject({
      code: 'rate_limited',
      requestId: last?.headers['x-request-id'],
    });
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/livez')).statusCode).toBe(200);
    // Saying that one was forwarded for somebody else does not make one somebody else.
    expect((await ask('/guarded', { 'x-forwarded-for': '203.0.113.9' })).statusCode).toBe(429);
    expect((await server.inject({ url: '/guarded', remoteAddress: '203.0.113.9' })).statusCode).toBe(401);
    await server.close();
  });
});

describe('a route', () => {
  it('that names no permission keeps the app from starting', async () => {
    const server = await createHttpServer(bareKernel(), {
      version: '0',
      authenticate: async () => null,
      requireStepUp: async () => undefined,
      registerWebhooks: async () => undefined,
      register: async (app: FastifyInstance) => {
        app.get('/forgotten', async () => 'open to all');
      },
    });
    await expect(server.ready()).rejects.toThrow('/forgotten names no permission');
    await server.close();
  });
});

describe('stopping', () => {
  it('lets the request that runs finish, and takes no new one', async () => {
    const server = await startTestApp({ modules: [testModule] });
    const began = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const running = server.anonymous.get('/test/slow');
    await began;
    const stopped = server.close();
    await test.until('new requests to be turned away', async () => {
      const answer = await fetch(`${server.url}/livez`).catch(() => null);
      return answer === null || answer.status === 503;
    });
    release();
    expect(await running).toMatchObject({ status: 200, body: { slow: true } });
    await stopped;
    const port = Number(new URL(server.url).port);
    const free = createPlainServer();
    await new Promise<void>((resolve, reject) => {
      free.once('error', reject);
      free.listen(port, '127.0.0.1', resolve);
    });
    free.close();
  });
});
