// How often one may ask within a minute: an address, before anybody knows who it is; then the key or the user; and a workspace,
// all of its keys and members together, so that one of them leaves room for the others.
import { createHash } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { callerOf } from './addresses.ts';
import { nameInstallation } from './bus.ts';
import { ParleyError } from './errors.ts';
import type { Kernel } from './kernel.ts';

/** Of a workspace, as many as this many addresses may: unless the operator says otherwise. */
const workspaceTimes = 10;

/** One for all processes where there is a Redis, and one for each otherwise. */
export async function installRateLimits(site: FastifyInstance, kernel: Kernel): Promise<void> {
  const { REDIS_URL, RATE_LIMIT_PER_MINUTE } = kernel.config;
  let redis: Redis | undefined;
  if (REDIS_URL) {
    const { Redis: Client } = await import('ioredis');
    redis = new Client(REDIS_URL, {
      maxRetriesPerRequest: 1,
      connectTimeout: 500,
      commandTimeout: 500,
      enableOfflineQueue: false,
    });
    redis.on('error', (error) => kernel.log.warn({ err: error }, 'the rate limit store cannot be reached'));
    site.addHook('onClose', async () => redis?.disconnect());
  }
  await site.register(rateLimit, {
    global: true,
    max: RATE_LIMIT_PER_MINUTE,
    timeWindow: '1 minute',
    skipOnError: true,
    ...(redis ? { redis, nameSpace: `parley:${await nameInstallation(kernel.database)}:rate:` } : {}),
    keyGenerator: (request) => keyOf('address', callerOf(request.ip)),
  });
  installCallerLimits(site, kernel);
}

function installCallerLimits(site: FastifyInstance, kernel: Kernel): void {
  const {
    RATE_LIMIT_PER_MINUTE: usual,
    RATE_LIMIT_CALLER_PER_MINUTE: ofCaller = usual,
    RATE_LIMIT_WORKSPACE_PER_MINUTE: ofWorkspace = usual * workspaceTimes,
  } = kernel.config;
  const limits = [
    {
      who: 'this key or user',
      count: site.createRateLimit({
        max: ofCaller,
        keyGenerator: ({ principal }) => keyOf('caller', `${principal?.actor.kind}:${principal?.actor.id}`),
      }),
    },
    {
      who: 'this workspace',
      count: site.createRateLimit({
        max: ofWorkspace,
        keyGenerator: ({ principal }) => keyOf('workspace', String(principal?.workspaceId)),
      }),
    },
  ];
  const count = async (request: FastifyRequest): Promise<void> => {
    const counted = await Promise.all(
      limits.map(async (limit) => ({ ...limit, found: await limit.count(request) })),
    );
    for (const { who, found } of counted) {
      if (found.isAllowed || !found.isExceeded) continue;
      const seconds = Math.max(1, found.ttlInSeconds);
      throw new ParleyError({
        status: 429,
        code: 'rate_limited',
        message: `Too many requests of ${who}: ${found.max} a minute. Try again in ${seconds} seconds.`,
        headers: { 'retry-after': String(seconds) },
      });
    }
  };
  // After the permissions, which are a hook of the whole server: from there on it is known who asks.
  site.addHook('preParsing', (request, _reply, payload, done) => {
    if (!request.principal) return done(null, payload);
    count(request).then(() => done(null, payload), done);
  });
}

/** Nobody reads in the store who asks from where. */
function keyOf(kind: 'address' | 'caller' | 'workspace', value: string): string {
  return `${kind}:${createHash('sha256').update(value).digest('base64url').slice(0, 22)}`;
}
