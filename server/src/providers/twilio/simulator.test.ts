import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseForm } from 'node:querystring';
import twilio from 'twilio';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOpenApiCheck, vendorFile } from './openapi-check.ts';
import { createTwilioSimulator, type SimulatedExchange, type TwilioSimulator } from './simulator.ts';
import { retriesOf } from './simulator-webhooks.ts';

const accountSid = `AC${'1'.repeat(32)}`;
const subaccountSid = `AC${'2'.repeat(32)}`;
const suspendedSid = `AC${'3'.repeat(32)}`;
const apiKeySid = `SK${'4'.repeat(32)}`;
const serviceSid = `MG${'5'.repeat(32)}`;
const ours = '+15551239000';
const pooled = '+15551239001';
const theirs = '+15551230001';
const controlToken = 'control';

interface Received {
  readonly path: string;
  readonly signature: string;
  readonly idempotencyToken: string;
  readonly parameters: Record<string, string>;
}

/** The webhook side: records what comes, and answers as told. */
const received: Received[] = [];
let answers: number[] = [];
const webhook = createServer((request, answer) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({
      path: request.url ?? '',
      signature: String(request.headers['x-twilio-signature']),
      idempotencyToken: String(request.headers['i-twilio-idempotency-token']),
      parameters: parseForm(body) as Record<string, string>,
    });
    answer.writeHead(answers.shift() ?? 200, { 'Content-Type': 'text/xml' }).end('<Response/>');
  });
});
let webhookUrl = '';
let simulator: TwilioSimulator;
let exchanges: SimulatedExchange[] = [];
const folder = mkdtempSync(join(tmpdir(), 'parley-simulator-'));
const ledgerFile = join(folder, 'ledger.jsonl');
const spec = vendorFile('specs/twilio_api_v2010.trim.json');
const openApi = spec === null ? null : createOpenApiCheck(spec);

/** Twilio's own client, with another host in its URLs and nothing else changed. */
function localClient() {
  const httpClient = new twilio.RequestClient();
  const request = httpClient.request.bind(httpClient);
  httpClient.request = (options) =>
    request({ ...options, uri: options.uri.replace('https://api.twilio.com', simulator.url) });
  return httpClient;
}

const client = (user = accountSid, secret = 'token', account = accountSid) =>
  twilio(user, secret, { accountSid: account, httpClient: localClient() });

beforeAll(async () => {
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  webhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
  simulator = createTwilioSimulator({
    accounts: [
      {
        sid: accountSid,
        authToken: 'token',
        secondaryAuthToken: 'next token',
        friendlyName: 'Corner shop',
        apiKeys: [{ sid: apiKeySid, secret: 'key secret' }],
        numbers: [
          { phoneNumber: ours, smsUrl: `${webhookUrl}/sms?tenant=1#rc=2&rp=all` },
          { phoneNumber: pooled, smsUrl: `${webhookUrl}/sms` },
        ],
        messagingServices: [{ sid: serviceSid, phoneNumbers: [pooled], inboundUrl: `${webhookUrl}/pool` }],
      },
      { sid: subaccountSid, authToken: 'sub token', parentSid: accountSid },
      { sid: suspendedSid, authToken: 'token', status: 'suspended' },
    ],
    controlToken,
    carrierOptOut: true,
    statusCallbacks: { delaysMs: [0] },
    ledgerFile,
    onExchange: (exchange) => exchanges.push(exchange),
  });
  await simulator.listen();
});

beforeEach(() => {
  simulator.reset();
  received.length = 0;
  answers = [];
  exchanges = [];
});

afterEach(async () => {
  await simulator.idle();
  for (const exchange of exchanges) {
    expect(openApi?.violations(exchange) ?? [], `${exchange.method} ${exchange.url}`).toEqual([]);
  }
});

afterAll(async () => {
  await simulator.close();
  webhook.closeAllConnections();
  await new Promise((resolve) => webhook.close(resolve));
  rmSync(folder, { recursive: true });
});

const send = (more: Partial<Parameters<ReturnType<typeof client>['messages']['create']>[0]> = {}) =>
  client().messages.create({
    to: theirs,
    from: ours,
    body: 'hello',
    statusCallback: `${webhookUrl}/status?reference=m1.1`,
    ...more,
  });

