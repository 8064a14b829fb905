import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Usage } from '@parley/contract/budgets';
import type { Model } from '@parley/contract/models';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import OpenAI, { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';

const [first, second] = [createOpenAiSimulator(), createOpenAiSimulator()];
let test: TestApp;
let workspace: TestWorkspace;
let client: OpenAI;
beforeAll(async () => {
  await Promise.all([first.listen(), second.listen()]);
  test = await startTestApp({ environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
  workspace = await test.workspace();
  client = await clientOf(workspace);
  await addModel(workspace, { capabilities: ['chat', 'tools'] });
  await addModel(workspace, { name: 'Second', baseUrl: second.baseUrl });
});
afterEach(() => {
  first.reset();
  second.reset();
});
afterAll(async () => {
  await test.close();
  await Promise.all([first.close(), second.close()]);
});

async function clientOf(of: TestWorkspace, role: 'agent' | 'viewer' = 'agent'): Promise<OpenAI> {
  const { authorization = '' } = await of.as(role).authorization();
  return new OpenAI({
    baseURL: `${test.url}/v1`,
    apiKey: authorization.replace('Bearer ', ''),
    maxRetries: 0,
  });
}

async function addModel(of: TestWorkspace, changes: object = {}): Promise<void> {
  const input = { name: 'First', baseUrl: first.baseUrl, model: 'simulated', ...changes };
  expect((await of.as('admin').post<Model>('/api/v1/models', input)).status).toBe(201);
}

const messages = [{ role: 'user' as const, content: 'When do you open?' }];
const sentence = 'We are open from nine to six on all weekdays.';

/** By OpenAI's own description; null where the project stands alone. */
function vendorSchemas() {
  const file = join(import.meta.dirname, '../../../../../shared/vendors/specs/openai_chat.trim.json');
  if (!existsSync(file)) return null;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('unixtime', { type: 'number', validate: Number.isInteger });
  ajv.addSchema(withNulls(JSON.parse(readFileSync(file, 'utf8'))) as object, 'openai');
  return (name: string, value: unknown) => {
    const validate = ajv.compile({ $ref: `openai#/components/schemas/${name}` });
    return validate(value) ? [] : validate.errors;
  };
}

function withNulls(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNulls);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Record<string, unknown>;
  const mapped = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNulls(value)]));
  return nullable === true ? { anyOf: [mapped, { type: 'null' }] } : mapped;
}

