import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEgress, EgressError } from '../../core/egress.ts';
import { createOpenAiCompatibleModels } from './models.ts';
import { createOpenAiSimulator } from './simulator.ts';

const exchanges: { request: unknown; status: number; body: unknown }[] = [];
const simulator = createOpenAiSimulator({
  apiKey: 'sk-simulated',
  onExchange: (exchange) => exchanges.push(exchange),
});
const egress = createEgress({ allowHosts: ['127.0.0.1'] });
const models = createOpenAiCompatibleModels(egress);
const messages = [{ role: 'user' as const, content: 'When do you open?' }];
const signal = AbortSignal.timeout(20_000);

beforeAll(async () => {
  await simulator.listen();
});
beforeEach(() => {
  simulator.reset();
  exchanges.length = 0;
});
afterAll(async () => {
  await simulator.close();
  await egress.close();
});

const open = (apiKey = 'sk-simulated') =>
  models.open({ baseUrl: simulator.baseUrl, model: 'simulated', apiKey });
const official = () => new OpenAI({ baseURL: simulator.baseUrl, apiKey: 'sk-simulated', maxRetries: 0 });

/** Judges by the vendor's own description; null where the project stands alone. */
function vendorSchemas(): ((name: string) => ValidateFunction) | null {
  const file = join(import.meta.dirname, '../../../../../shared/vendors/specs/openai_chat.trim.json');
  if (!existsSync(file)) {
    if (process.env.CI) throw new Error('openai_chat.trim.json is needed in CI');
    process.stdout.write('not checked: openai_chat.trim.json is not here\n');
    return null;
  }
  const description = z
    .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('unixtime', { type: 'number', validate: Number.isInteger });
  ajv.addSchema(withNulls(description) as object, 'openai');
  return (name) => ajv.compile({ $ref: `openai#/components/schemas/${name}` });
}

/** `nullable` is a word of OpenAPI 3.0, which ajv takes beside a type only. */
function withNulls(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNulls);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Record<string, unknown>;
  const mapped = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNulls(value)]));
  if (nullable !== true)
    return nullable === undefined ? mapped : { ...mapped, nullable: withNulls(nullable) };
  return { anyOf: [mapped, { type: 'null' }] };
}

describe('the simulated endpoint', () => {
  it('answers the official client, whole and in pieces, and counts tokens', async () => {
    simulator.answerWith((call) => `You asked: ${call.messages.at(-1)?.content}`);
    const asked = {
      model: 'simulated',
      messages: [{ role: 'system' as const, content: 'Be brief.' }, ...messages],
    };
    const whole = await official().chat.completions.create({ ...asked, max_tokens: 50 });
    expect(whole.choices[0]?.message.content).toBe('You asked: When do you open?');
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    let streamed = '';
    for await (const piece of await official().chat.completions.create({ ...asked, stream: true }))
      streamed += piece.choices[0]?.delta.content ?? '';
    expect(streamed).toBe('You asked: When do you open?');
    expect(simulator.ledger()).toMatchObject([
      {
        model: 'simulated',
        outputTokensMax: 50,
        stream: false,
        messages: [{ role: 'system' }, { role: 'user' }],
      },
      { stream: true, apiKey: 'sk-simulated' },
    ]);
  });

  it('says and hears what OpenAI describes', async () => {
    const schemas = vendorSchemas();
    await (await open().chat({ messages, max_tokens: 50 }, signal)).json();
    const streamed = await open().chat(
      { messages, stream: true, stream_options: { include_usage: true } },
      signal,
    );
    for await (const _ of streamed.pieces());
    for (const kind of ['429', '500'] as const) {
      simulator.fault(kind);
      expect((await open().chat({ messages }, signal)).status).toBe(Number(kind));
    }
    expect((await open('sk-wrong').chat({ messages }, signal)).status).toBe(401);
    expect(exchanges.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 401, 429, 500]));
    if (!schemas) return;
    const request = schemas('CreateChatCompletionRequest');
    const answers = {
      whole: schemas('CreateChatCompletionResponse'),
      piece: schemas('CreateChatCompletionStreamResponse'),
      error: schemas('ErrorResponse'),
    };
    for (const exchange of exchanges) {
      expect(request(exchange.request) ? [] : request.errors).toEqual([]);
      const isPiece = z
        .object({ object: z.literal('chat.completion.chunk') })
        .safeParse(exchange.body).success;
      const answer = exchange.status >= 400 ? answers.error : isPiece ? answers.piece : answers.whole;
      expect(answer(exchange.body) ? [] : answer.errors).toEqual([]);
    }
  });

  it('sends the newer name of the limit to the hosts that ask for it', async () => {
    const bodies: unknown[] = [];
    const recording = createOpenAiCompatibleModels({
      stream: async ({ body }) => {
        bodies.push(JSON.parse(String(body)));
        throw new EgressError('not_sent', 'nobody is called here');
      },
    });
    const model = recording.open({ baseUrl: 'https://api.openai.com/v1', model: 'gpt', apiKey: 'sk' });
    await expect(model.chat({ messages, max_tokens: 7 }, signal)).rejects.toThrow();
    expect(bodies).toMatchObject([{ model: 'gpt', max_completion_tokens: 7 }]);
    expect(bodies[0]).not.toHaveProperty('max_tokens');
  });

  it('is read to its end, so that one connection serves many answers', async () => {
    for (let count = 0; count < 20; count += 1) {
      const answer = await open().chat({ messages, stream: true }, signal);
      let pieces = 0;
      for await (const _ of answer.pieces()) pieces += 1;
      expect(pieces).toBeGreaterThan(2);
    }
    expect(simulator.connections()).toBeLessThan(5);
  });
});
