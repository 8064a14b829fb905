// An endpoint in the box that speaks OpenAI's chat completions (JSON and server-sent events) and embeddings, with its failures
// on request. https://platform.openai.com/docs/api-reference/chat/create and /embeddings/create

import type { ServerResponse } from 'node:http';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { newId } from '../../core/identifiers.ts';
import { distort, embeddingRequest, type SimulatedVectors, toBase64 } from './simulator-embeddings.ts';

/**
 * - `500`, `429`: refused; `no_pieces`: refuses an answer in pieces; `hang`: taken and never answered; `reset`: the connection is cut.
 * - `nonsense`: 200 with what is no completion; `empty`: a completion without words; `filtered`: stopped by a filter.
 * - Of vectors: `dimension` makes the last one shorter, `no_number` has one that is none, `too_few` leaves one out, `twice` gives an
 *   index twice, `unordered` begins with the last, `zero` points nowhere, `uncounted` does not say how many tokens it read.
 * - In an answer in pieces, after three words: `cut` closes the connection, `stall` says no more, `malformed` goes on with
 *   half a JSON, `error` with an error; `endless` repeats them for ever; `slow` leaves a moment between any two words.
 */
export const modelFaults = [
  '500',
  '429',
  'no_pieces',
  'hang',
  'reset',
  'nonsense',
  'empty',
  'filtered',
  'dimension',
  'no_number',
  'too_few',
  'twice',
  'unordered',
  'zero',
  'uncounted',
  'cut',
  'stall',
  'malformed',
  'error',
  'endless',
  'slow',
] as const;
export type ModelFault = (typeof modelFaults)[number];

const completionRequest = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() })), z.null()]),
      }),
    )
    .min(1),
  max_tokens: z.number().int().optional(),
  max_completion_tokens: z.number().int().optional(),
  stream: z.boolean().default(false),
  tools: z
    .array(z.object({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }))
    .optional(),
});

/** What it calls, and says beside it. */
export interface SimulatedToolCalls {
  readonly text?: string;
  /** A string goes out as it is, JSON or not. */
  readonly calls: readonly { readonly name: string; readonly input: object | string }[];
}
export type SimulatedAnswer = string | SimulatedToolCalls;

export interface SimulatedCall {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly outputTokensMax: number | null;
  readonly stream: boolean;
  /** The names of the tools that it may call. */
  readonly tools: readonly string[];
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
  answerWith(answer: SimulatedAnswer | ((call: SimulatedCall) => SimulatedAnswer)): void;
  /** What it makes of a text from now on. */
  embedWith(vectors: SimulatedVectors): void;
  /** The texts of every request of vectors that was understood, in order, refused or not. */
  embedded(): readonly (readonly string[])[];
  /** Strikes the next calls; `times` null: all until `reset`. */
  fault(kind: ModelFault, times?: number | null): void;
  /** Keeps every answer back until the returned function is called. */
  hold(): () => void;
  /** Every call that was understood, in order, refused or not. */
  ledger(): readonly SimulatedCall[];
  /** The body of every such call, as it came. */
  bodies(): readonly unknown[];
  /** How many calls are being answered. */
  open(): number;
  /** How many connections were made to it, ever. */
  connections(): number;
  /** No faults, no ledger, the first answer again. */
  reset(): void;
}

/** Texts with the same first letter point the same way. */
const firstVectors: SimulatedVectors = (text) => {
  const letter = (text.toLowerCase().codePointAt(0) ?? 0) % 8;
  return Array.from({ length: 8 }, (_, at) => (at === letter ? 1 : 0.1));
};
const firstAnswer = 'We are open from 9 to 18 on weekdays.';
const fingerprint = 'fp_simulated';

