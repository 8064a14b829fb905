import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'node:querystring';
import fc from 'fast-check';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fixedClock } from '../../core/clock.ts';
import { createEgress } from '../../core/egress.ts';
import {
  type ChannelConnection,
  type OutboundMessage,
  ProviderPayloadError,
  type WebhookRequest,
} from '../../modules/channels/adapter.ts';
import { createTwilioAdapter, type TwilioCredentials } from './adapter.ts';
import { hasExplanation } from './errors.ts';
import { createOpenApiCheck, vendorFile } from './openapi-check.ts';
import { verifySignature } from './signature.ts';
import { createTwilioSimulator, type SimulatedExchange, type TwilioSimulator } from './simulator.ts';

const accountSid = `AC${'1'.repeat(32)}`;
const subaccountSid = `AC${'2'.repeat(32)}`;
const suspendedSid = `AC${'3'.repeat(32)}`;
const apiKeySid = `SK${'4'.repeat(32)}`;
const serviceSid = `MG${'5'.repeat(32)}`;
const ours = '+15551239000';
const pooled = '+15551239001';
const theirs = '+15551230001';
const publicUrl = 'https://parley.example/webhook/twilio/sms';

const spec = vendorFile('specs/twilio_api_v2010.trim.json');
const openApi = spec === null ? null : createOpenApiCheck(spec);
let exchanges: SimulatedExchange[] = [];

const clock = fixedClock();
const egress = createEgress({ allowHosts: ['127.0.0.1', 'localhost'] });
const simulator = createTwilioSimulator({
  accounts: [
    {
      sid: accountSid,
      authToken: 'token',
      friendlyName: 'Corner shop',
      apiKeys: [{ sid: apiKeySid, secret: 'key secret' }],
      numbers: [{ phoneNumber: ours }, { phoneNumber: pooled }],
      messagingServices: [{ sid: serviceSid, phoneNumbers: [pooled] }],
    },
    { sid: subaccountSid, authToken: 'sub token', parentSid: accountSid },
    { sid: suspendedSid, authToken: 'token', status: 'suspended' },
  ],
  clock,
  statusCallbacks: false,
  onExchange: (exchange) => exchanges.push(exchange),
});

/** Answers everything as told (status 0: not at all), for what the simulator, which speaks Twilio's language, does not say. */
let answer: { status: number; headers?: Record<string, string>; body: string } = { status: 200, body: '' };
const authorizations: (string | undefined)[] = [];
const stranger = createServer((request, response) => {
  authorizations.push(request.headers.authorization);
  if (answer.status === 0) request.socket.destroy();
  else response.writeHead(answer.status, answer.headers).end(answer.body);
});
let strangerUrl = '';

const atSimulator = createTwilioAdapter({ egress, baseUrlFor: () => simulator.url, timeoutMs: 1000, clock });
const atStranger = createTwilioAdapter({ egress, baseUrlFor: () => strangerUrl, timeoutMs: 1000, clock });

const credentials: TwilioCredentials = { accountSid, authToken: 'token' };
const connection: ChannelConnection<TwilioCredentials> = { address: ours, poolId: null, credentials };
const pool: ChannelConnection<TwilioCredentials> = { address: pooled, poolId: serviceSid, credentials };

const message = (more: Partial<OutboundMessage> = {}): OutboundMessage => ({
  to: theirs,
  body: 'hello',
  mediaUrls: [],
  statusCallbackUrl: 'https://parley.example/webhook/twilio/status?reference=m1.1',
  reference: 'm1.1',
  ...more,
});

beforeAll(async () => {
  await simulator.listen();
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});

beforeEach(() => {
  simulator.reset();
  exchanges = [];
});

afterEach(() => {
  for (const exchange of exchanges) {
    expect(openApi?.violations(exchange) ?? [], `${exchange.method} ${exchange.url}`).toEqual([]);
  }
});

afterAll(async () => {
  await egress.close();
  await simulator.close();
  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
});

type Parameters = Record<string, string | string[]>;

function call(parameters: Parameters | string, more: Partial<WebhookRequest> = {}): WebhookRequest {
  const { headers, ...others } = more;
  return {
    hook: 'sms',
    urls: [publicUrl],
    rawBody: Buffer.from(typeof parameters === 'string' ? parameters : stringify(parameters)),
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
    ...others,
  };
}

