// The HTTP server that modules hang their routes on: schemas, permissions, rate limit, documents, what browsers need.
import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Actor, Context } from './context.ts';
import { ParleyError } from './errors.ts';
import { createServer } from './http-server.ts';
import { installIdempotency } from './idempotency.ts';
import type { Kernel } from './kernel.ts';
import { installRateLimits } from './rate-limits.ts';
import { originOf } from './request-origin.ts';
import { registerSite } from './site.ts';

/** Who a request comes from; the workspace is null for a user who has chosen none. */
export interface Principal {
  readonly actor: Actor;
  readonly workspaceId: string | null;
  /** Of a user who signed in, or of the tokens of their program. */
  readonly sessionId?: string;
  readonly credential?: 'session' | 'tokens' | 'account';
  /** How the session was opened. */
  readonly way?: string;
  /** All that the session reaches; null: whatever the user does. */
  readonly onlyWorkspace?: string | null;
  /** Why nothing of the workspace is open to them yet, whatever their permissions. */
  readonly refusal?: ParleyError;
}

/** Hears of what is asked for with a session or a key of a workspace; must not wait, nor throw. */
export interface RequestWatch {
  /** Something that changes was not allowed. */
  refused(ctx: Context, route: { method: string; path: string }): void;
  /** A key read something. */
  read(keyId: string, workspaceId: string): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `area:action`, or `public` for everybody, or `signed-in` for every user. A route without one does not start. */
    permission?: string;
    /**
     * A POST that creates, or a change that a device may send again much later: takes an Idempotency-Key, and runs its one
     * transaction once per key.
     */
    idempotent?: boolean;
    /**
     * For what opens more to somebody, or cannot be undone: a member must have proved lately that it is them. A key passes
     * with its permission, for nobody is there to be asked.
     */
    stepUp?: boolean;
    /** On a `signed-in` route: it answers a session too that reaches one workspace only, which the others refuse. */
    boundSession?: boolean;
    /** For what a browser follows a link to, which has no header of ours: the parameter `workspace` says which one. */
    workspaceInQuery?: boolean;
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
  /** Asked before a route with `stepUp`. @throws ParleyError 403 for a member who has to prove first that it is them */
  readonly requireStepUp: (principal: Principal) => Promise<void>;
  /** Registers what the modules bring. */
  readonly register: (site: FastifyInstance) => Promise<void>;
  readonly watch?: RequestWatch;
  /**
   * Registers where providers call. They are no browsers and come in floods: their scope has no CORS, compression, rate limit
   * or timer per request.
   */
  readonly registerWebhooks: (app: FastifyInstance) => Promise<void>;
  readonly version: string;
  /** See `createServer`. */
  readonly requestTimeoutMs?: number;
}

/** How long a request may take once its body is there. */
const handlerTimeoutMs = 60_000;

export async function createHttpServer(kernel: Kernel, options: HttpOptions): Promise<FastifyInstance> {
  const { config } = kernel;
  const app = createServer(kernel, options.requestTimeoutMs);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('principal', null);
  app.decorateRequest('ctx', null as unknown as Context);

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
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key, made by `parley key create`, or an access token.',
          },
          session: { type: 'apiKey', in: 'cookie', name: 'parley.session_token' },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const { permission, stepUp } = input.route.config ?? {};
      return {
        url,
        schema: {
          ...schema,
          ...(permission === 'public' ? { security: [] } : {}),
          'x-permission': permission,
          ...(stepUp ? { 'x-step-up': true } : {}),
        } as typeof schema,
      };
    },
  });

  installPermissions(app, kernel, options);
  if (options.watch) installWatch(app, kernel, options.watch);
  installIdempotency(app, kernel);

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
          // The popovers of the web app are placed by style attributes.
          'style-src': ["'self'", "'unsafe-inline'"],
          'font-src': ["'self'"],
          'img-src': ["'self'", 'data:', 'blob:'],
          // Older browsers do not count a WebSocket of the page's own address as 'self'.
          'connect-src': ["'self'", new URL(config.publicUrl).origin.replace(/^http/, 'ws')],
          'worker-src': ["'self'"],
          'object-src': ["'none'"],
          'frame-ancestors': ["'none'"],
          'upgrade-insecure-requests': null,
        },
      },
      hsts: config.publicUrl.startsWith('https:'),
      frameguard: { action: 'deny' },
    });
    await site.register(cors, {
      origin: [new URL(config.publicUrl).origin, ...config.CORS_ORIGINS],
      credentials: true,
      exposedHeaders: ['x-request-id', 'retry-after', 'idempotency-replayed'],
    });
    await site.register(compress, { threshold: 2048, encodings: ['br', 'gzip'] });
    await installRateLimits(site, kernel);
    site.get('/api/openapi.json', { schema: { hide: true }, config: { permission: 'public' } }, async () =>
      app.swagger(),
    );
    await site.register(async (docs) => {
      docs.addHook('onRoute', (route) => {
        route.config = { ...route.config, permission: 'public' };
      });
      await docs.register(swaggerUi, {
        routePrefix: '/api/docs',
        uiConfig: { persistAuthorization: false },
      });
    });
    await options.register(site);
    await registerSite(site);
  });
  return app;
}

function installPermissions(
  app: FastifyInstance,
  kernel: Kernel,
  { authenticate, requireStepUp }: Pick<HttpOptions, 'authenticate' | 'requireStepUp'>,
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
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { permission, stepUp = false } = request.routeOptions.config;
    if (request.is404 || permission === 'public') return done(null, payload);
    authorise(request, permission, stepUp).then(() => done(null, payload), done);
  });
  const authorise = async (
    request: FastifyRequest,
    permission: string | undefined,
    stepUp: boolean,
  ): Promise<void> => {
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
      if (principal.refusal) {
        heldBack.add(request);
        throw principal.refusal;
      }
      if (!principal.actor.permissions.has(permission)) {
        throw new ParleyError({
          status: 403,
          code: 'forbidden',
          message: `This needs the permission ${permission}.`,
        });
      }
    }
    if (stepUp && principal.actor.kind === 'member') {
      heldBack.add(request);
      await requireStepUp(principal);
      heldBack.delete(request);
    }
    if (principal.workspaceId) {
      request.ctx = contextOf(kernel, request, principal);
    }
  };
}

function contextOf(kernel: Kernel, request: FastifyRequest, principal: Principal): Context {
  const { workspaceId, actor } = principal;
  return kernel.context({ workspaceId, actor, requestId: request.id, origin: originOf(request) });
}

const readingMethods = new Set(['GET', 'HEAD']);
/** What a member may do once they have proved that it is them: no refusal that anybody should hear of. */
const heldBack = new WeakSet<FastifyRequest>();

function installWatch(app: FastifyInstance, kernel: Kernel, watch: RequestWatch): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { principal, method } = request;
    if (!principal?.workspaceId) return done();
    if (readingMethods.has(method)) {
      const { kind, id } = principal.actor;
      if (kind === 'api_key' && id !== null) watch.read(id, principal.workspaceId);
    } else if (reply.statusCode === 403 && !heldBack.has(request)) {
      watch.refused(contextOf(kernel, request, principal), { method, path: request.routeOptions.url ?? '' });
    }
    done();
  });
}