const control = (method: 'GET' | 'POST', path: string, body?: unknown, token = controlToken) =>
  fetch(`${simulator.url}/control/${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

describe('messages, through the official client', () => {
  test('a send is accepted as queued, entered in the ledger, and can be fetched', async () => {
    const message = await send();
    expect(message).toMatchObject({
      status: 'queued',
      to: theirs,
      from: ours,
      body: 'hello',
      numSegments: '1',
    });
    expect(simulator.ledger()).toMatchObject([
      {
        sid: message.sid,
        to: theirs,
        from: ours,
        body: 'hello',
        statusCallback: `${webhookUrl}/status?reference=m1.1`,
      },
    ]);
    await simulator.idle();
    const fetched = await client().messages(message.sid).fetch();
    expect(fetched.status).toBe('delivered');
    expect(fetched.dateSent).toBeInstanceOf(Date);
  });

  test('status callbacks come signed, and none for the initial status', async () => {
    const message = await send();
    await simulator.idle();
    expect(received.map(({ parameters }) => parameters.MessageStatus).sort()).toEqual([
      'delivered',
      'sending',
      'sent',
    ]);
    for (const { path, signature, parameters } of received) {
      expect(parameters).toMatchObject({
        MessageSid: message.sid,
        From: ours,
        To: theirs,
        AccountSid: accountSid,
      });
      expect(twilio.validateRequest('token', signature, `${webhookUrl}${path}`, parameters)).toBe(true);
    }
  });

  test('a Messaging Service accepts first, then chooses its number', async () => {
    const message = await send({ from: undefined, messagingServiceSid: serviceSid });
    expect(message).toMatchObject({ status: 'accepted', from: null, numSegments: '0' });
    expect(simulator.ledger()[0]?.from).toBe(pooled);
    await simulator.idle();
    expect(received.map(({ parameters }) => parameters.MessageStatus)).toContain('queued');
    expect(received[0]?.parameters).toMatchObject({ From: pooled, MessagingServiceSid: serviceSid });
  });

  test('lists are newest first, filtered and paged without gap or double', async () => {
    const bodies = ['a', 'b', 'c', 'd', 'e'];
    for (const body of bodies) await send({ body });
    await send({ to: '+15551230002' });
    const listed = await client().messages.list({
      to: theirs,
      pageSize: 2,
      dateSentAfter: new Date(Date.now() - 1000),
    });
    expect(listed.map(({ body }) => body)).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(exchanges.filter(({ method }) => method === 'GET')).toHaveLength(3);
    expect(await client().messages.list({ dateSentAfter: new Date('2100-01-01') })).toEqual([]);
    expect(await client().messages.list({ from: '+15550000000' })).toEqual([]);
  });

  test.each([
    [{ to: '' }, 21604],
    [{ to: '12' }, 21211],
    [{ to: '+15005550001' }, 21211],
    [{ to: '+15005550002' }, 21612],
    [{ to: '+15005550003' }, 21408],
    [{ to: '+15005550004' }, 21610],
    [{ to: '+15005550009' }, 21614],
    [{ from: '+15005550001' }, 21212],
    [{ from: '+15005550007' }, 21606],
    [{ from: '+15005550008' }, 21611],
    [{ from: '+15559999999' }, 21606],
    [{ body: '' }, 21602],
    [{ body: 'x'.repeat(1601) }, 21617],
    [{ statusCallback: 'nowhere' }, 21609],
    [{ from: undefined, messagingServiceSid: `MG${'9'.repeat(32)}` }, 21701],
  ])('a send with %o is refused with %i and enters no ledger', async (change, code) => {
    await expect(send(change)).rejects.toMatchObject({ status: 400, code });
    expect(simulator.ledger()).toEqual([]);
    // What the client was told to send is wrong by intent; only the answer is to be judged.
    exchanges = exchanges.map((exchange) => ({ ...exchange, form: null }));
  });

  test('a carrier refuses later: the message is undelivered with the code in its number', async () => {
    const message = await send({ to: '+15005553007' });
    await simulator.idle();
    expect(await client().messages(message.sid).fetch()).toMatchObject({
      status: 'undelivered',
      errorCode: 30007,
    });
    expect(
      received.find(({ parameters }) => parameters.MessageStatus === 'undelivered')?.parameters,
    ).toMatchObject({
      ErrorCode: '30007',
    });
  });

  test('who texts STOP is left alone until START', async () => {
    await simulator.text({ from: theirs, to: ours, body: ' stop ' });
    await expect(send()).rejects.toMatchObject({ code: 21610 });
    await expect(send({ to: '+15551230002' })).resolves.toMatchObject({ status: 'queued' });
    await simulator.text({ from: theirs, to: ours, body: 'Start' });
    await expect(send()).resolves.toMatchObject({ status: 'queued' });
  });
});

describe('accounts and credentials', () => {
  test('the token, the second token, an API key and the parent open an account; others get 401 with 20003', async () => {
    for (const open of [
      client(),
      client(accountSid, 'next token'),
      client(apiKeySid, 'key secret'),
      client(accountSid, 'token', subaccountSid),
      client(subaccountSid, 'sub token', subaccountSid),
    ]) {
      expect(await open.messages.list()).toEqual([]);
    }
    await expect(client(accountSid, 'wrong').messages.list()).rejects.toMatchObject({
      status: 401,
      code: 20003,
    });
  });

  test('one account does not see another', async () => {
    await expect(client(subaccountSid, 'sub token', accountSid).messages.list()).rejects.toMatchObject({
      code: 20404,
    });
    const message = await send();
    await expect(
      client(subaccountSid, 'sub token', subaccountSid).messages(message.sid).fetch(),
    ).rejects.toMatchObject({ status: 404, code: 20404 });
  });

  test('an account tells its name and its state, and a suspended one takes no messages', async () => {
    expect(await client().api.v2010.accounts(accountSid).fetch()).toMatchObject({
      friendlyName: 'Corner shop',
      status: 'active',
    });
    const suspended = client(suspendedSid, 'token', suspendedSid);
    expect((await suspended.api.v2010.accounts(suspendedSid).fetch()).status).toBe('suspended');
    await expect(suspended.messages.create({ to: theirs, from: ours, body: 'hello' })).rejects.toMatchObject({
      status: 403,
      code: 20005,
    });
  });
});

describe('numbers', () => {
  test('are found, rented, pointed at a webhook, listed and released', async () => {
    const found = await client()
      .availablePhoneNumbers('US')
      .local.list({ areaCode: 212, contains: '0107', limit: 3 });
    expect(found.map(({ phoneNumber }) => phoneNumber)).toEqual(['+12125550107']);
    const bought = await client().incomingPhoneNumbers.create({ phoneNumber: '+12125550107' });
    await client()
      .incomingPhoneNumbers(bought.sid)
      .update({ smsUrl: `${webhookUrl}/rented` });
    expect((await client().incomingPhoneNumbers(bought.sid).fetch()).smsUrl).toBe(`${webhookUrl}/rented`);
    expect(await client().incomingPhoneNumbers.list({ phoneNumber: '+12125550107' })).toHaveLength(1);
    await simulator.text({ from: theirs, to: '+12125550107', body: 'hi' });
    expect(received[0]?.path).toBe('/rented');
    expect(
      await client().availablePhoneNumbers('US').local.list({ areaCode: 212, contains: '0107' }),
    ).toEqual([]);
    expect(await client().incomingPhoneNumbers(bought.sid).remove()).toBe(true);
    expect(await client().incomingPhoneNumbers.list({ pageSize: 1 })).toHaveLength(2);
  });

  test('exist per country and kind', async () => {
    expect((await client().availablePhoneNumbers('GB').mobile.list({ limit: 2 }))[0]?.isoCountry).toBe('GB');
    expect(await client().availablePhoneNumbers('US').tollFree.list({ limit: 2 })).toHaveLength(2);
    await expect(client().availablePhoneNumbers('US').mobile.list()).rejects.toMatchObject({ code: 20404 });
  });

  test('that are taken or no numbers cannot be rented', async () => {
    const rent = (phoneNumber: string) => client().incomingPhoneNumbers.create({ phoneNumber });
    await expect(rent(ours)).rejects.toMatchObject({ code: 21422 });
    await expect(rent('+15005550000')).rejects.toMatchObject({ code: 21422 });
    await expect(rent('+15005550001')).rejects.toMatchObject({ code: 21421 });
  });
});

describe('texts that come in', () => {
  test('reach the webhook of the number, signed over its URL without the fragment', async () => {
    const { messageSid, answer } = await simulator.text({ from: theirs, to: ours, body: 'Grüße 👋' });
    expect(answer).toEqual({ status: 200, contentType: 'text/xml', body: '<Response/>', attempts: 1 });
    expect(received[0]).toMatchObject({
      path: '/sms?tenant=1',
      parameters: { MessageSid: messageSid, From: theirs, To: ours, Body: 'Grüße 👋', NumMedia: '0' },
    });
    const { signature, parameters } = received[0] as Received;
    expect(twilio.validateRequest('token', signature, `${webhookUrl}/sms?tenant=1`, parameters)).toBe(true);
    expect((await client().messages(messageSid).fetch()).direction).toBe('inbound');
  });

  test('to a number in a pool reach the pool and name it', async () => {
    await simulator.text({ from: theirs, to: pooled, body: 'hi' });
    expect(received[0]).toMatchObject({ path: '/pool', parameters: { MessagingServiceSid: serviceSid } });
  });

  test('carry media that can be listed, and fetched over a redirect', async () => {
    const base64 = Buffer.from('picture').toString('base64');
    const { messageSid } = await simulator.text({
      from: theirs,
      to: ours,
      body: '',
      media: [{ contentType: 'image/png', base64 }],
    });
    const [medium] = await client().messages(messageSid).media.list();
    expect(medium?.contentType).toBe('image/png');
    await client()
      .messages(messageSid)
      .media(medium?.sid ?? '')
      .fetch();
    const url = received[0]?.parameters.MediaUrl0 ?? '';
    expect((await fetch(url)).status).toBe(401);
    const authorization = `Basic ${Buffer.from(`${accountSid}:token`).toString('base64')}`;
    exchanges = [];
    const bytes = await fetch(url, { headers: { Authorization: authorization } });
    expect(bytes.headers.get('content-type')).toBe('image/png');
    expect(await bytes.text()).toBe('picture');
    // Bytes of media are not in the description.
    exchanges = [];
  });

  test('are repeated as the fragment of the URL asks, as the same webhook', async () => {
    answers = [500, 503, 200];
    const { answer } = await simulator.text({ from: theirs, to: ours, body: 'hi' });
    expect(answer).toMatchObject({ status: 200, attempts: 3 });
    expect(new Set(received.map(({ idempotencyToken }) => idempotencyToken)).size).toBe(1);
    answers = [500];
    expect((await simulator.text({ from: theirs, to: pooled, body: 'hi' })).answer).toMatchObject({
      status: 500,
      attempts: 1,
    });
    expect(retriesOf('#rc=9&rp=ct', { count: 1, on: 'all' })).toEqual({ count: 1, on: 'connection' });
  });

  test('can come twice with the same SID', async () => {
    const { messageSid } = await simulator.text({ from: theirs, to: ours, body: 'hi' });
    await simulator.text({ from: theirs, to: ours, body: 'hi', messageSid });
    expect(received.map(({ parameters }) => parameters.MessageSid)).toEqual([messageSid, messageSid]);
    expect(await client().messages.list({ to: ours })).toHaveLength(1);
  });
});

describe('faults', () => {
  test('strike as often as asked, and what was not accepted is not in the ledger', async () => {
    simulator.fault({ kind: '429', times: 2 });
    await expect(send()).rejects.toMatchObject({ status: 429, code: 20429 });
    await expect(send()).rejects.toMatchObject({ status: 429 });
    await send();
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('with a probability strike at the same sends for the same seed', async () => {
    const strikes = async (seed: number) => {
      simulator.reset();
      simulator.fault({ kind: '503', times: null, probability: 0.5, seed });
      const outcomes: boolean[] = [];
      for (let count = 0; count < 12; count += 1) outcomes.push(await send().then(Boolean, () => false));
      return outcomes.join();
    };
    const first = await strikes(7);
    expect(await strikes(7)).toBe(first);
    expect(await strikes(8)).not.toBe(first);
    expect(new Set(first.split(',')).size).toBe(2);
  });

  test('of reading leave sends alone', async () => {
    simulator.fault({ kind: '500', on: 'read' });
    await send();
    await expect(client().messages.list()).rejects.toMatchObject({ status: 500 });
    await client().messages.list();
  });

  test.each([
    ['+15005550701', ['sending', 'sending', 'sent', 'sent', 'delivered', 'delivered']],
    ['+15005550702', ['delivered', 'sent', 'sending']],
    ['+15005550703', ['sending', 'sent', 'delivered']],
    ['+15005550704', []],
  ])('of callbacks by number %s: %j', async (to, expected) => {
    await send({ to });
    await simulator.idle();
    const statuses = received.map(({ parameters }) => parameters.MessageStatus);
    expect(statuses.toSorted()).toEqual(expected.toSorted());
  });
});

describe('the control calls', () => {
  test('need their token', async () => {
    expect((await control('GET', 'ledger', undefined, 'wrong')).status).toBe(401);
  });

  test('do what the methods do', async () => {
    expect((await control('POST', 'faults', { kind: '503' })).status).toBe(204);
    await expect(send()).rejects.toMatchObject({ status: 503 });
    const { sid } = await send();
    await simulator.idle();
    const ledger = (await (await control('GET', 'ledger')).json()) as { count: number; entries: unknown[] };
    expect(ledger).toMatchObject({ count: 1, entries: [{ sid }] });
    expect(await (await control('GET', 'ledger?since=1')).json()).toEqual({ count: 1, entries: [] });
    received.length = 0;
    expect(
      await (await control('POST', 'text', { from: theirs, to: ours, body: 'hi' })).json(),
    ).toMatchObject({
      answer: { status: 200 },
    });
    expect(await (await control('POST', 'status', { sid, status: 'read' })).json()).toMatchObject({
      answer: { status: 200 },
    });
    expect(received[1]?.parameters).toMatchObject({ MessageStatus: 'read', MessageSid: sid });
    expect((await control('POST', 'idle')).status).toBe(204);
    expect((await control('POST', 'reset')).status).toBe(204);
    expect(simulator.ledger()).toEqual([]);
  });

  test('say what is wrong with a wrong call', async () => {
    expect((await control('POST', 'faults', { kind: 'earthquake' })).status).toBe(400);
    expect((await control('POST', 'text', { from: theirs, to: '+19', body: 'hi' })).status).toBe(400);
    expect((await control('POST', 'status', { sid: 'SM', status: 'sent' })).status).toBe(400);
  });
});

test('the ledger file has each accepted send before the send is answered', async () => {
  const before = existsSync(ledgerFile) ? readFileSync(ledgerFile, 'utf8').split('\n').length : 1;
  const { sid } = await send();
  const lines = readFileSync(ledgerFile, 'utf8').split('\n');
  expect(lines.length).toBe(before + 1);
  expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ sid, to: theirs, body: 'hello' });
});

describe.runIf(openApi)('the checker by Twilio’s description', () => {
  const path = `/2010-04-01/Accounts/${accountSid}/Messages.json`;
  const check = (exchange: Partial<SimulatedExchange>) =>
    openApi?.violations({
      method: 'POST',
      url: path,
      form: { To: theirs },
      status: 201,
      body: {},
      ...exchange,
    }) ?? [];

  test('finds nothing wrong with Twilio’s own examples', () => {
    const examples = openApi?.examples('GET', path) ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const { status, body } of examples)
      expect(check({ method: 'GET', form: null, status, body })).toEqual([]);
  });

  test('catches planted faults in answers and requests', async () => {
    await send();
    const [{ body }] = exchanges as [SimulatedExchange];
    const good = body as Record<string, unknown>;
    expect(check({ body: good })).toEqual([]);
    const { sid: _sid, ...withoutSid } = good;
    for (const planted of [
      { body: { ...good, status: 'sunk' } },
      { body: { ...good, sid: 'SM1' } },
      { body: { ...good, error_code: '30003' } },
      { body: { ...good, date_created: '2026-01-05T12:00:00Z' } },
      { body: { ...good, invented: true } },
      { body: withoutSid },
      { body: { message: 'no' }, status: 400 },
      { body: good, status: 200 },
      { body: good, form: { From: ours } },
      { body: good, form: { To: theirs, Text: 'hello' } },
      { body: good, form: { To: theirs, MessagingServiceSid: 'MG1' } },
      { body: good, url: `${path}?Limit=1` },
      { body: good, url: path.replace('AC1', 'XX1') },
      { body: good, url: '/2010-04-01/Nothing.json' },
    ]) {
      expect(check(planted), JSON.stringify(planted)).not.toEqual([]);
    }
  });
});