function signed(parameters: Parameters, url = publicUrl, authToken = 'token'): WebhookRequest {
  const signature = getExpectedTwilioSignature(authToken, url, parameters);
  return call(parameters, { urls: [url], headers: { 'x-twilio-signature': signature } });
}

describe('the signature', () => {
  const vector = {
    name: z.string(),
    auth_token: z.string(),
    signature: z.string(),
    url: z.string(),
    valid: z.boolean(),
  };
  const vectors = z.object({
    form: z.array(
      z.object({ ...vector, params: z.record(z.string(), z.union([z.string(), z.array(z.string())])) }),
    ),
    json: z.array(z.object({ ...vector, body: z.string() })),
  });
  const file = vendorFile('vectors/twilio-signature.json');
  const { form, json } = file === null ? { form: [], json: [] } : vectors.parse(JSON.parse(file));

  test('agrees with every vector of Twilio’s own tests', () => {
    for (const { name, auth_token, signature, url, params, valid } of form) {
      const request = call(params, { urls: [url], headers: { 'x-twilio-signature': signature } });
      expect(atSimulator.verify(request, { accountSid, authToken: auth_token }).ok, name).toBe(valid);
    }
    for (const { name, auth_token, signature, url, body, valid } of json) {
      const headers = { 'x-twilio-signature': signature, 'content-type': 'application/json' };
      const request = call(body, { urls: [url], headers });
      expect(atSimulator.verify(request, { accountSid, authToken: auth_token }).ok, name).toBe(valid);
    }
    if (file !== null) expect(form.length + json.length).toBeGreaterThan(15);
  });

  test('is checked over each URL by which Twilio may have reached us', () => {
    const request = signed({ Body: 'hi' });
    const urls = ['http://10.0.0.7:3000/webhook/twilio/sms', 'not a url', publicUrl];
    expect(atSimulator.verify({ ...request, urls }, credentials)).toEqual({ ok: true });
    expect(atSimulator.verify({ ...request, urls: urls.slice(0, 2) }, credentials)).toEqual({
      ok: false,
      reason: 'wrong_signature',
    });
  });

  test('is valid with either token while one is rotated, and with no third', () => {
    const rotating = { accountSid, authToken: 'new', secondaryAuthToken: 'old' };
    expect(atSimulator.verify(signed({ Body: 'hi' }, publicUrl, 'new'), rotating).ok).toBe(true);
    expect(atSimulator.verify(signed({ Body: 'hi' }, publicUrl, 'old'), rotating).ok).toBe(true);
    expect(atSimulator.verify(signed({ Body: 'hi' }, publicUrl, 'older'), rotating).ok).toBe(false);
  });

  test('says why a call was refused', () => {
    const reason = (request: WebhookRequest) => atSimulator.verify(request, credentials);
    expect(reason(call({ Body: 'hi' }))).toEqual({ ok: false, reason: 'missing_signature' });
    expect(reason(signed({ Body: 'hi' }, `${publicUrl}/`.replace('.example', '.invalid')))).toEqual({
      ok: true,
    });
    expect(reason({ ...signed({ Body: 'hi' }), urls: ['https://parley.invalid/'] })).toEqual({
      ok: false,
      reason: 'wrong_signature',
    });
    const headers = { 'content-type': 'text/plain', 'x-twilio-signature': 'x' };
    expect(reason(call('hi', { headers }))).toEqual({ ok: false, reason: 'unreadable' });
  });

  test('holds for whatever Twilio may send, and for nothing that was changed', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const parameters = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), text, {
      minKeys: 1,
    });
    fc.assert(
      fc.property(parameters, fc.nat(), text, (values, at, addition) => {
        const request = signed(values);
        expect(verifySignature(request, ['token'])).toEqual({ ok: true });
        const names = Object.keys(values);
        const name = names[at % names.length] ?? '';
        const changed = { ...values, [name]: `${values[name]}${addition}!` };
        for (const forged of [
          { ...request, rawBody: Buffer.from(stringify(changed)) },
          { ...request, rawBody: Buffer.from(`${request.rawBody}&added=1`) },
          { ...request, urls: [`${publicUrl}?added=1`] },
          { ...request, headers: { ...request.headers, 'x-twilio-signature': ' ' } },
        ]) {
          expect(verifySignature(forged, ['token']).ok).toBe(false);
        }
        expect(verifySignature(request, ['another token']).ok).toBe(false);
      }),
    );
  });
});