export function createOpenAiSimulator(options: OpenAiSimulatorOptions = {}): OpenAiSimulator {
  let url = '';
  let answer: (call: SimulatedCall) => SimulatedAnswer = () => firstAnswer;
  let vectors = firstVectors;
  let embedded: string[][] = [];
  let calls: SimulatedCall[] = [];
  let faults: { kind: ModelFault; left: number }[] = [];
  let gate: Promise<void> = Promise.resolve();

  const app = Fastify({ logger: false, forceCloseConnections: true });
  let bodies: unknown[] = [];
  let open = 0;
  let connections = 0;
  app.server.on('connection', () => {
    connections += 1;
  });
  const nextFault = (): ModelFault | null => {
    const fault = faults.find(({ left }) => left > 0);
    if (fault) fault.left -= 1;
    return fault?.kind ?? null;
  };
  const send = (reply: FastifyReply, request: unknown, status: number, body: unknown) => {
    options.onExchange?.({ request, status, body });
    return reply.code(status).send(body);
  };

  /** Null: refused. */
  const keyOf = (request: FastifyRequest): { apiKey: string | null } | null => {
    const apiKey = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    return options.apiKey !== undefined && apiKey !== options.apiKey ? null : { apiKey };
  };
  /** What strikes chats and vectors alike. Null: nothing did, and the answer is still to come. */
  const strike = async (fault: ModelFault | null, request: FastifyRequest, reply: FastifyReply) => {
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
    return null;
  };

  app.post('/v1/embeddings', async (request, reply) => {
    if (!keyOf(request))
      return send(reply, request.body, 401, refusal('Incorrect API key provided.', 'invalid_request_error'));
    const parsed = embeddingRequest.safeParse(request.body);
    if (!parsed.success)
      return send(reply, request.body, 400, refusal(parsed.error.message, 'invalid_request_error'));
    const { model, input, encoding_format: format } = parsed.data;
    const texts = typeof input === 'string' ? [input] : input;
    embedded.push(texts);
    const fault = nextFault();
    const struck = await strike(fault, request, reply);
    if (struck) return struck;
    const made = texts.map(vectors).filter((one) => one !== null);
    if (made.length < texts.length)
      return send(reply, request.body, 400, refusal('The input is too long.', 'invalid_request_error'));
    const data = distort(fault, made).map(({ embedding, index }) => ({
      object: 'embedding',
      index,
      embedding: format === 'base64' ? toBase64(embedding) : embedding,
    }));
    const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
    return send(reply, request.body, 200, {
      object: 'list',
      model,
      data,
      ...(fault === 'uncounted' ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
    });
  });
  app.get('/v1/models', async () => ({
    object: 'list',
    data: [{ id: 'simulated', object: 'model', created: 0, owned_by: 'parley' }],
  }));
  app.post('/v1/chat/completions', async (request, reply) => {
    const known = keyOf(request);
    if (!known)
      return send(reply, request.body, 401, refusal('Incorrect API key provided.', 'invalid_request_error'));
    const parsed = completionRequest.safeParse(request.body);
    if (!parsed.success) {
      return send(reply, request.body, 400, refusal(parsed.error.message, 'invalid_request_error'));
    }
    const { model, messages, stream, tools = [], max_tokens, max_completion_tokens } = parsed.data;
    const call: SimulatedCall = {
      model,
      messages: messages.map(({ role, content }) => ({ role, content: textOf(content) })),
      outputTokensMax: max_tokens ?? max_completion_tokens ?? null,
      stream,
      tools: tools.map((tool) => tool.function.name),
      apiKey: known.apiKey,
    };
    calls.push(call);
    bodies.push(request.body);
    open += 1;
    reply.raw.once('close', () => {
      open -= 1;
    });
    const fault = nextFault();
    const struck = await strike(fault, request, reply);
    if (struck) return struck;
    if (fault === 'no_pieces' && stream)
      return send(reply, request.body, 400, refusal('stream is not supported.', 'invalid_request_error'));
    const said = fault === 'empty' || fault === 'filtered' ? '' : answer(call);
    const { text = '', calls: toolCalls } =
      typeof said === 'string' ? { text: said, calls: [] } : { ...said, calls: said.calls.map(toWire) };
    const finishReason =
      fault === 'filtered' ? 'content_filter' : toolCalls.length > 0 ? 'tool_calls' : 'stop';
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
            message: {
              role: 'assistant',
              content: toolCalls.length > 0 && text === '' ? null : text,
              refusal: null,
              ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
            },
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
      ...toolCalls.flatMap(inPieces).map((piece) => chunk([choice({ tool_calls: [piece] }, null)])),
      chunk([choice({}, finishReason)]),
      chunk([], { usage }),
    ];
    for (const body of chunks) options.onExchange?.({ request: request.body, status: 200, body });
    if (fault !== null && midway.has(fault)) {
      reply.hijack();
      breakOff(reply.raw, fault, chunks.map(frame));
      return reply;
    }
    reply.type('text/event-stream');
    return reply.send(`${chunks.map(frame).join('')}data: [DONE]\n\n`);
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
      answer = typeof next === 'function' ? next : () => next;
    },
    embedWith(next) {
      vectors = next;
    },
    embedded: () => embedded,
    fault(kind, times = 1) {
      faults.push({ kind, left: times ?? Number.POSITIVE_INFINITY });
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    ledger: () => calls,
    bodies: () => bodies,
    open: () => open,
    connections: () => connections,
    reset() {
      calls = [];
      embedded = [];
      vectors = firstVectors;
      bodies = [];
      faults = [];
      gate = Promise.resolve();
      answer = () => firstAnswer;
    },
  };
}

const midway: ReadonlySet<ModelFault> = new Set(['cut', 'stall', 'malformed', 'error', 'endless', 'slow']);
/** The head, and three words. */
const framesBefore = 4;
const slowMs = 20;

const frame = (chunk: unknown) => `data: ${JSON.stringify(chunk)}\n\n`;

function breakOff(raw: ServerResponse, fault: ModelFault, frames: readonly string[]): void {
  raw.writeHead(200, { 'content-type': 'text/event-stream' });
  if (fault === 'slow') {
    const left = [...frames, 'data: [DONE]\n\n'];
    const timer = setInterval(() => {
      const next = left.shift();
      if (next === undefined) raw.end();
      else raw.write(next);
    }, slowMs);
    raw.once('close', () => clearInterval(timer));
    return;
  }
  const begun = frames.slice(0, framesBefore);
  const word = begun.at(-1) ?? '';
  if (fault === 'endless') {
    raw.write(begun.join(''));
    const goOn = () => {
      if (!raw.destroyed) raw.write(word.repeat(50), () => setImmediate(goOn));
    };
    goOn();
    return;
  }
  raw.write(begun.join(''), () => {
    if (fault === 'cut') raw.destroy();
    if (fault === 'malformed') raw.end('data: {"choices":[{"delta":{"cont\n\n');
    if (fault === 'error') raw.end(frame(refusal('The engine is overloaded.', 'server_error')));
  });
}

function toWire({ name, input }: SimulatedToolCalls['calls'][number]) {
  return {
    id: `call_${newId()}`,
    type: 'function' as const,
    function: { name, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
  };
}

/** The head of a call, and its arguments in two parts. */
function inPieces(call: ReturnType<typeof toWire>, index: number) {
  const { name, arguments: input } = call.function;
  const middle = Math.floor(input.length / 2);
  return [
    { index, id: call.id, type: 'function', function: { name, arguments: '' } },
    { index, function: { arguments: input.slice(0, middle) } },
    { index, function: { arguments: input.slice(middle) } },
  ];
}

function refusal(message: string, type: string) {
  return { error: { message, type, param: null, code: null } };
}

function textOf(content: string | readonly { text?: string }[] | null): string {
  return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
}

/** Four characters a token, as the vendor's rule of thumb has it. */
function usageOf(call: SimulatedCall, text: string) {
  const characters = call.messages.reduce((sum, { content }) => sum + content.length, 0);
  const prompt = Math.ceil(characters / 4);
  const completion = Math.ceil(text.length / 4);
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
