import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model } from '@parley/contract/models';
import type { LiveFrame } from '@parley/contract/realtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { livePort } from '../../core/realtime/live.ts';

/** Sends each piece of its answer when the test lets it. */
const pieces = ['We open [P', '1] at', ' nine.'];
const gates = pieces.map(() => Promise.withResolvers<void>());
const end = Promise.withResolvers<void>();
let knowsPieces = true;
const asked: { stream?: boolean; stream_options?: unknown }[] = [];
const endpoint = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const call = JSON.parse(text);
  asked.push(call);
  const head = { id: 'one', created: 1, model: 'slow' };
  const usage = { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 };
  if (!call.stream) {
    const message = { role: 'assistant', content: 'We open at ten.' };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage,
      }),
    );
    return;
  }
  if (!knowsPieces) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ error: { message: 'stream is not supported', type: 'invalid_request_error' } }),
    );
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const write = (body: object) =>
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...body })}\n\n`);
  for (const [index, content] of pieces.entries()) {
    await gates[index]?.promise;
    write({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] });
  }
  await end.promise;
  write({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  write({ choices: [], usage });
  response.end('data: [DONE]\n\n');
});

let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  twilio = await startTwilio();
  test = await startTestApp({ environment: { ...twilio.environment, EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
  endpoint.close();
});

async function openShop() {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await twilio.connectTwilio(workspace);
  const { body: model } = await admin.post<Model>('/api/v1/models', {
    name: 'slow',
    baseUrl: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1`,
    model: 'slow',
    local: false,
    enabled: true,
    position: 0,
    inputPriceMicros: 1_000_000,
    outputPriceMicros: 1_000_000,
    outputTokensMax: 100,
    timeoutMs: 20_000,
  });
  await admin.put('/api/v1/assistant', {
    policy: 'auto',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 20,
    modelId: model.id,
    // What it writes rests on nothing.
    supportNeeded: 0,
  });
  const frames: (LiveFrame & { kind: 'assistant_writing' })[] = [];
  const stop = test.kernel.use(livePort).listen({
    hear: (workspaceId, frame, permission) => {
      if (workspaceId !== workspace.id || frame.kind !== 'assistant_writing') return;
      expect(permission).toBe('conversations:read');
      frames.push(frame);
    },
    isWanted: () => true,
  });
  return { frames, stop };
}

it('members see the answer grow while a model writes it, without its marks, and that it is done', async () => {
  const { frames, stop } = await openShop();
  await twilio.text({ from: '+15551230001', body: 'When do you open?' });
  const seen = (text: string | null, active = true) =>
    test.until(`the assistant to have written ${text}`, async () =>
      frames.some((frame) => frame.text === text && frame.active === active),
    );
  await seen(null);
  gates[0]?.resolve();
  await seen('We open');
  gates[1]?.resolve();
  await seen('We open at');
  gates[2]?.resolve();
  await seen('We open at nine.');
  end.resolve();
  const finished = await test.event('run.finished');
  await seen(null, false);
  expect(frames.map(({ text }) => text)).toEqual([null, 'We open', 'We open at', 'We open at nine.', null]);
  expect(new Set(frames.map(({ runId }) => runId))).toEqual(new Set([finished.payload.runId]));
  expect(finished.payload).toMatchObject({ outcome: 'answered' });
  const [sent] = await test.until('the answer to be sent', async () => {
    const ledger = twilio.simulator.ledger();
    return ledger.length > 0 && ledger;
  });
  expect(sent?.body).toBe('We open at nine.');
  expect(asked).toMatchObject([{ stream: true, stream_options: { include_usage: true } }]);
  stop();
});

it('an endpoint that cannot answer in pieces is asked for the whole', async () => {
  knowsPieces = false;
  asked.length = 0;
  const { frames, stop } = await openShop();
  await twilio.text({ from: '+15551230002', body: 'When do you open?' });
  await test.until('the answer', async () =>
    twilio.simulator.ledger().some(({ body }) => body === 'We open at ten.'),
  );
  await test.until('the end', async () => frames.at(-1)?.active === false);
  expect(frames.map(({ text, active }) => [text, active])).toEqual([
    [null, true],
    [null, false],
  ]);
  expect(asked.map(({ stream }) => stream === true)).toEqual([true, false]);
  stop();
});