describe('a body', () => {
  const refused = (request: WebhookRequest) => {
    expect(() => atSimulator.identify(request)).toThrow(ProviderPayloadError);
    expect(() => atSimulator.deliveryKey(request)).toThrow(ProviderPayloadError);
    expect(atSimulator.verify(request, credentials)).toEqual({ ok: false, reason: 'unreadable' });
  };

  test.each([
    ['no body', call('')],
    ['ten thousand parameters', call(Array.from({ length: 10_000 }, (_, index) => `p${index}=`).join('&'))],
    ['another content type', call('{}', { headers: { 'content-type': 'multipart/form-data' } })],
    ['no content type', call('a=1', { headers: { 'content-type': undefined } })],
    ['JSON without its hash', call('{}', { headers: { 'content-type': 'application/json' } })],
    ...['[', '[]', 'null', '"a"'].map((body): [string, WebhookRequest] => [
      `${body} as JSON`,
      call(body, { urls: [`${publicUrl}?bodySHA256=00`], headers: { 'content-type': 'application/json' } }),
    ]),
  ])('with %s is refused as unreadable', (_name, request) => refused(request));

  test('that is nested without end is read for its flat fields', () => {
    const body = `{"AccountSid":"${accountSid}","Deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const request = call(body, {
      urls: [`${publicUrl}?bodySHA256=00`],
      headers: { 'content-type': 'application/json' },
    });
    expect(atSimulator.identify(request).accountId).toBe(accountSid);
  });

  test('never fails in any other way than the documented one', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    const nearly = fc
      .dictionary(
        fc.constantFrom(
          'MessageSid',
          'SmsSid',
          'MessageStatus',
          'SmsStatus',
          'From',
          'To',
          'Body',
          'NumMedia',
          'MediaUrl0',
        ),
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom(`SM${'a'.repeat(32)}`, '1', 'sent', '%', '\0'),
        ),
      )
      .map((parameters) => Buffer.from(stringify(parameters)));
    const url = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.constantFrom('', `${publicUrl}?bodySHA256=1`),
    );
    fc.assert(
      fc.property(fc.oneof(bytes, nearly), url, (rawBody, address) => {
        try {
          for (const event of atSimulator.parse('sms', rawBody, address)) {
            expect(event.providerId).toMatch(/^[A-Z]{2}[0-9a-fA-F]{32}$/);
            if (event.kind === 'message') expect(event.body).not.toContain('\0');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ProviderPayloadError);
        }
      }),
    );
  });

  test('of an error names fields and no content', () => {
    const parameters = {
      MessageSid: `SM${'a'.repeat(32)}`,
      From: theirs,
      To: ours,
      Body: 'secret',
      NumMedia: 'secret',
    };
    expect(() => atSimulator.parse('sms', Buffer.from(stringify(parameters)), publicUrl)).toThrow(
      new ProviderPayloadError('missing or wrong: NumMedia'),
    );
  });
});

describe('the documented payloads', () => {
  const fixtureSchema = z.object({
    hook: z.string(),
    query: z.string(),
    parameters: z.record(z.string(), z.string()),
    event: z.looseObject({ providerId: z.string() }),
  });
  const folder = join(import.meta.dirname, 'fixtures');
  const fixtures = readdirSync(folder).map((name) => ({
    name,
    ...fixtureSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  }));

  test.each(fixtures)('$name means what it says', ({ hook, query, parameters, event }) => {
    const url = `https://parley.example/webhook/twilio/${hook}${query}`;
    const request = { ...signed(parameters, url), hook };
    expect(atSimulator.verify(request, credentials)).toEqual({ ok: true });
    expect(atSimulator.parse(hook, request.rawBody, url)).toEqual([event]);
    expect(atSimulator.identify(request)).toEqual({
      accountId: parameters.AccountSid,
      address: ours,
      poolId: parameters.MessagingServiceSid ?? null,
    });
    const status = parameters.MessageStatus ?? parameters.SmsStatus;
    expect(atSimulator.deliveryKey(request)).toBe(
      hook === 'sms' ? event.providerId : `${event.providerId}:${status}`,
    );
  });

  test('work when the two webhooks of a number were mixed up', () => {
    for (const { hook, query, parameters, event } of fixtures) {
      const other = hook === 'sms' ? 'status' : 'sms';
      const url = `https://parley.example/webhook/twilio/${other}${query}`;
      expect(atSimulator.parse(other, Buffer.from(stringify(parameters)), url)).toEqual([event]);
    }
  });

  test.each([
    ['without a body', { Body: undefined }],
    ['without a sender', { From: undefined }],
    ['with two senders', { From: [theirs, '+15551230002'] }],
    ['with a SID that is none', { MessageSid: 'SM1' }],
    ['with a medium that is not there', { NumMedia: '1' }],
    ['with a medium at no web address', { NumMedia: '1', MediaUrl0: 'file:///etc/passwd' }],
    ['with more media than there can be', { NumMedia: '100000' }],
  ])('%s cannot be parsed', (_name, change) => {
    const fixture = fixtures.find(({ name }) => name === 'inbound-sms.json');
    const rawBody = Buffer.from(stringify(JSON.parse(JSON.stringify({ ...fixture?.parameters, ...change }))));
    expect(() => atSimulator.parse('sms', rawBody, publicUrl)).toThrow(ProviderPayloadError);
  });

  test('keep NUL and lone surrogates out of the body', () => {
    const fixture = fixtures.find(({ name }) => name === 'inbound-sms.json');
    const body = JSON.stringify({ ...fixture?.parameters, Body: 'a\0b\uD800c' });
    const events = atSimulator.parse('sms', Buffer.from(body), `${publicUrl}?bodySHA256=00`);
    expect(events).toMatchObject([{ kind: 'message', body: 'a\uFFFDb\uFFFDc' }]);
  });
});

