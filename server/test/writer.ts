// A model endpoint that writes when a test lets it: each call waits for what it is to say, piece by piece.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model } from '@parley/contract/models';
import type { ApiClient } from './harness.ts';

export interface WriterCall {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  /** Whether whoever asked still listens. */
  isOpen(): boolean;
  write(piece: string): void;
  /** Calls a tool, and ends. */
  callTool(name: string, input: object): void;
  end(): void;
  /** Closes the connection in the middle. */
  breakOff(): void;
}

export interface Writer {
  readonly baseUrl: string;
  /** Every call, in order. */
  readonly calls: readonly WriterCall[];
  /** Adds it to a workspace as the model that its assistant prefers. */
  join(admin: ApiClient, changes?: object): Promise<Model>;
  close(): Promise<void>;
}

export async function startWriter(): Promise<Writer> {
  const calls: WriterCall[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    calls.push(callOf(JSON.parse(text).messages, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return {
    baseUrl,
    calls,
    join: async (admin, changes = {}) => {
      const { body: model } = await admin.post<Model>('/api/v1/models', {
        name: 'Writer',
        baseUrl,
        model: 'writer',
        enabled: true,
        inputPriceMicros: 1_000_000,
        outputPriceMicros: 1_000_000,
        outputTokensMax: 1000,
        timeoutMs: 40_000,
        firstTokenMs: 30_000,
        betweenTokensMs: 30_000,
        ...changes,
      });
      await admin.put('/api/v1/assistant', {
        policy: 'auto',
        persona: '',
        burstWaitMs: 0,
        repliesPerHourMax: 20,
        modelId: model.id,
      });
      return model;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callOf(messages: WriterCall['messages'], response: ServerResponse): WriterCall {
  const send = (body: object) =>
    response.write(
      `data: ${JSON.stringify({ id: 'one', created: 1, model: 'writer', object: 'chat.completion.chunk', ...body })}\n\n`,
    );
  const finish = (reason: string) => {
    send({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
    send({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 } });
    response.end('data: [DONE]\n\n');
  };
  return {
    messages,
    isOpen: () => !response.destroyed,
    write: (content) =>
      send({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] }),
    callTool: (name, input) => {
      const call = { id: 'call-1', type: 'function', function: { name, arguments: JSON.stringify(input) } };
      send({
        choices: [
          {
            index: 0,
            delta: { role: 'assistant', tool_calls: [{ index: 0, ...call }] },
            finish_reason: null,
          },
        ],
      });
      finish('tool_calls');
    },
    end: () => finish('stop'),
    breakOff: () => response.destroy(),
  };
}
