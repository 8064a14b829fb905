import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp, type TestWorkspace } from '../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../test/twilio.ts';
import { traceIdOf } from './tracing.ts';

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const span = z.object({
  traceId: z.string(),
  name: z.string(),
  attributes: z.array(attribute).default([]),
  status: z.object({ code: z.number().optional() }).default({}),
});
/** OTLP/HTTP in JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
const traceExport = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
});

const received: string[] = [];
const collector = createServer((request, answer) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    received.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString());
    answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});

const spans = () =>
  received.flatMap((body) =>
    traceExport
      .parse(JSON.parse(body))
      .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
const attributesOf = ({ attributes }: z.infer<typeof span>) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

let app: TestApp;
let twilio: TestTwilio;
let workspace: TestWorkspace;
const before = { ...process.env };

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  process.env.OTEL_EXPORTER_OTLP_PROTOCOL = 'http/json';
  twilio = await startTwilio();
  app = await startTestApp({
    environment: {
      ...twilio.environment,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    },
  });
  workspace = await app.workspace();
  await twilio.connectTwilio(workspace);
});
afterAll(async () => {
  await twilio.close();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

test('one trace leads from the webhook through the jobs to the call of the carrier, without a word of content', async () => {
  const word = 'hippopotamus';
  const from = '+15551234567';
  await twilio.text({ from, body: `Do you have a ${word}?` });
  await app.until('the answer', async () => twilio.simulator.ledger().some((entry) => entry.to === from));
  await app.settled();
  await app.close();

  const all = spans();
  const webhook = all.find(({ name }) => name === 'POST /webhook/twilio/sms');
  expect(webhook).toBeDefined();
  const requestId = String(attributesOf(webhook as z.infer<typeof span>)['parley.request_id']);
  expect(webhook?.traceId).toBe(traceIdOf(requestId));
  const road = all.filter(({ traceId }) => traceId === webhook?.traceId).map(({ name }) => name);
  expect(road).toEqual(
    expect.arrayContaining(['job conversations.receive', expect.stringMatching(/^job .*send/)]),
  );
  expect(road.some((name) => name.startsWith('call 127.0.0.1:'))).toBe(true);

  const sent = received.join('\n');
  for (const secret of [word, from, from.slice(1), 'the token of the account'])
    expect(sent).not.toContain(secret);
}, 60_000);

test('a request id that is a UUID is the trace id, and any other one leads to the same trace each time', () => {
  expect(traceIdOf('01890000-0000-7000-8000-00000000000A')).toBe('0189000000007000800000000000000a');
  expect(traceIdOf('a request of ours')).toMatch(/^[0-9a-f]{32}$/);
  expect(traceIdOf('a request of ours')).toBe(traceIdOf('a request of ours'));
  expect(traceIdOf('00000000-0000-0000-0000-000000000000')).not.toBe('0'.repeat(32));
});