describe('send', () => {
  test('is accepted, and asks for callbacks with its reference', async () => {
    const outcome = await atSimulator.send(connection, message());
    const [entry] = simulator.ledger();
    expect(outcome).toEqual({
      outcome: 'accepted',
      providerId: entry?.sid,
      status: 'queued',
      segments: 1,
      priceMicros: null,
      currency: 'USD',
    });
    expect(entry).toMatchObject({
      to: theirs,
      from: ours,
      body: 'hello',
      statusCallback: message().statusCallbackUrl,
    });
  });

  test('names the pool instead of a number', async () => {
    expect(await atSimulator.send(pool, message())).toMatchObject({ outcome: 'accepted', segments: null });
    expect(exchanges[0]?.form).toMatchObject({ MessagingServiceSid: serviceSid });
    expect(exchanges[0]?.form).not.toHaveProperty('From');
  });

  test('carries several media and no empty body', async () => {
    const mediaUrls = ['https://parley.example/1.jpg', 'https://parley.example/2.jpg'];
    expect(await atSimulator.send(connection, message({ body: '', mediaUrls }))).toMatchObject({
      outcome: 'accepted',
    });
    expect(exchanges[0]?.form).toMatchObject({ MediaUrl: mediaUrls });
    expect(exchanges[0]?.form).not.toHaveProperty('Body');
  });

  test('goes with an API key, or through the parent account, where there is one', async () => {
    const key = { ...credentials, authToken: 'signs webhooks only', apiKeySid, apiKeySecret: 'key secret' };
    expect(await atSimulator.send({ ...connection, credentials: key }, message())).toMatchObject({
      outcome: 'accepted',
    });
    const child = {
      accountSid: subaccountSid,
      authToken: 'signs webhooks only',
      parentAccountSid: accountSid,
      parentAuthToken: 'token',
    };
    // The subaccount does not own the number: it got as far as that.
    expect(await atSimulator.send({ ...connection, credentials: child }, message())).toEqual({
      outcome: 'reconnect',
      code: '21606',
    });
  });

  test.each([
    ['+15005550001', { outcome: 'reject', code: '21211' }, 0],
    ['+15005550004', { outcome: 'reject', code: '21610' }, 0],
    ['+15005550009', { outcome: 'reject', code: '21614' }, 0],
    ['+15005550429', { outcome: 'retry', code: '20429', retryAfterMs: 1000 }, 0],
    ['+15005550500', { outcome: 'retry', code: '20500', retryAfterMs: null }, 0],
    ['+15005550503', { outcome: 'retry', code: '20503', retryAfterMs: null }, 0],
    ['+15005550502', { outcome: 'unknown', code: 'http_502' }, 0],
    ['+15005550606', { outcome: 'unknown', code: 'http_502' }, 1],
    ['+15005550601', { outcome: 'unknown', code: 'unanswered' }, 1],
    ['+15005550602', { outcome: 'unknown', code: 'unanswered' }, 0],
    ['+15005550603', { outcome: 'unknown', code: 'unanswered' }, 0],
    ['+15005550604', { outcome: 'unknown', code: 'unanswered' }, 1],
    ['+15005550605', { outcome: 'unknown', code: 'nonsense' }, 1],
  ])('to %s ends as %o with %i in the ledger, after one call', async (to, outcome, accepted) => {
    expect(await atSimulator.send(connection, message({ to }))).toEqual(outcome);
    expect(simulator.ledger()).toHaveLength(accepted);
    // A nonsense answer is meant to be none of Twilio's.
    exchanges = exchanges.filter(({ body }) => typeof body !== 'string');
  });

  test('over the length that Twilio takes is rejected', async () => {
    expect(await atSimulator.send(connection, message({ body: 'x'.repeat(1601) }))).toEqual({
      outcome: 'reject',
      code: '21617',
    });
  });

  test.each([
    [{ authToken: 'wrong' }, '20003'],
    [{ accountSid: `AC${'9'.repeat(32)}`, parentAccountSid: accountSid, parentAuthToken: 'token' }, '20404'],
    [{ accountSid: suspendedSid }, '20005'],
  ])('with %o asks for a person', async (change, code) => {
    const outcome = await atSimulator.send(
      { ...connection, credentials: { ...credentials, ...change } },
      message(),
    );
    expect(outcome).toEqual({ outcome: 'reconnect', code });
  });

  test('from a number that is not the account’s asks for a person', async () => {
    expect(await atSimulator.send({ ...connection, address: '+15559999999' }, message())).toEqual({
      outcome: 'reconnect',
      code: '21606',
    });
  });

  test('whose number has too many waiting may be sent again', async () => {
    expect(await atSimulator.send({ ...connection, address: '+15005550008' }, message())).toMatchObject({
      outcome: 'retry',
      code: '21611',
    });
  });

  test('that never left may be sent again, and one that must not leave is rejected', async () => {
    const nowhere = createTwilioAdapter({ egress, baseUrlFor: () => 'http://127.0.0.1:1', timeoutMs: 1000 });
    expect(await nowhere.send(connection, message())).toEqual({
      outcome: 'retry',
      code: 'not_sent',
      retryAfterMs: null,
    });
    const inside = createTwilioAdapter({
      egress,
      baseUrlFor: () => 'http://169.254.169.254',
      timeoutMs: 300,
    });
    expect(await inside.send(connection, message())).toEqual({ outcome: 'reject', code: 'forbidden' });
  });

  const twilioError = (code: number) => JSON.stringify({ code, message: 'no', more_info: '', status: 400 });
  const inOneMinute = new Date(clock.now() + 60_000).toUTCString();
  test.each([
    [
      { status: 201, body: '{"sid":"SM1","status":"queued"}' },
      { outcome: 'unknown', code: 'nonsense' },
    ],
    [
      { status: 201, body: '' },
      { outcome: 'unknown', code: 'nonsense' },
    ],
    [
      { status: 201, body: 'x'.repeat(300_000) },
      { outcome: 'unknown', code: 'too_large' },
    ],
    [
      { status: 302, headers: { Location: '/' }, body: '' },
      { outcome: 'unknown', code: 'http_302' },
    ],
    [
      { status: 500, body: '{"message":"no code"}' },
      { outcome: 'unknown', code: 'http_500' },
    ],
    [
      { status: 408, body: '' },
      { outcome: 'unknown', code: 'http_408' },
    ],
    [
      { status: 429, body: 'slow down' },
      { outcome: 'retry', code: 'http_429', retryAfterMs: null },
    ],
    [
      { status: 429, headers: { 'Retry-After': inOneMinute }, body: '' },
      { outcome: 'retry', code: 'http_429', retryAfterMs: 60_000 },
    ],
    [
      { status: 429, headers: { 'Retry-After': 'later' }, body: '' },
      { outcome: 'retry', code: 'http_429', retryAfterMs: null },
    ],
    [
      { status: 503, headers: { 'Retry-After': '0.5' }, body: twilioError(20503) },
      { outcome: 'retry', code: '20503', retryAfterMs: 500 },
    ],
    [
      { status: 400, body: twilioError(20429) },
      { outcome: 'retry', code: '20429', retryAfterMs: null },
    ],
    [
      { status: 401, body: '' },
      { outcome: 'reconnect', code: 'http_401' },
    ],
    [
      { status: 403, body: twilioError(99_999) },
      { outcome: 'reconnect', code: '99999' },
    ],
    [
      { status: 400, body: twilioError(99_999) },
      { outcome: 'reject', code: '99999' },
    ],
    [
      { status: 404, body: 'not found' },
      { outcome: 'reject', code: 'http_404' },
    ],
  ])('answered with %o ends as %o', async (given, outcome) => {
    answer = given;
    expect(await atStranger.send(connection, message())).toEqual(outcome);
  });

  test('tells the price where Twilio tells it', async () => {
    const sid = `SM${'a'.repeat(32)}`;
    const body = { sid, status: 'accepted', num_segments: '2', price: '-0.01580', price_unit: 'usd' };
    answer = { status: 201, body: JSON.stringify(body) };
    expect(await atStranger.send(connection, message())).toEqual({
      outcome: 'accepted',
      providerId: sid,
      status: 'queued',
      segments: 2,
      priceMicros: 15_800,
      currency: 'USD',
    });
  });
});

