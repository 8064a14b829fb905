// HTTP of the OpenAI-compatible API: other programs ask the router as they would ask OpenAI, with a key of the workspace.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { toParleyError } from '../../core/http-errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import {
  type CompletionRequest,
  complete,
  completionRequest,
  listAsOpenAi,
  stream,
  toOpenAiError,
} from './completions.ts';
import { inferenceRuntime } from './runtime.ts';

const tags = ['OpenAI-compatible'];
/** Pictures come inside the request. */
const bodyLimit = 8 * 1024 * 1024;

const openAiModels = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({ id: z.string(), object: z.literal('model'), created: z.number().int(), owned_by: z.string() }),
  ),
});

export async function registerCompletionRoutes(server: FastifyInstance, kernel: Kernel): Promise<void> {
  server.addHook('onClose', async () => {
    const { background, notes } = kernel.use(inferenceRuntime);
    await Promise.all([...background, notes.flush()]);
  });
  await server.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => sendOpenAiError(error, request, reply, kernel));
    const app = scope.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/v1/models',
      {
        schema: { summary: 'List models as OpenAI does', tags, response: { 200: openAiModels } },
        config: { permission: 'models:ask' },
      },
      async (request) => listAsOpenAi(request.ctx),
    );
    app.post(
      '/v1/chat/completions',
      {
        bodyLimit,
        schema: {
          summary: 'Ask models as one asks OpenAI: at once or in pieces',
          tags,
          body: completionRequest,
          response: { 200: z.looseObject({}) },
        },
        config: { permission: 'models:ask' },
      },
      async (request, reply) => {
        const signal = endOf(reply);
        if (request.body.stream !== true) return complete(request.ctx, request.body, signal);
        await streamTo(request, reply, request.body, signal);
        return reply;
      },
    );
  });
}

/** Aborts when the caller has gone. */
function endOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the caller has gone'));
  });
  return gone.signal;
}

async function streamTo(
  request: FastifyRequest,
  reply: FastifyReply,
  body: CompletionRequest,
  signal: AbortSignal,
): Promise<void> {
  let raw: ServerResponse | null = null;
  const write = (data: string) => {
    if (!raw) {
      reply.hijack();
      raw = reply.raw;
      raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        'x-request-id': request.id,
      });
    }
    raw.write(`data: ${data}\n\n`);
  };
  try {
    await stream(request.ctx, body, signal, write);
  } catch (error) {
    // With the head gone, nothing but the end of the connection can tell that something failed.
    if (!raw) throw error;
    if (!signal.aborted) request.ctx.log.error({ err: error }, 'an answer in pieces broke off');
    reply.raw.destroy();
    return;
  }
  reply.raw.end();
}

function sendOpenAiError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  kernel: Kernel,
): FastifyReply {
  const known = toParleyError(error);
  if (known.status >= 500 && known !== error)
    kernel.log.error({ err: error, request_id: request.id }, 'a request failed');
  return reply
    .code(known.status)
    .headers({ ...known.headers })
    .send(toOpenAiError(known));
}
