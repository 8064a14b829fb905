// What every HTTP server of ours stands on, whatever it serves: limits of time and size, request ids, the error envelope,
// the log and figures of its requests, and how it stops.
import Fastify, { type FastifyInstance } from 'fastify';
import { ParleyError } from './errors.ts';
import { answerBroken, installErrors, sendError, toParleyError } from './http-errors.ts';
import { newId } from './identifiers.ts';
import type { Kernel } from './kernel.ts';
import { isPersonal, plainHeaders } from './security-headers.ts';

/** Bodies longer than this are refused unless a route says otherwise. */
const bodyBytesMax = 256 * 1024;
const requestTimeoutMsDefault = 30_000;
const requestIdPattern = /^[\w.:-]{8,100}$/;

/** @param requestTimeoutMs how long a request may take to arrive, headers and body. */
export function createServer(kernel: Kernel, requestTimeoutMs = requestTimeoutMsDefault): FastifyInstance {
  const app = Fastify({
    logger: false,
    // One proxy: of the addresses in X-Forwarded-For only the last is its own word, the others are the caller's.
    trustProxy: kernel.config.PARLEY_TRUST_PROXY ? (_address, hop) => hop === 0 : false,
    bodyLimit: bodyBytesMax,
    // Fastify leaves Node's limits off; a slow sender must not hold a connection for ever.
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 6 },
    // A busy machine loads the modules slowly; what hangs is noticed by who started the process.
    pluginTimeout: 60_000,
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
  installErrors(app, kernel);
  refuseTwoHosts(app);
  refuseWhileClosing(app);
  stampReplies(app, kernel);
  recordRequests(app, kernel);
  return app;
}

// The hooks below run for every request, floods of webhooks among them: they call back, because a promise each costs more
// than what they do.

/** What is running may finish; whoever comes later is sent to another process. */
function refuseWhileClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  const stopping = () =>
    new ParleyError({
      status: 503,
      code: 'unavailable',
      message: 'This process is stopping. Try again in a moment.',
      headers: { 'retry-after': '1' },
    });
  app.addHook('onRequest', (_request, _reply, done) => (closing ? done(stopping()) : done()));
  // A connection that is kept would keep the server from closing until it times out.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
}

/** Node takes the first and says nothing; a proxy before us may have taken the other (RFC 9112, section 3.2). */
function refuseTwoHosts(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw: { rawHeaders } }, _reply, done) => {
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    }
    if (hosts <= 1) return done();
    done(new ParleyError({ status: 400, code: 'bad_request', message: 'The request names its host twice.' }));
  });
}

function stampReplies(app: FastifyInstance, kernel: Kernel): void {
  const headers = Object.entries(plainHeaders(kernel.config));
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id);
    // What a page or a file says of itself, it says before.
    for (const [name, value] of headers) if (!reply.hasHeader(name)) reply.header(name, value);
    if (isPersonal(request.url) && !reply.hasHeader('cache-control'))
      reply.header('cache-control', 'no-store');
    done(null, payload);
  });
}

function recordRequests(app: FastifyInstance, kernel: Kernel): void {
  const seconds = kernel.metrics.histogram('parley_http_seconds', 'How long requests take.', [
    'method',
    'route',
    'status',
  ]);
  app.addHook('onResponse', (request, reply, done) => {
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
    done();
  });
}
