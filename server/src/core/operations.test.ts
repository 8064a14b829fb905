import { errorEnvelope } from '@parley/contract/common';
import { healthReport } from '@parley/contract/health';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/harness.ts';
import type { HealthProbe } from './health.ts';
import { createHttpServer } from './http.ts';
import type { Kernel } from './kernel.ts';
import { Metrics } from './metrics.ts';
import { createWorkerServer, registerOperations } from './operations.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

/** A server whose parts feel as they are told. */
async function withProbes(
  probes: readonly HealthProbe[],
  ask: (get: (path: string) => Promise<{ status: number; body: never }>) => Promise<void>,
): Promise<void> {
  const kernel: Kernel = Object.create(test.kernel, { metrics: { value: new Metrics() } });
  const server = await createHttpServer(kernel, {
    version: '0',
    authenticate: async () => null,
    requireStepUp: async () => undefined,
    registerWebhooks: async () => undefined,
    register: async (app) => registerOperations(app, test.kernel, probes),
  });
  await ask(async (path) => {
    const response = await server.inject(path);
    return { status: response.statusCode, body: response.json() as never };
  });
  await server.close();
}

const probe = (name: string, required: boolean, check: HealthProbe['check']): HealthProbe => ({
  name,
  required,
  check,
});
const fine = async () => ({ status: 'ok' as const });
const token = 'a token for the metrics of tests';

