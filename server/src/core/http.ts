// The HTTP server that modules hang their routes on: schemas, permissions, errors, limits, documents.
import { createHash } from 'node:crypto';
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { Redis } from 'ioredis';
import type { Actor, Context } from './context.ts';
import { isUnavailable, ParleyError } from './errors.ts';
import { installIdempotency, replayIdempotent } from './idempotency.ts';
import { newId } from './identifiers.ts';
import type { Kernel } from './kernel.ts';

/** Who a request comes from; the workspace is null for a user who has chosen none. */
export interface Principal {
  readonly actor: Actor;
  readonly workspaceId: string | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `area:action`, or `public` for everybody, or `signed-in` for every user. A route without one does not start. */
    permission?: string;
    /** A POST that creates: takes an Idempotency-Key, and runs its one transaction once per key. */
    idempotent?: boolean;
  }
  interface FastifyRequest {
    /** Set on routes that need a permission. */
    ctx: Context;
    principal: Principal | null;
  }
}

export interface HttpOptions {
  /** Reads who a request comes from; null for nobody. @throws ParleyError for credentials that are wrong */
  readonly authenticate: (request: FastifyRequest) => Promise<Principal | null>;
  /** Registers what the modules bring. */
  readonly register: (app: FastifyInstance) => Promise<void>;
  readonly version: string;
}

/** Bodies longer than this are refused unless a route says otherwise. */
const bodyBytesMax = 256 * 1024;
const requestIdPattern = /^[\w.:-]{8,100}$/;

export async function createHttpServer(kernel: Kernel, options: HttpOptions): Promise<FastifyInstance> {
  const { config } = kernel;
  const app = Fastify({
    logger: false,
    trustProxy: config.PARLEY_TRUST_PROXY,
    bodyLimit: bodyBytesMax,
    // Fastify leaves Node's limits off; a slow sender must not hold a connection for ever.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    handlerTimeout: 60_000,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && requestIdPattern.test(given) ? given : newId();
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('principal', null);
  app.decorateRequest('ctx', null as unknown as Context);

  installErrors(app, kernel);
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'upgrade-insecure-requests': null,
      },
    },
    hsts: config.publicUrl.startsWith('https:'),
  });
  await app.register(cors, {
    origin: [new URL(config.publicUrl).origin, ...config.CORS_ORIGINS],
    credentials: true,
    exposedHeaders: ['x-request-id', 'retry-after', 'idempotency-replayed'],
  });
  await app.register(compress, { threshold: 2048, encodings: ['br', 'gzip'] });
  await installRateLimit(app, kernel);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parley',
        version: options.version,
        description: 'An assistant answers people’s messages, and people stay in charge.',
      },
      servers: [{ url: config.publicUrl }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, made by `parley key create`.' },
          session: { type: 'apiKey', in: 'cookie', name: 'better-auth.session_token' },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const permission = input.route.config?.permission;
      return {
        url,
        schema: {
          ...schema,
          ...(permission === 'public' ? { security: [] } : {}),
          'x-permission': permission,
        } as typeof schema,
      };
    },
  });

  installPermissions(app, kernel, options.authenticate);
  installIdempotency(app, kernel);

  const seconds = kernel.metrics.histogram('parley_http_seconds', 'How long requests take.', [
    'method',
    'route',
    'status',
  ]);
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = String(reply.statusCode);
    seconds.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
    if (kernel.log.isLevelEnabled('info')) {
      kernel.log[reply.statusCode >= 500 ? 'error' : route.startsWith('/webhook') ? 'debug' : 'info'](
        {
          request_id: request.id,
          method: request.method,
          route,
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime),
        },
        'request',
      );
    }
  });

  app.get('/api/openapi.json', { schema: { hide: true }, config: { permission: 'public' } }, async () =>
    app.swagger(),
  );
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, permission: 'public' };
    });
    await docs.register(swaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: true,
      uiConfig: { persistAuthorization: true },
    });
  });
  await options.register(app);
  return app;
}

function installErrors(app: FastifyInstance, kernel: Kernel): void {
  app.setNotFoundHandler({ preHandler: [] }, (request, reply) => {
    sendError(
      request,
      reply,
      new ParleyError({ status: 404, code: 'sms.not_found', message: 'There is nothing at this address.' }),
      kernel,
    );
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (await replayIdempotent(error, request)) return reply;
    sendError(request, reply, toParleyError(error), kernel, error);
    return reply;
  });
}

/** Node and Fastify errors that are the caller's doing, as what they are in the envelope. */
const callerErrors: Record<string, { status: number; code: string; message: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', message: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    message: 'This content type is not understood here.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'sms.validation_error', message: 'The body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    code: 'sms.validation_error',
    message: 'The body is not JSON.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'sms.validation_error',
    message: 'The body is not as long as it says.',
  },
  FST_ERR_HANDLER_TIMEOUT: {
    status: 503,
    code: 'timeout',
    message: 'This took too long. Nothing was half done; try again.',
  },
};

function toParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const context = error.validationContext ?? 'body';
    return new ParleyError({
      status: 400,
      code: 'sms.validation_error',
      message: 'The request is not valid.',
      details: error.validation.map((issue) => ({
        path: `${context}${issue.instancePath.replaceAll('/', '.')}`,
        message: issue.message ?? 'is not valid',
      })),
    });
  }
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = code ? callerErrors[code] : undefined;
  if (known) return new ParleyError(known);
  if (statusCode === 429)
    return new ParleyError({
      status: 429,
      code: 'rate_limited',
      message: 'Too many requests. Wait a moment.',
    });
  if (error instanceof SyntaxError && statusCode === 400) {
    return new ParleyError({ status: 400, code: 'sms.validation_error', message: 'The body is not JSON.' });
  }
  if (statusCode && statusCode >= 400 && statusCode < 500) {
    return new ParleyError({
      status: statusCode,
      code: 'bad_request',
      message: 'The request is not valid.',
      cause: error,
    });
  }
  if (isUnavailable(error)) {
    return new ParleyError({
      status: 503,
      code: 'unavailable',
      message: 'This cannot be done right now. Try again in a moment.',
      headers: { 'retry-after': '1' },
      cause: error,
    });
  }
  return new ParleyError({
    status: 500,
    code: 'internal',
    message: 'Something went wrong on our side. It has been logged.',
    cause: error,
  });
}

function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ParleyError,
  kernel: Kernel,
  original?: unknown,
): void {
  if (error.status >= 500) {
    const cause = isResponseSerializationError(original) ? original.cause : (original ?? error);
    kernel.log.error(
      { err: cause, request_id: request.id, route: request.routeOptions?.url, code: error.code },
      'a request failed',
    );
  }
  if (error.headers) reply.headers(error.headers);
  reply
    .code(error.status)
    .header('content-type', 'application/json; charset=utf-8')
    // A route's response schemas are for its successes; the envelope is the same everywhere.
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send({
      error: {
        code: error.code,
        message: error.message,
        ...(error.details ? { details: error.details } : {}),
        timestamp: kernel.clock.date().toISOString(),
        requestId: request.id,
      },
    });
}

async function installRateLimit(app: FastifyInstance, kernel: Kernel): Promise<void> {
  const { REDIS_URL, RATE_LIMIT_PER_MINUTE } = kernel.config;
  let redis: Redis | undefined;
  if (REDIS_URL) {
    redis = new Redis(REDIS_URL, {
      maxRetriesPerRequest: 1,
      connectTimeout: 500,
      commandTimeout: 500,
      enableOfflineQueue: false,
    });
    redis.on('error', (error) => kernel.log.warn({ err: error }, 'the rate limit store cannot be reached'));
    app.addHook('onClose', async () => redis?.disconnect());
  }
  await app.register(rateLimit, {
    global: true,
    max: RATE_LIMIT_PER_MINUTE,
    timeWindow: '1 minute',
    skipOnError: true,
    ...(redis ? { redis } : {}),
    keyGenerator: (request) => createHash('sha256').update(request.ip).digest('base64url').slice(0, 22),
  });
}

function installPermissions(
  app: FastifyInstance,
  kernel: Kernel,
  authenticate: HttpOptions['authenticate'],
): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  // Looked at when all are there, because a plugin's own hook may name the permission of its routes.
  app.addHook('onReady', async () => {
    for (const { config, method, url } of routes) {
      if (!config?.permission) throw new Error(`the route ${String(method)} ${url} names no permission`);
    }
  });
  app.addHook('onRequest', async (request) => {
    const permission = request.routeOptions.config.permission;
    if (request.is404 || permission === 'public') return;
    if (!permission) throw new Error('the route names no permission');
    const principal = await authenticate(request);
    if (!principal) {
      throw new ParleyError({
        status: 401,
        code: 'unauthenticated',
        message: 'Sign in, or send an API key.',
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    request.principal = principal;
    if (permission !== 'signed-in') {
      if (!principal.workspaceId) {
        throw new ParleyError({
          status: 400,
          code: 'no_workspace',
          message: 'Choose a workspace with the X-Workspace-Id header.',
        });
      }
      if (!principal.actor.permissions.has(permission)) {
        throw new ParleyError({
          status: 403,
          code: 'forbidden',
          message: `This needs the permission ${permission}.`,
        });
      }
    }
    if (principal.workspaceId) {
      request.ctx = kernel.context({
        workspaceId: principal.workspaceId,
        actor: principal.actor,
        requestId: request.id,
      });
    }
  });
}
