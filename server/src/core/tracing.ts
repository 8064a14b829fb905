// OpenTelemetry traces, when an endpoint is set: one span for each request, job and call outside. The trace's id is made
// of the request id, which goes from webhook to send anyway, so nothing else has to be carried along.
import { createHash, randomBytes } from 'node:crypto';
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import type { Egress } from './egress.ts';
import type { JobHandler, JobRun } from './queue.ts';

export interface Tracing {
  /** Spans for the routes of a server. */
  instrument(server: FastifyInstance): void;
  /** The same handler, in a span. */
  job(handler: JobHandler): JobHandler;
  /** The same door to the outside, each call in a span. */
  egress(egress: Egress): Egress;
  /** Sends what is waiting. */
  close(): Promise<void>;
}

const tracingOff: Tracing = {
  instrument: () => undefined,
  job: (handler) => handler,
  egress: (egress) => egress,
  close: async () => undefined,
};

/** A request id as a trace id (16 bytes, W3C Trace Context): a UUID is one already, anything else is hashed. */
export function traceIdOf(requestId: string): string {
  const hex = requestId.replaceAll('-', '').toLowerCase();
  return /^(?!0{32})[0-9a-f]{32}$/.test(hex)
    ? hex
    : createHash('sha256').update(requestId).digest('hex').slice(0, 32);
}

/** Starts tracing where OTEL_EXPORTER_OTLP_ENDPOINT is set; nothing of OpenTelemetry's SDK is loaded where it is not. */
export async function startTracing(config: Config): Promise<Tracing> {
  if (!config.OTEL_EXPORTER_OTLP_ENDPOINT) return tracingOff;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  // Read by the SDK while a span starts, which is synchronous.
  let nextTraceId: string | null = null;
  const sdk = new NodeSDK({
    serviceName: 'parley',
    // Metrics are read from /metrics, logs from stdout.
    metricReaders: [],
    logRecordProcessors: [],
    idGenerator: {
      generateTraceId: () => nextTraceId ?? randomBytes(16).toString('hex'),
      generateSpanId: () => randomBytes(8).toString('hex'),
    },
  });
  sdk.start();
  const tracer = trace.getTracer('parley');

  const begin = (name: string, kind: SpanKind, requestId: string | undefined): Span => {
    nextTraceId = requestId ? traceIdOf(requestId) : null;
    const span = tracer.startSpan(name, { kind, root: true });
    nextTraceId = null;
    if (requestId) span.setAttribute('parley.request_id', requestId);
    return span;
  };
  const finish = (span: Span, error?: unknown): void => {
    // The name of an error and no more: messages of libraries may hold what a person wrote.
    if (error !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
    }
    span.end();
  };

  return {
    instrument: (server) => {
      const spans = new WeakMap<FastifyRequest, Span>();
      server.addHook('onRequest', (request, _reply, done) => {
        const route = request.routeOptions.url ?? 'unknown';
        const span = begin(`${request.method} ${route}`, SpanKind.SERVER, request.id);
        span.setAttributes({ 'http.request.method': request.method, 'http.route': route });
        spans.set(request, span);
        context.with(trace.setSpan(context.active(), span), done);
      });
      server.addHook('onResponse', async (request, reply) => {
        const span = spans.get(request);
        span?.setAttribute('http.response.status_code', reply.statusCode);
        if (span) finish(span, reply.statusCode >= 500 ? new Error('HTTP') : undefined);
      });
      server.addHook('onRequestAbort', async (request) => spans.get(request)?.end());
    },
    job: (handler) => {
      const spanOf = (ctx: unknown, { attempt }: JobRun): Span => {
        const { requestId, workspaceId } = ctx as Partial<Context>;
        const span = begin(`job ${handler.job.name}`, SpanKind.CONSUMER, requestId);
        span.setAttribute('parley.job_attempt', attempt);
        if (workspaceId) span.setAttribute('parley.workspace_id', workspaceId);
        return span;
      };
      /** What is done together belongs to the first one's trace. */
      const within = async (spans: readonly Span[], work: () => Promise<void>): Promise<void> => {
        const [first] = spans;
        try {
          await (first ? context.with(trace.setSpan(context.active(), first), work) : work());
          for (const span of spans) finish(span);
        } catch (error) {
          for (const span of spans) finish(span, error);
          throw error;
        }
      };
      const { together } = handler;
      return {
        ...handler,
        run: (ctx, input, run) => within([spanOf(ctx, run)], () => handler.run(ctx, input, run)),
        ...(together && {
          together: (items) =>
            within(
              items.map(({ tx, run }) => spanOf(tx, run)),
              () => together(items),
            ),
        }),
      };
    },
    egress: (egress) => {
      const traced = async <T extends { readonly status: number }>(
        method: string,
        url: string,
        call: () => Promise<T>,
      ): Promise<T> => {
        // The host only: paths and queries hold account ids and telephone numbers.
        const host = URL.canParse(url) ? new URL(url).host : 'unknown';
        const span = tracer.startSpan(`call ${host}`, {
          kind: SpanKind.CLIENT,
          attributes: { 'http.request.method': method, 'server.address': host },
        });
        try {
          const answer = await call();
          span.setAttribute('http.response.status_code', answer.status);
          finish(span);
          return answer;
        } catch (error) {
          finish(span, error);
          throw error;
        }
      };
      return {
        request: (request) => traced(request.method ?? 'GET', request.url, () => egress.request(request)),
        stream: (request) => traced(request.method ?? 'GET', request.url, () => egress.stream(request)),
        fetch: (input, init) =>
          traced(
            init?.method ?? (input instanceof Request ? input.method : 'GET'),
            input instanceof Request ? input.url : String(input),
            () => egress.fetch(input, init),
          ),
        close: () => egress.close(),
      };
    },
    close: async () => {
      await sdk.shutdown().catch(() => undefined);
      trace.disable();
      context.disable();
    },
  };
}
