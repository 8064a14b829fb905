// Endpoints that speak OpenAI's chat completions and embeddings (OpenAI, Groq, Hugging Face, Ollama, llama.cpp, …). A request
// goes out as it is, and what comes back is handed over as it came: who routes must not lose what it does not know.
import { createParser } from 'eventsource-parser';
import type { Egress } from '../../core/egress.ts';

/** OpenAI itself refuses the older name of the limit for its newer models; others know only that one. */
const newerLimitHosts = new Set(['api.openai.com', 'api.groq.com']);
const bytesMax = 32 * 1024 * 1024;
/** An endpoint that goes on after it said that it is done loses its connection. */
const afterwardsMsMax = 1000;

/** The head of an answer; its body is read in one of two ways, once. */
export interface ChatAnswer {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  /** @throws SyntaxError, EgressError */
  json(): Promise<unknown>;
  /** What stands in its server-sent events, to the end or `[DONE]`. @throws SyntaxError, EgressError */
  pieces(): AsyncIterable<unknown>;
}

export interface ChatEndpoint {
  /** @param body a chat completion request, but for the model. @throws EgressError */
  chat(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ChatAnswer>;
  /** @param body a request of embeddings, but for the model. @throws EgressError */
  embed(body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ChatAnswer>;
}

/** Opens models whose calls leave by the guarded way out. */
export function createOpenAiCompatibleModels(egress: Pick<Egress, 'stream'>) {
  return {
    open(endpoint: { baseUrl: string; model: string; apiKey: string | null }): ChatEndpoint {
      const isNewer = newerLimitHosts.has(new URL(endpoint.baseUrl).hostname);
      const headers = {
        'content-type': 'application/json',
        ...(endpoint.apiKey === null ? {} : { authorization: `Bearer ${endpoint.apiKey}` }),
      };
      const post = async (path: string, body: object, signal: AbortSignal): Promise<ChatAnswer> => {
        const answer = await egress.stream({
          url: `${endpoint.baseUrl}${path}`,
          method: 'POST',
          headers,
          body: JSON.stringify({ ...body, model: endpoint.model }),
          bytesMax,
          signal,
        });
        return {
          status: answer.status,
          headers: answer.headers,
          json: async () => JSON.parse(await textOf(answer.body)),
          pieces: () => piecesOf(answer.body),
        };
      };
      return {
        chat: (body, signal) => post('/chat/completions', isNewer ? withNewerLimit(body) : body, signal),
        embed: (body, signal) => post('/embeddings', body, signal),
      };
    },
  };
}

function withNewerLimit({ max_tokens: limit, ...body }: Readonly<Record<string, unknown>>) {
  return limit === undefined ? body : { ...body, max_completion_tokens: limit };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function* piecesOf(body: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const arrived: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => arrived.push(data) });
  const decoder = new TextDecoder();
  const chunks = body[Symbol.asyncIterator]();
  let isDone = false;
  try {
    while (!isDone) {
      const { done, value } = await chunks.next();
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const data of arrived.splice(0)) {
        isDone = data === '[DONE]';
        if (isDone) break;
        yield JSON.parse(data);
      }
    }
  } finally {
    // Read to its end, the connection serves the next call.
    if (isDone) void readOut(chunks);
    else await chunks.return?.();
  }
}

async function readOut(chunks: AsyncIterator<Buffer>): Promise<void> {
  const timer = setTimeout(() => void chunks.return?.(), afterwardsMsMax);
  timer.unref();
  try {
    while (!(await chunks.next()).done);
  } catch {
    // Whatever it was, the answer was complete before.
  } finally {
    clearTimeout(timer);
  }
}