async function post(body: object) {
  const headers = { ...(await workspace.as('agent').authorization()), 'content-type': 'application/json' };
  return fetch(`${test.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function failure(call: Promise<unknown>): Promise<APIError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

describe('the official client', () => {
  it('lists models, and gets answers whole and in pieces', async () => {
    const listed = [];
    for await (const { id } of client.models.list()) listed.push(id);
    expect(listed).toEqual(['auto', 'First', 'Second']);
    first.answerWith(sentence);
    const whole = await client.chat.completions.create({ model: 'auto', messages, temperature: 0.2 });
    expect(whole).toMatchObject({ model: 'First', choices: [{ message: { content: sentence } }] });
    expect(whole.usage?.total_tokens).toBeGreaterThan(0);
    const stream = await client.chat.completions.create({
      model: 'First',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const ids = new Set<string>();
    let tokens = 0;
    for await (const chunk of stream) {
      ids.add(chunk.id);
      text += chunk.choices[0]?.delta.content ?? '';
      tokens += chunk.usage?.total_tokens ?? 0;
    }
    expect([text, ids.size, tokens > 0]).toEqual([sentence, 1, true]);
  });

  it('gets one answer though the model that began it was cut off', async () => {
    first.answerWith(sentence);
    first.fault('cut', null);
    second.answerWith(({ messages: heard }) => {
      const said = heard.at(-2)?.content ?? '';
      return said.trim().split(' ').at(-1) + sentence.slice(said.trimEnd().length);
    });
    const stream = await client.chat.completions.create({ model: 'First', messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(sentence);
    expect(second.ledger()).toHaveLength(1);
  });

  it('hears of it where nobody can go on with an answer', async () => {
    const alone = await test.workspace();
    await addModel(alone);
    first.answerWith(sentence);
    first.fault('cut', null);
    const stream = await (await clientOf(alone)).chat.completions.create({
      model: 'auto',
      messages,
      stream: true,
    });
    const error = await failure(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    expect(error.message).toContain('cut off');
  });

  it('is told in OpenAI’s words what is wrong', async () => {
    const wrong = new OpenAI({ baseURL: `${test.url}/v1`, apiKey: 'pk_made-up', maxRetries: 0 });
    const ask = (of: OpenAI, body: object = {}) =>
      failure(of.chat.completions.create({ model: 'auto', messages, ...body } as never));
    expect(await ask(wrong)).toMatchObject({ status: 401, type: 'authentication_error' });
    expect(await ask(await clientOf(workspace, 'viewer'))).toMatchObject({
      status: 403,
      type: 'permission_error',
    });
    expect(await ask(client, { model: 'gpt-0' })).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(await ask(client, { messages: [] })).toMatchObject({
      status: 400,
      param: 'messages',
      type: 'invalid_request_error',
    });
    expect(await ask(client, { n: 2 })).toMatchObject({ status: 400, param: 'n' });
    const picture = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }];
    expect(await ask(client, { messages: picture })).toMatchObject({ status: 400, code: 'unsupported' });
    for (const simulator of [first, second]) simulator.fault('500', null);
    expect(await ask(client)).toMatchObject({ status: 503, type: 'server_error', code: 'no_model' });
  });

  it('gets no private content out of the house', async () => {
    const content = 'Charge 4111 1111 1111 1111';
    const error = await failure(
      client.chat.completions.create({ model: 'First', messages: [{ role: 'user', content }] }),
    );
    expect(error).toMatchObject({ status: 403, code: 'private_content' });
    expect([...first.ledger(), ...second.ledger()]).toEqual([]);
    const { items } = (await workspace.as('viewer').get<{ items: object[] }>('/api/v1/routing/receipts'))
      .body;
    expect(items).toMatchObject([{ purpose: 'api', because: ['card'] }]);
  });

  it('looks for private content in what was called and told, too', async () => {
    const card = '4111 1111 1111 1111';
    const call = (input: object) => ({
      role: 'assistant' as const,
      content: null,
      tool_calls: [
        {
          id: 'call_1',
          type: 'function' as const,
          function: { name: 'pay', arguments: JSON.stringify(input) },
        },
      ],
    });
    const told = (content: string) => ({ role: 'tool' as const, tool_call_id: 'call_1', content });
    for (const said of [
      [call({ card }), told('paid')],
      [call({}), told(card)],
      [{ role: 'assistant' as const, content: [{ type: 'text' as const, text: card }] }],
    ]) {
      const asked = client.chat.completions.create({
        model: 'First',
        messages: [...messages, ...said, ...messages],
      });
      expect(await failure(asked)).toMatchObject({ code: 'private_content' });
    }
    expect([...first.ledger(), ...second.ledger()]).toEqual([]);
  });

  it('gives up by hanging up, and the model is left alone', async () => {
    first.fault('endless', null);
    const stream = await client.chat.completions.create({ model: 'First', messages, stream: true });
    for await (const _ of stream) break;
    stream.controller.abort();
    await test.until('the call to end', async () => first.open() === 0);
  });

  it('is in the ledger with what it used', async () => {
    const fresh = await test.workspace();
    await addModel(fresh);
    const asker = await clientOf(fresh);
    for (const _ of [1, 2, 3]) await asker.chat.completions.create({ model: 'auto', messages });
    const [entry] = await test.until('the entries', async () => {
      const path = '/api/v1/usage?by=purpose';
      const { items } = (await fresh.as('viewer').get<Usage>(path)).body;
      return items[0]?.calls === 3 && items;
    });
    expect(entry).toMatchObject({ key: 'api', costMicros: 0 });
    expect(entry?.inputTokens).toBeGreaterThan(0);
  });

  it('spends what the budget has, and no more', async () => {
    const poor = await test.workspace();
    await addModel(poor, { inputPriceMicros: 1_000_000_000, outputPriceMicros: 1_000_000_000 });
    await poor.as('admin').put('/api/v1/budget', { limitMicros: 1 });
    const error = await failure((await clientOf(poor)).chat.completions.create({ model: 'auto', messages }));
    expect(error).toMatchObject({ status: 429, type: 'insufficient_quota', code: 'budget_exhausted' });
    expect(first.ledger()).toEqual([]);
  });

  it('holds for each picture what the most expensive model makes of one', async () => {
    const fresh = await test.workspace();
    await addModel(fresh, { capabilities: ['chat', 'vision'] });
    const cap = { scope: 'workspace', period: 'day', unit: 'tokens', limit: 60_000 };
    expect((await fresh.as('admin').post('/api/v1/budget-caps', cap)).status).toBe(201);
    const asker = await clientOf(fresh);
    const picture = (url: string) => ({ type: 'image_url' as const, image_url: { url } });
    const ask = (...content: ReturnType<typeof picture>[]) =>
      asker.chat.completions.create({ model: 'auto', messages: [{ role: 'user', content }] });
    const [small, large] = ['data:image/png;base64,AAAA', `data:image/png;base64,${'A'.repeat(80_000)}`];
    expect(await failure(ask(picture(small), picture(small)))).toMatchObject({ code: 'budget_exhausted' });
    expect(first.ledger()).toEqual([]);
    expect((await ask(picture(large))).choices).toHaveLength(1);
  });
});

describe('requests and answers', () => {
  it('are what OpenAI describes, and what the router does not know goes on to the model', async () => {
    const schemas = vendorSchemas();
    const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }];
    const request = {
      model: 'auto',
      messages,
      tools,
      response_format: { type: 'json_object' },
      seed: 7,
      user: 'u',
    };
    const whole = await post(request);
    const chunks = (await (await post({ ...request, stream: true })).text())
      .split('\n\n')
      .map((event) => event.replace('data: ', ''))
      .filter((data) => data.startsWith('{'))
      .map((data) => JSON.parse(data) as unknown);
    const bodies = first.bodies();
    expect(bodies).toMatchObject([
      { model: 'simulated', tools, response_format: { type: 'json_object' }, seed: 7 },
      { stream: true, stream_options: { include_usage: true } },
    ]);
    const error = await post({ model: 'none', messages });
    const models = await workspace.as('agent').get<object>('/v1/models');
    if (!schemas) {
      if (process.env.CI) throw new Error('openai_chat.trim.json is needed in CI');
      return;
    }
    for (const body of bodies) expect(schemas('CreateChatCompletionRequest', body)).toEqual([]);
    expect(schemas('CreateChatCompletionResponse', await whole.json())).toEqual([]);
    expect(chunks.length).toBeGreaterThan(3);
    for (const chunk of chunks) expect(schemas('CreateChatCompletionStreamResponse', chunk)).toEqual([]);
    expect(schemas('ErrorResponse', await error.json())).toEqual([]);
    expect(schemas('ListModelsResponse', models.body)).toEqual([]);
  });
});