describe('lookup', () => {
  test('finds a message whose answer was lost, and no other', async () => {
    await atSimulator.send(connection, message({ body: 'an older one' }));
    clock.advance(60_000);
    const since = clock.date();
    await atSimulator.send(connection, message({ to: '+15005550604' }));
    await atSimulator.send(connection, message({ to: '+15005550604', body: 'another' }));
    await simulator.text({ from: theirs, to: ours, body: 'hello' });
    const found = await atSimulator.lookup(connection, { to: '+15005550604', body: 'hello', since });
    expect(found).toEqual([
      {
        providerId: simulator.ledger()[1]?.sid,
        from: ours,
        to: '+15005550604',
        body: 'hello',
        status: 'queued',
        errorCode: null,
        createdAt: since,
      },
    ]);
    expect(await atSimulator.lookup(connection, { to: theirs, body: 'hello', since })).toEqual([]);
  });

  test('leaves out what was sent before, less the skew of the clocks', async () => {
    await atSimulator.send(connection, message());
    const sentAt = clock.now();
    const found = async (sinceMs: number) =>
      (await atSimulator.lookup(connection, { to: theirs, body: 'hello', since: new Date(sinceMs) })).length;
    expect(await found(sentAt + 5000)).toBe(1);
    expect(await found(sentAt + 5001)).toBe(0);
  });

  test('reads on until it is past the moment asked for', async () => {
    const since = clock.date();
    await atSimulator.send(connection, message());
    for (let count = 0; count < 120; count += 1)
      await atSimulator.send(connection, message({ body: `${count}` }));
    exchanges = [];
    expect(await atSimulator.lookup(connection, { to: theirs, body: 'hello', since })).toHaveLength(1);
    expect(exchanges).toHaveLength(3);
    clock.advance(60_000);
    exchanges = [];
    expect(await atSimulator.lookup(connection, { to: theirs, body: 'hello', since: clock.date() })).toEqual(
      [],
    );
    expect(exchanges).toHaveLength(1);
  });

  test('never takes "I could not look everywhere" for "it is not there"', async () => {
    const one = {
      sid: `SM${'a'.repeat(32)}`,
      status: 'sent',
      direction: 'outbound-api',
      to: theirs,
      date_created: clock.date().toUTCString(),
    };
    const query = { to: theirs, body: 'hello', since: clock.date() };
    answer = { status: 200, body: JSON.stringify({ messages: [one], next_page_uri: '/again?Page=1' }) };
    await expect(atStranger.lookup(connection, query)).rejects.toMatchObject({
      code: 'too_many_messages',
      retryable: false,
    });
    answer = { status: 200, body: JSON.stringify({ messages: [{ ...one, date_created: 'yesterday' }] }) };
    await expect(atStranger.lookup(connection, query)).rejects.toMatchObject({
      code: 'nonsense',
      retryable: true,
    });
    simulator.fault({ kind: 'hang_before_accept', on: 'read' });
    await expect(atSimulator.lookup(connection, query)).rejects.toMatchObject({
      code: 'unanswered',
      retryable: true,
    });
    simulator.fault({ kind: '429', on: 'read' });
    await expect(atSimulator.lookup(connection, query)).rejects.toMatchObject({
      code: '20429',
      retryable: true,
    });
  });

  test.each([
    ['a trial account', connection, 'Hello', 'Sent from your Twilio trial account - Hello', 1],
    ['Smart Encoding', pool, '“It’s 5 – 7…”', `"It's 5 - 7..."`, 1],
    ['no Smart Encoding', connection, '“It’s”', `"It's"`, 0],
    ['other words', pool, 'Yes?', 'Yes!', 0],
  ])('knows a body that Twilio changed: %s', async (_name, channel, sent, kept, count) => {
    const one = {
      sid: `SM${'a'.repeat(32)}`,
      status: 'sent',
      direction: 'outbound-api',
      to: theirs,
      body: kept,
      date_created: clock.date().toUTCString(),
    };
    answer = { status: 200, body: JSON.stringify({ messages: [one] }) };
    expect(await atStranger.lookup(channel, { to: theirs, body: sent, since: clock.date() })).toHaveLength(
      count,
    );
  });
});

