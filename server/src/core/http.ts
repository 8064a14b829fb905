// The HTTP server that modules hang their routes on: schemas, permissions, errors, limits, documents.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
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
import { databaseErrorCode, isUnavailable, ParleyError } from './errors.ts';
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
  readonly register: (site: FastifyInstance) => Promise<void>;
  /**
   * Registers where providers call. They are no browsers and come in floods: their scope has no security headers, CORS,
   * compression, rate limit or timer per request.
   */
  readonly registerWebhooks: (app: FastifyInstance) => Promise<void>;
  readonly version: string;
  /** How long a request may take to arrive, headers and body. */
  readonly requestTimeoutMs?: number;
}

/** Bodies longer than this are refused unless a route says otherwise. */
const bodyBytesMax = 256 * 1024;
/** How long a request may take once its body is there. */
const handlerTimeoutMs = 60_000;
const requestTimeoutMsDefault = 30_000;
const requestIdPattern = /^[\w.:-]{8,100}$/;

export async function createHttpServer(kernel: Kernel, options: HttpOptions): Promise<FastifyInstance> {
  const { config } = kernel;
  const requestTimeoutMs = options.requestTimeoutMs ?? requestTimeoutMsDefault;
  const app = Fastify({
    logger: false,
    // One proxy: of the addresses in X-Forwarded-For only the last is its own word, the others are the caller's.
    trustProxy: config.PARLEY_TRUST_PROXY ? (_address, hop) => hop === 0 : false,
    bodyLimit: bodyBytesMax,
    // Fastify leaves Node's limits off; a slow sender must not hold a connection for ever.
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 6 },
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    // Told by a hook of ours, in the envelope.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) =>
      sendError(request, reply, toParleyError(error), kernel, error),
    clientErrorHandler: (error, socket) => answerBroken(error, socket, kernel),
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
  refuseWhileClosing(app);
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
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
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

  await options.registerWebhooks(app);
  await app.register(async (site) => {
    site.addHook('onRoute', (route) => {
      route.handlerTimeout ??= handlerTimeoutMs;
      // The CORS plugin's own route, for preflights.
      if (route.method === 'OPTIONS' && route.url === '*')
        route.config = { ...route.config, permission: 'public' };
    });
    await site.register(helmet, {
      contentSecurityPolicy: {
        directives: {
          'script-src': ["'self'"],
          'style-src': ["'self'", "'unsafe-inline'"],
          'upgrade-insecure-requests': null,
        },
      },
      hsts: config.publicUrl.startsWith('https:'),
    });
    await site.register(cors, {
      origin: [new URL(config.publicUrl).origin, ...config.CORS_ORIGINS],
      credentials: true,
      exposedHeaders: ['x-request-id', 'retry-after', 'idempotency-replayed'],
    });
    await site.register(compress, { threshold: 2048, encodings: ['br', 'gzip'] });
    await installRateLimit(site, kernel);
    site.get('/api/openapi.json', { schema: { hide: true }, config: { permission: 'public' } }, async () =>
      app.swagger(),
    );
    await site.register(async (docs) => {
      docs.addHook('onRoute', (route) => {
        route.config = { ...route.config, permission: 'public' };
      });
      await docs.register(swaggerUi, {
        routePrefix: '/api/docs',
        uiConfig: { persistAuthorization: true },
      });
    });
    await options.register(site);
  });
  return app;
}

/** What is running may finish; whoever comes later is sent to another process. */
function refuseWhileClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async () => {
    if (!closing) return;
    throw new ParleyError({
      status: 503,
      code: 'unavailable',
      message: 'This process is stopping. Try again in a moment.',
      headers: { 'retry-after': '1' },
    });
  });
  // A connection that is kept would keep the server from closing until it times out.
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}

/** Node's parser errors: the bytes are no request, so there is no reply to send them with. */
const brokenRequests: Record<string, { status: number; reason: string; code: string; message: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'headers_too_large',
    message: 'The address or the headers are too long.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'timeout',
    message: 'The request took too long to arrive.',
  },
};

function answerBroken(error: Error & { code?: string }, socket: Socket, kernel: Kernel): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason, code, message } = brokenRequests[error.code ?? ''] ?? {
    status: 400,
    reason: 'Bad Request',
    code: 'bad_request',
    message: 'This is not a valid HTTP request.',
  };
  const requestId = newId();
  const timestamp = kernel.clock.date().toISOString();
  const body = JSON.stringify({ error: { code, message, timestamp, requestId } });
  kernel.log.info({ request_id: requestId, status, code: error.code }, 'a request could not be read');
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-Id: ${requestId}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
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
  app.setErrorHandler(async (original, request, reply) => {
    let error: unknown = original instanceof Error ? original : new Error('what was thrown is no Error');
    try {
      if (await replayIdempotent(error, request)) return reply;
    } catch (replayError) {
      error = replayError;
    }
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
  FST_ERR_BAD_URL: { status: 400, code: 'sms.validation_error', message: 'The address is not valid.' },
  FST_ERR_HANDLER_TIMEOUT: {
    status: 503,
    code: 'timeout',
    message:
      'This took too long and may still be done. Look before you try again, or repeat an Idempotency-Key.',
  },
};

const nulCharacter = {
  status: 400,
  code: 'sms.validation_error',
  message: 'Text may not hold the character NUL.',
};
/** PostgreSQL stores every character but one, in text (22021) and in JSON (22P05). */
const textErrors: Record<string, typeof nulCharacter> = { '22021': nulCharacter, '22P05': nulCharacter };

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
  const known = (code ? callerErrors[code] : undefined) ?? textErrors[databaseErrorCode(error) ?? ''];
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
    // What Fastify refuses by itself passes no hook.
    .header('x-request-id', request.id)
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
  // After the rate limit and CORS, which are hooks of the stage before this one: guesses at keys are counted, and a
  // browser's preflight, which carries no credentials, is answered.
  app.addHook('preParsing', async (request) => {
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
