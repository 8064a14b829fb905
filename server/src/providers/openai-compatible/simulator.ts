// An endpoint in the box that speaks OpenAI's chat completions (JSON and server-sent events), with its failures on
// request. https://platform.openai.com/docs/api-reference/chat/create
import Fastify, { type FastifyReply } from 'fastify';
import { z } from 'zod';
import { newId } from '../../core/identifiers.ts';

/**
 * - `500`, `429`: refused; `hang`: taken and never answered; `reset`: the connection is cut.
 * - `nonsense`: 200 with what is no completion; `empty`: a completion without words; `filtered`: stopped by a filter.
 */
export const modelFaults = ['500', '429', 'hang', 'reset', 'nonsense', 'empty', 'filtered'] as const;
export type ModelFault = (typeof modelFaults)[number];

const completionRequest = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]),
      }),
    )
    .min(1),
  max_tokens: z.number().int().optional(),
  max_completion_tokens: z.number().int().optional(),
  stream: z.boolean().default(false),
});

export interface SimulatedCall {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly outputTokensMax: number | null;
  readonly stream: boolean;
  /** The key that came with it. */
  readonly apiKey: string | null;
}

export interface OpenAiSimulatorOptions {
  /** Refuses every other key with 401; absent: any key, and none, will do. */
  readonly apiKey?: string;
  /** Sees the body of every call and the answer to it, for a check by the vendor's description. */
  readonly onExchange?: (exchange: { request: unknown; status: number; body: unknown }) => void;
}

export interface OpenAiSimulator {
  /** The base URL, `http://127.0.0.1:{port}/v1`, while it listens. */
  readonly baseUrl: string;
  listen(): Promise<string>;
  close(): Promise<void>;
  /** What it says from now on. */
  answerWith(answer: string | ((call: SimulatedCall) => string)): void;
  /** Strikes the next calls; `times` null: all until `reset`. */
  fault(kind: ModelFault, times?: number | null): void;
  /** Keeps every answer back until the returned function is called. */
  hold(): () => void;
  /** Every call that was understood, in order, refused or not. */
  ledger(): readonly SimulatedCall[];
  /** No faults, no ledger, the first answer again. */
  reset(): void;
}

const firstAnswer = 'We are open from 9 to 18 on weekdays.';
const fingerprint = 'fp_simulated';

export function createOpenAiSimulator(options: OpenAiSimulatorOptions = {}): OpenAiSimulator {
  let url = '';
  let answer: (call: SimulatedCall) => string = () => firstAnswer;
  let calls: SimulatedCall[] = [];
  let faults: { kind: ModelFault; left: number }[] = [];
  let gate: Promise<void> = Promise.resolve();

  const app = Fastify({ logger: false, forceCloseConnections: true });
  const nextFault = (): ModelFault | null => {
    const fault = faults.find(({ left }) => left > 0);
    if (fault) fault.left -= 1;
    return fault?.kind ?? null;
  };
  const send = (reply: FastifyReply, request: unknown, status: number, body: unknown) => {
    options.onExchange?.({ request, status, body });
    return reply.code(status).send(body);
  };

  app.get('/v1/models', async () => ({
    object: 'list',
    data: [{ id: 'simulated', object: 'model', created: 0, owned_by: 'parley' }],
  }));
  app.post('/v1/chat/completions', async (request, reply) => {
    const apiKey = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    if (options.apiKey !== undefined && apiKey !== options.apiKey) {
      return send(reply, request.body, 401, refusal('Incorrect API key provided.', 'invalid_request_error'));
    }
    const parsed = completionRequest.safeParse(request.body);
    if (!parsed.success) {
      return send(reply, request.body, 400, refusal(parsed.error.message, 'invalid_request_error'));
    }
    const { model, messages, stream, max_tokens, max_completion_tokens } = parsed.data;
    const call: SimulatedCall = {
      model,
      messages: messages.map(({ role, content }) => ({ role, content: textOf(content) })),
      outputTokensMax: max_tokens ?? max_completion_tokens ?? null,
      stream,
      apiKey,
    };
    calls.push(call);
    const fault = nextFault();
    await gate;
    if (fault === 'hang') return new Promise(() => undefined);
    if (fault === 'reset') {
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    }
    if (fault === '429') {
      reply.header('retry-after', '1');
      return send(reply, request.body, 429, refusal('Rate limit reached.', 'rate_limit_error'));
    }
    if (fault === '500')
      return send(reply, request.body, 500, refusal('The server had an error.', 'server_error'));
    if (fault === 'nonsense') return reply.type('text/html').send('<html>Welcome to nginx!</html>');
    const text = fault === 'empty' || fault === 'filtered' ? '' : answer(call);
    const finishReason = fault === 'filtered' ? 'content_filter' : 'stop';
    const head = {
      id: `chatcmpl-${newId()}`,
      created: Math.floor(Date.now() / 1000),
      model,
      system_fingerprint: fingerprint,
    };
    const usage = usageOf(call, text);
    if (!stream) {
      return send(reply, request.body, 200, {
        ...head,
        object: 'chat.completion',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: text, refusal: null },
            logprobs: null,
            finish_reason: finishReason,
          },
        ],
        usage,
      });
    }
    const chunk = (choices: unknown[], tail: object = {}) => ({
      ...head,
      object: 'chat.completion.chunk',
      choices,
      ...tail,
    });
    const choice = (delta: object, finish: string | null) => ({
      index: 0,
      delta,
      logprobs: null,
      finish_reason: finish,
    });
    const chunks = [
      chunk([choice({ role: 'assistant', content: '' }, null)]),
      ...(text.match(/\S+\s*/g) ?? []).map((piece) => chunk([choice({ content: piece }, null)])),
      chunk([choice({}, finishReason)]),
      chunk([], { usage }),
    ];
    for (const body of chunks) options.onExchange?.({ request: request.body, status: 200, body });
    reply.type('text/event-stream');
    return reply.send(
      `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`,
    );
  });

  return {
    get baseUrl() {
      return `${url}/v1`;
    },
    async listen() {
      url = await app.listen({ host: '127.0.0.1', port: 0 });
      return `${url}/v1`;
    },
    close: () => app.close(),
    answerWith(next) {
      answer = typeof next === 'string' ? () => next : next;
    },
    fault(kind, times = 1) {
      faults.push({ kind, left: times ?? Number.POSITIVE_INFINITY });
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    ledger: () => calls,
    reset() {
      calls = [];
      faults = [];
      gate = Promise.resolve();
      answer = () => firstAnswer;
    },
  };
}

function refusal(message: string, type: string) {
  return { error: { message, type, param: null, code: null } };
}

function textOf(content: string | readonly { text?: string }[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
}

/** Four characters a token, as the vendor's rule of thumb has it. */
function usageOf(call: SimulatedCall, text: string) {
  const characters = call.messages.reduce((sum, { content }) => sum + content.length, 0);
  const prompt = Math.ceil(characters / 4);
  const completion = Math.ceil(text.length / 4);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