describe('check', () => {
  test('tells whose account it is, or why it does not work', async () => {
    expect(await atSimulator.check(credentials)).toEqual({ ok: true, accountName: 'Corner shop' });
    expect(await atSimulator.check({ ...credentials, authToken: 'wrong' })).toEqual({
      ok: false,
      code: '20003',
    });
    expect(await atSimulator.check({ ...credentials, accountSid: suspendedSid })).toEqual({
      ok: false,
      code: 'account_suspended',
    });
  });

  test('tries the token and the API key, for both are needed', async () => {
    const key = { ...credentials, apiKeySid, apiKeySecret: 'key secret' };
    expect(await atSimulator.check(key)).toMatchObject({ ok: true });
    expect(await atSimulator.check({ ...key, apiKeySecret: 'wrong' })).toEqual({ ok: false, code: '20003' });
    expect(await atSimulator.check({ ...key, authToken: 'wrong' })).toEqual({ ok: false, code: '20003' });
  });

  test('does not blame the credentials when Twilio is down', async () => {
    answer = { status: 503, body: '' };
    await expect(atStranger.check(credentials)).rejects.toMatchObject({ code: 'http_503', retryable: true });
  });

  test.each([
    [{ accountSid: 'AC1', authToken: 'token' }],
    [{ accountSid, authToken: '' }],
    [{ accountSid, authToken: 'token', apiKeySid }],
    [{ accountSid, authToken: 'token', parentAuthToken: 'token' }],
  ])('credentials %o are refused before anything is called', (given) => {
    expect(atSimulator.credentials.safeParse(given).success).toBe(false);
  });
});