describe('health', () => {
  it('names each part with its state and how long it took', async () => {
    for (const path of ['/health', '/api/v1/health']) {
      const answer = await test.anonymous.get(path);
      expect(answer.status).toBe(200);
      const report = healthReport.parse(answer.body);
      expect(report.status).toBe('ok');
      expect(Object.keys(report.checks)).toEqual(expect.arrayContaining(['database', 'queue', 'redis']));
      for (const check of Object.values(report.checks)) expect(check.durationMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('is down, and the process not ready, while a part is away that it cannot do without', async () => {
    const away = probe('database', true, async () => {
      throw new Error('xyzzy connect ECONNREFUSED');
    });
    await withProbes([away, probe('other', false, fine)], async (get) => {
      expect(await get('/readyz')).toMatchObject({ status: 503, body: { status: 'down' } });
      expect(await get('/livez')).toMatchObject({ status: 200 });
      const report = await get('/health');
      expect(report).toMatchObject({
        status: 503,
        body: {
          status: 'down',
          checks: { database: { status: 'down', detail: 'cannot be reached' }, other: { status: 'ok' } },
        },
      });
      expect(JSON.stringify(report)).not.toContain('xyzzy');
    });
  });

  it('is degraded, and the process ready, while another part is away, hangs or throws', async () => {
    await withProbes(
      [
        probe('database', true, fine),
        probe('away', false, async () => ({ status: 'down' })),
        probe('hung', false, () => new Promise(() => undefined)),
        probe('broken', false, () => {
          throw new Error('at once');
        }),
        probe('unused', false, async () => ({ status: 'off' })),
      ],
      async (get) => {
        expect(await get('/readyz')).toMatchObject({ status: 200 });
        expect(await get('/health')).toMatchObject({
          status: 200,
          body: {
            status: 'degraded',
            checks: {
              away: { status: 'down' },
              hung: { status: 'down', detail: 'did not answer in time' },
              broken: { status: 'down' },
              unused: { status: 'off' },
            },
          },
        });
      },
    );
  });

  it('asked by many at once is looked at once', async () => {
    let looks = 0;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = probe('database', true, async () => {
      looks += 1;
      await opened;
      return { status: 'ok' };
    });
    await withProbes([slow], async (get) => {
      const answers = Array.from({ length: 20 }, () => get('/health'));
      await test.until('the first look', async () => looks > 0);
      open();
      expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual(answers.map(() => 200));
      expect(looks).toBe(1);
    });
  });
});

describe('metrics', () => {
  it('are for those who have the token', async () => {
    const answer = await test.anonymous.get<string>('/metrics', { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('parley_http_seconds_bucket');
    expect(answer.body).toContain('process_resident_memory_bytes');
    const wrong = ['', 'Bearer ', `Bearer ${token}x`, `Bearer ${'é'.repeat(token.length)}`, `Basic ${token}`];
    for (const authorization of wrong) {
      expect(await test.anonymous.get('/metrics', { authorization })).toMatchObject({ status: 401 });
    }
  });

  it('are for this machine only where there is no token, and not for what a proxy passes on', async () => {
    const kernel: Kernel = Object.create(test.kernel, {
      metrics: { value: new Metrics() },
      config: { value: { ...test.kernel.config, METRICS_TOKEN: undefined } },
    });
    const server = await createHttpServer(kernel, {
      version: '0',
      authenticate: async () => null,
      requireStepUp: async () => undefined,
      registerWebhooks: async () => undefined,
      register: async (app) => registerOperations(app, kernel, []),
    });
    const ask = async (remoteAddress: string, headers: Record<string, string> = {}) =>
      (await server.inject({ url: '/metrics', remoteAddress, headers })).statusCode;
    expect(await ask('127.0.0.1')).toBe(200);
    expect(await ask('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toBe(401);
    expect(await ask('203.0.113.9')).toBe(401);
    await server.close();
  });

  it('name routes by their pattern, so that callers cannot make new series', async () => {
    for (let index = 0; index < 20; index += 1) await test.anonymous.get(`/nowhere/${index}`);
    await test.anonymous.get('/api/v1/conversations/01a1fbff-c7be-77be-b071-44fae71b2df8');
    const { body } = await test.anonymous.get<string>('/metrics', { authorization: `Bearer ${token}` });
    expect(body).not.toMatch(/nowhere|01a1fbff/);
  });
});

describe('a worker', () => {
  /** What a worker serves whose one part feels as it is told. */
  async function worker(check: HealthProbe['check']) {
    const kernel: Kernel = Object.create(test.kernel, {
      metrics: { value: new Metrics() },
      systemContext: { value: () => test.kernel.systemContext() },
    });
    const server = createWorkerServer(kernel, [probe('database', true, check)]);
    await server.ready();
    return server;
  }

  it('says that it lives, whether it is ready, and, to those who have the token, what it counts', async () => {
    const well = await worker(fine);
    expect((await well.inject('/livez')).statusCode).toBe(200);
    expect((await well.inject('/readyz')).json()).toEqual({ status: 'ok' });
    expect((await well.inject('/metrics')).statusCode).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    expect((await well.inject({ url: '/metrics', headers })).body).toContain('parley_http_seconds_bucket');
    await well.close();
    const ill = await worker(async () => ({ status: 'down' }));
    expect((await ill.inject('/readyz')).statusCode).toBe(503);
    expect((await ill.inject('/livez')).statusCode).toBe(200);
    await ill.close();
  });

  it('serves nothing else: everything that an api serves is a 404 in the envelope', async () => {
    const server = await worker(fine);
    const api = test.app.http
      .printRoutes({ commonPrefix: false, includeHooks: false })
      .match(/\/[\w./:-]+/g)
      ?.map((path) => path.replaceAll(/:\w+/g, 'x'));
    for (const url of [
      '/',
      '/health',
      '/api/v1/health',
      '/api/docs',
      '/webhook/twilio/sms',
      ...(api ?? []),
    ]) {
      if (['/livez', '/readyz', '/metrics'].includes(url)) continue;
      for (const method of ['GET', 'POST'] as const) {
        const answer = await server.inject({ method, url });
        expect([url, answer.statusCode]).toEqual([url, 404]);
        expect(errorEnvelope.parse(answer.json()).error.code).toBe('sms.not_found');
        expect(answer.headers['x-request-id']).toBeDefined();
      }
    }
    await server.close();
  });
});

it('the database going away makes the process not ready, and lets it live', async () => {
  const server = await startTestApp();
  await server.kernel.queue.stop(1000);
  await server.kernel.database.close();
  expect(await server.anonymous.get('/readyz')).toMatchObject({ status: 503 });
  expect(await server.anonymous.get('/livez')).toMatchObject({ status: 200 });
  expect(await server.anonymous.get('/health')).toMatchObject({ status: 503, body: { status: 'down' } });
  await server.app.http.close();
});
