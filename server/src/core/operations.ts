// What an operator's tools ask: is it alive, is it ready, how does it feel, what does it count.
import { createHash, timingSafeEqual } from 'node:crypto';
import { healthReport } from '@parley/contract/health';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ParleyError } from './errors.ts';
import { checkHealth, type HealthProbe } from './health.ts';
import { createServer } from './http-server.ts';
import type { Kernel } from './kernel.ts';

/** A job that waits longer than this says that there are too few workers. */
const lagSecondsMax = 60;

export function coreProbes(kernel: Kernel): HealthProbe[] {
  return [
    {
      name: 'database',
      required: true,
      check: async (ctx) => {
        await ctx.system((queries) => queries.sql('select 1'));
        return { status: 'ok' };
      },
    },
    {
      name: 'queue',
      required: false,
      check: async () => {
        const figures = await kernel.queue.figures();
        const lag = Math.max(0, ...figures.map((queue) => queue.lagSeconds));
        const waiting = figures.reduce((sum, queue) => sum + queue.waiting, 0);
        return {
          status: lag > lagSecondsMax ? 'degraded' : 'ok',
          detail: `${waiting} waiting, oldest ${lag.toFixed(1)} s`,
        };
      },
    },
    {
      name: 'redis',
      required: false,
      check: async () => (kernel.config.REDIS_URL ? kernel.bus.check() : { status: 'off' }),
    },
  ];
}

const quiet = { permission: 'public', rateLimit: false } as const;

/** The server of a worker, which serves these three and nothing else: `/livez`, `/readyz`, `/metrics`. */
export function createWorkerServer(kernel: Kernel, probes: readonly HealthProbe[]): FastifyInstance {
  const app = createServer(kernel);
  registerSigns(app, kernel, probes);
  return app;
}

/** What a worker serves, and the report on everything that Parley leans on. */
export function registerOperations(
  app: FastifyInstance,
  kernel: Kernel,
  probes: readonly HealthProbe[],
): void {
  let underWay: ReturnType<typeof checkHealth> | undefined;
  // Anybody may ask: who asks at the same time shares one look, so that asking cannot wear the database out.
  const health = () => {
    underWay ??= checkHealth(probes, kernel.systemContext()).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };

  registerSigns(app, kernel, probes);
  for (const url of ['/health', '/api/v1/health']) {
    app.get(
      url,
      {
        schema: {
          summary: 'How Parley and what it leans on are doing',
          tags: ['operations'],
          hide: url === '/health',
          response: { 200: healthReport, 503: healthReport },
        },
        config: quiet,
      },
      async (_request, reply) => {
        const report = await health();
        return reply.code(report.status === 'down' ? 503 : 200).send(report);
      },
    );
  }
}

function registerSigns(app: FastifyInstance, kernel: Kernel, probes: readonly HealthProbe[]): void {
  const schema = { hide: true };
  app.get('/livez', { schema, config: quiet }, async () => ({ status: 'ok' }));
  app.get('/readyz', { schema, config: quiet }, async (_request, reply) => {
    const required = probes.filter((probe) => probe.required);
    const { status } = await checkHealth(required, kernel.systemContext());
    return reply.code(status === 'down' ? 503 : 200).send({ status });
  });
  app.get('/metrics', { schema, config: quiet }, async (request, reply) => {
    guardMetrics(request, kernel.config.METRICS_TOKEN);
    return reply.type(kernel.metrics.registry.contentType).send(await kernel.metrics.registry.metrics());
  });
}

function guardMetrics(request: FastifyRequest, token: string | undefined): void {
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const allowed = token
    ? timingSafeEqual(digest(given), digest(token))
    : ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '') &&
      !request.headers['x-forwarded-for'];
  if (!allowed)
    throw new ParleyError({ status: 401, code: 'unauthenticated', message: 'Metrics need their token.' });
}