describe('media', () => {
  async function mediaUrl(at: TwilioSimulator = simulator): Promise<string> {
    const { messageSid } = await at.text({
      from: theirs,
      to: ours,
      body: '',
      media: [{ contentType: 'image/png', base64: Buffer.from('picture').toString('base64') }],
    });
    const authorization = `Basic ${Buffer.from(`${accountSid}:token`).toString('base64')}`;
    const list = `${at.url}/2010-04-01/Accounts/${accountSid}/Messages/${messageSid}/Media.json`;
    const page = z
      .object({ media_list: z.array(z.object({ uri: z.string() })) })
      .parse(await (await fetch(list, { headers: { authorization } })).json());
    return `${at.url}${page.media_list[0]?.uri.replace('.json', '')}`;
  }

  test('are fetched with the credentials, over the redirect', async () => {
    const url = await mediaUrl();
    exchanges = [];
    const medium = await atSimulator.fetchMedia(credentials, url, 1000);
    expect(medium.contentType).toBe('image/png');
    expect(medium.body.toString()).toBe('picture');
    // Bytes of media are not in Twilio's description.
    exchanges = [];
    await expect(atSimulator.fetchMedia(credentials, url, 3)).rejects.toMatchObject({
      code: 'too_large',
      retryable: false,
    });
    exchanges = [];
    await expect(
      atSimulator.fetchMedia(credentials, url.replace(/ME\w+$/, `ME${'0'.repeat(32)}`), 1000),
    ).rejects.toMatchObject({ code: '20404', retryable: false });
    exchanges = [];
  });

  test('the credentials go to no other host, neither at once nor after a redirect', async () => {
    answer = { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'public' };
    authorizations.length = 0;
    await atSimulator.fetchMedia(credentials, `${strangerUrl}/medium`, 1000);
    expect(authorizations).toEqual([undefined]);
    const elsewhere = createTwilioSimulator({
      accounts: [
        {
          sid: accountSid,
          authToken: 'token',
          numbers: [{ phoneNumber: ours, smsUrl: `${strangerUrl}/sms` }],
        },
      ],
      mediaBaseUrl: strangerUrl,
    });
    try {
      const home = await elsewhere.listen();
      const url = await mediaUrl(elsewhere);
      const adapter = createTwilioAdapter({ egress, baseUrlFor: () => home });
      authorizations.length = 0;
      expect((await adapter.fetchMedia(credentials, url, 1000)).body.toString()).toBe('public');
    } finally {
      await elsewhere.close();
    }
    expect(authorizations).toEqual([undefined]);
  });

  test('a circle of redirects ends', async () => {
    answer = { status: 307, headers: { Location: '/again' }, body: '' };
    await expect(atStranger.fetchMedia(credentials, `${strangerUrl}/`, 1000)).rejects.toMatchObject({
      code: 'too_many_redirects',
    });
  });
});

describe('numbers', () => {
  const webhooks = { inbound: publicUrl, status: 'https://parley.example/webhook/twilio/status' };

  test('are found, rented with our webhook, listed and released, twice if need be', async () => {
    const found = await atSimulator.numbers?.search(credentials, {
      country: 'us',
      areaCode: '212',
      limit: 3,
    });
    expect(found).toHaveLength(3);
    expect(found?.[0]).toMatchObject({
      phoneNumber: '+12125550100',
      country: 'US',
      capabilities: { sms: true },
    });
    const bought = await atSimulator.numbers?.buy(credentials, '+12125550100', webhooks);
    expect(bought).toMatchObject({ phoneNumber: '+12125550100', country: 'US' });
    expect(exchanges.at(-1)?.form).toMatchObject({ SmsUrl: publicUrl, SmsMethod: 'POST' });
    expect(await atSimulator.numbers?.list(credentials)).toContainEqual(bought);
    await atSimulator.numbers?.configure(credentials, bought?.providerId ?? '', {
      ...webhooks,
      inbound: `${publicUrl}?2`,
    });
    expect(exchanges.at(-1)?.form).toMatchObject({ SmsUrl: `${publicUrl}?2` });
    await atSimulator.numbers?.release(credentials, bought?.providerId ?? '');
    await atSimulator.numbers?.release(credentials, bought?.providerId ?? '');
    expect(await atSimulator.numbers?.list(credentials)).toHaveLength(2);
  });

  test('are looked for among the kinds that can text in that country', async () => {
    const search = (country: string, limit: number) =>
      atSimulator.numbers?.search(credentials, { country, limit });
    expect((await search('GB', 5))?.map(({ phoneNumber }) => phoneNumber)[0]).toBe('+447700900000');
    expect(await search('AU', 5000)).toHaveLength(100);
    expect(await search('FR', 5)).toEqual([]);
  });

  test('that somebody else has cannot be rented, and say so', async () => {
    await expect(atSimulator.numbers?.buy(credentials, ours, webhooks)).rejects.toMatchObject({
      code: '21422',
      retryable: false,
    });
  });

  test('are not rented again when the answer was lost, but listed again', async () => {
    answer = { status: 0, body: '' };
    await expect(atStranger.numbers?.buy(credentials, '+12125550100', webhooks)).rejects.toMatchObject({
      code: 'unanswered',
      retryable: false,
    });
    await expect(atStranger.numbers?.list(credentials)).rejects.toMatchObject({
      code: 'unanswered',
      retryable: true,
    });
  });
});

describe('explanations', () => {
  const named = [
    ...[
      '21610',
      '21211',
      '21614',
      '21606',
      '21617',
      '30001',
      '30003',
      '30004',
      '30005',
      '30006',
      '30007',
      '30008',
    ],
    ...['30034', '20003', '20404', '20429', '11200', '63016'],
    ...[
      'not_sent',
      'unanswered',
      'forbidden',
      'too_large',
      'nonsense',
      'too_many_messages',
      'too_many_redirects',
    ],
    ...['account_suspended', 'account_closed'],
  ];
  test.each(named)('%s has its own', (code) => {
    expect(hasExplanation(code)).toBe(true);
    const { message: sentence, action } = atSimulator.explain(code);
    expect(sentence).toMatch(/\.$/);
    expect(action).toMatch(/\.$/);
  });

  test('exist for whatever else comes', () => {
    expect(atSimulator.explain('99999').message).toContain('99999');
    expect(atSimulator.explain('http_503').message).toContain('not available');
    expect(atSimulator.explain('http_401')).toEqual(atSimulator.explain('20003'));
    for (const code of ['', 'constructor', '__proto__'])
      expect(atSimulator.explain(code).message).toBeTypeOf('string');
  });
});
