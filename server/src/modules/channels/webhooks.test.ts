import type { ChannelHealth } from '@parley/contract/channels';
import type { ErrorEnvelope } from '@parley/contract/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import {
  callWebhook,
  inboundParameters,
  messagingServiceSid,
  newMessageSid,
  pooledNumber,
  startTwilio,
  subaccountNumber,
  type TestTwilio,
  twilioAccount,
  twilioSubaccount,
} from '../../../test/twilio.ts';

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;
let sms: string;
let number: string;
let channelId: string;

beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  workspace = await test.workspace();
  const channel = await twilio.connectTwilio(workspace);
  number = channel.address;
  channelId = channel.id;
  sms = `${test.url}/webhook/twilio/sms`;
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

interface DeliveryRow {
  id: string;
  channel_id: string;
  workspace_id: string;
  hook: string;
  delivery_key: string;
  duplicates: number;
  status: string;
  error_code: string | null;
  request_id: string;
  payload: Uint8Array;
}

async function deliveries(key: string, app = test): Promise<DeliveryRow[]> {
  return app.kernel.database.asSystem((queries) =>
    queries.sql<DeliveryRow>('select * from deliveries where delivery_key like $1 order by id', [`${key}%`]),
  );
}

async function countDeliveries(): Promise<number> {
  const [row] = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ count: number }>('select count(*)::int as count from deliveries'),
  );
  return row?.count ?? 0;
}

const codeOf = (answer: { body: string }) => (JSON.parse(answer.body) as ErrorEnvelope).error.code;

async function health(id = channelId, client = workspace): Promise<ChannelHealth> {
  return (await client.as('viewer').get<ChannelHealth>(`/api/v1/channels/${id}/health`)).body;
}

async function refusal(reason: string, id = channelId) {
  return test.until(`a refusal for ${reason}`, async () =>
    (await health(id)).refusals.find((refused) => refused.reason === reason),
  );
}

async function metric(line: string): Promise<number> {
  const { body } = await test.anonymous.get<string>('/metrics', {
    authorization: 'Bearer a token for the metrics of tests',
  });
  const found = body.split('\n').find((candidate) => candidate.startsWith(line));
  return Number(found?.split(' ').at(-1) ?? 0);
}

describe('a genuine webhook', () => {
  it('is answered with empty TwiML once it is in the journal, sealed, under the request’s id', async () => {
    const { messageSid, answer } = await twilio.text({
      from: '+15551230001',
      body: 'a canary in the coal mine',
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer?.contentType).toMatch(/^text\/xml/);
    expect(answer?.body).toContain('<Response/>');
    const [row] = await deliveries(messageSid);
    expect(row).toMatchObject({
      channel_id: channelId,
      workspace_id: workspace.id,
      hook: 'sms',
      duplicates: 0,
    });
    expect(Buffer.from(row?.payload ?? []).includes('canary')).toBe(false);
    expect(Buffer.from(row?.payload ?? []).includes(Buffer.from('canary').toString('base64'))).toBe(false);
  });

  it('carries one id from its header to its delivery', async () => {
    const parameters = inboundParameters(number);
    const headers = { 'x-request-id': 'from-the-edge-0001' };
    const answer = await callWebhook({ url: sms, parameters, headers });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-request-id']).toBe('from-the-edge-0001');
    expect(await deliveries(parameters.MessageSid ?? '')).toMatchObject([
      { request_id: 'from-the-edge-0001' },
    ]);
  });

  it('that comes again is a 200 and changes nothing but a count', async () => {
    const before = await metric('parley_webhook_total{provider="twilio",hook="sms",outcome="duplicate"}');
    const parameters = inboundParameters(number);
    const answers = [];
    for (let time = 0; time < 3; time += 1) answers.push(await callWebhook({ url: sms, parameters }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await deliveries(parameters.MessageSid ?? '')).toMatchObject([{ duplicates: 2 }]);
    expect(await metric('parley_webhook_total{provider="twilio",hook="sms",outcome="duplicate"}')).toBe(
      before + 2,
    );
  });

  it('that comes twenty times at once is stored once and processed once', async () => {
    const parameters = inboundParameters(number);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => callWebhook({ url: sms, parameters })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await deliveries(parameters.MessageSid ?? '')).toMatchObject([{ duplicates: 19 }]);
  });

  it('is a delivery of its own for each status', async () => {
    const MessageSid = newMessageSid();
    const base = { AccountSid: twilioAccount.accountSid, From: number, To: '+15551230001', MessageSid };
    for (const MessageStatus of ['sent', 'delivered', 'sent']) {
      const url = `${test.url}/webhook/twilio/status?reference=m.1`;
      const answer = await callWebhook({
        url,
        parameters: { ...base, MessageStatus, SmsStatus: MessageStatus },
      });
      expect(answer.status).toBe(200);
    }
    const rows = await deliveries(MessageSid);
    expect(rows.map((row) => [row.delivery_key.split(':')[1], row.duplicates])).toEqual([
      ['sent', 1],
      ['delivered', 0],
    ]);
  });

  it('that nobody can key is kept under its own bytes, and processing marks it as failed', async () => {
    const parameters = {
      AccountSid: twilioAccount.accountSid,
      To: number,
      From: '+15551230001',
      Body: 'no SID',
    };
    const before = await countDeliveries();
    for (let time = 0; time < 2; time += 1) {
      expect((await callWebhook({ url: sms, parameters })).status).toBe(200);
    }
    expect(await countDeliveries()).toBe(before + 1);
    await test.until('it to be marked', async () =>
      (await deliveries('unkeyed:')).some((row) => row.status === 'failed' && row.error_code),
    );
  });

  it('for a number of a pool that is not connected itself is found by its Messaging Service', async () => {
    const other = await test.workspace();
    const pool = await twilio.connectTwilio(other, { poolId: messagingServiceSid, address: pooledNumber });
    const parameters = inboundParameters('+15550001111', { MessagingServiceSid: messagingServiceSid });
    expect((await callWebhook({ url: sms, parameters })).status).toBe(200);
    expect(await deliveries(parameters.MessageSid ?? '')).toMatchObject([
      { channel_id: pool.id, workspace_id: other.id },
    ]);
    // The number itself, where it is connected, comes before the pool.
    const direct = inboundParameters(number, { MessagingServiceSid: messagingServiceSid });
    expect((await callWebhook({ url: sms, parameters: direct })).status).toBe(200);
    expect(await deliveries(direct.MessageSid ?? '')).toMatchObject([{ channel_id: channelId }]);
  });

  it('of a subaccount is checked with the subaccount’s token', async () => {
    const channel = await twilio.connectTwilio(workspace, {
      address: subaccountNumber,
      credentials: {
        ...twilioSubaccount,
        parentAccountSid: twilioAccount.accountSid,
        parentAuthToken: twilioAccount.authToken,
      },
    });
    const { messageSid, answer } = await twilio.text({
      from: '+15551230001',
      body: 'hi',
      to: subaccountNumber,
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(await deliveries(messageSid)).toMatchObject([{ channel_id: channel.id }]);
    const parameters = inboundParameters(subaccountNumber, { AccountSid: twilioSubaccount.accountSid });
    const { authToken } = twilioAccount;
    expect((await callWebhook({ url: sms, parameters, authToken })).status).toBe(403);
  });
});

describe('a webhook that is not genuine', () => {
  const refused = async (call: Omit<Parameters<typeof callWebhook>[0], 'url' | 'parameters'>, url = sms) => {
    const parameters = inboundParameters(number);
    const answer = await callWebhook({ url, parameters, ...call });
    expect(await deliveries(parameters.MessageSid ?? '')).toEqual([]);
    return answer;
  };

  it('is refused when it is signed with another token, and the channel’s health says what to look at', async () => {
    const before = await metric(
      'parley_webhook_refused_total{provider="twilio",hook="sms",reason="wrong_signature"}',
    );
    const answer = await refused({ authToken: 'a token that somebody guessed' });
    expect(answer.status).toBe(403);
    expect(codeOf(answer)).toBe('wrong_signature');
    expect(
      await metric('parley_webhook_refused_total{provider="twilio",hook="sms",reason="wrong_signature"}'),
    ).toBe(before + 1);
    const explained = await refusal('wrong_signature');
    expect(explained).toMatchObject({ hook: 'sms', message: expect.stringContaining('token') });
    expect(explained.action).toContain(sms);
    const event = await test.event('webhook.refused', ({ payload }) => payload.channelId === channelId);
    expect(event).toMatchObject({
      workspaceId: workspace.id,
      payload: { channelId, hook: 'sms', reason: 'wrong_signature' },
    });
  });

  it('is told once a minute, however many there are', async () => {
    await refused({ authToken: 'first' });
    const { count } = await refusal('wrong_signature');
    await Promise.all(Array.from({ length: 30 }, () => refused({ authToken: 'forged' })));
    await test.until('all to be counted', async () => (await refusal('wrong_signature')).count >= count + 30);
    const events = await test.kernel.events.read(workspace.id, 0, 1000);
    const told = events.filter(
      ({ type, payload }) =>
        type === 'webhook.refused' && payload.channelId === channelId && payload.reason === 'wrong_signature',
    );
    expect(told).toHaveLength(1);
  });

  it.each([
    ['an empty signature', { headers: { 'x-twilio-signature': '' } }, 403, 'missing_signature'],
    ['a trimmed signature', { headers: { 'x-twilio-signature': 'AAAA' } }, 403, 'wrong_signature'],
    ['a signature of another body', { body: 'To=1&AccountSid=2' }, 404, 'unknown_number'],
    [
      'a signature of another URL',
      { signedUrl: 'https://elsewhere.example/webhook/twilio/sms' },
      403,
      'wrong_signature',
    ],
    ['JSON', { headers: { 'content-type': 'application/json' }, body: '{"a":1}' }, 400, 'unreadable'],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 400, 'unreadable'],
    ['no body', { body: '' }, 400, 'unreadable'],
    ['ten thousand parameters', { body: 'a=1&'.repeat(10_000) }, 400, 'unreadable'],
    ['more than the body may have', { body: `Body=${'x'.repeat(70_000)}` }, 413, 'body_too_large'],
  ])('with %s is refused and nothing of it is stored', async (_what, call, status, code) => {
    // What was texted before is answered, and the carrier tells of that.
    await test.settled();
    const before = await countDeliveries();
    const answer = await refused(call);
    expect(answer.status).toBe(status);
    expect(codeOf(answer)).toBe(code);
    expect(await countDeliveries()).toBe(before);
  });

  it('with a changed field is refused', async () => {
    const parameters = inboundParameters(number);
    const body = new URLSearchParams({ ...parameters, Body: 'send money' }).toString();
    const answer = await callWebhook({ url: sms, parameters, body });
    expect(answer.status).toBe(403);
    expect(await deliveries(parameters.MessageSid ?? '')).toEqual([]);
  });

  it('at another address than the public one is explained as that', async () => {
    const answer = await refused({
      signedUrl: 'https://elsewhere.example/webhook/twilio/sms',
      headers: { host: 'internal.example:8080' },
    });
    expect(codeOf(answer)).toBe('wrong_url');
    expect(await refusal('wrong_url')).toMatchObject({ action: expect.stringContaining(sms) });
  });

  it('for a number that nobody connected is a 404, and is told to the channels of its account', async () => {
    const parameters = inboundParameters('+15550009999');
    const answer = await callWebhook({ url: sms, parameters });
    expect(answer.status).toBe(404);
    expect(codeOf(answer)).toBe('unknown_number');
    expect(await refusal('unknown_number')).toMatchObject({
      action: expect.stringContaining('Connect that number'),
    });
    const stranger = inboundParameters('+15550009999', { AccountSid: `AC${'9'.repeat(32)}\0` });
    expect((await callWebhook({ url: sms, parameters: stranger })).status).toBe(404);
  });

  it('that was genuine once is a duplicate when it is replayed', async () => {
    const parameters = inboundParameters(number);
    expect((await callWebhook({ url: sms, parameters })).status).toBe(200);
    expect((await callWebhook({ url: sms, parameters })).status).toBe(200);
    expect(await deliveries(parameters.MessageSid ?? '')).toHaveLength(1);
    const later = { ...parameters, MessageSid: newMessageSid() };
    const body = new URLSearchParams(later).toString();
    expect((await callWebhook({ url: sms, parameters, body })).status).toBe(403);
  });

  it('nested without end, or full of NUL and halves of characters, leaves the process up', async () => {
    const deep = `{"AccountSid":"x","Deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const headers = { 'content-type': 'application/json' };
    const url = `${sms}?bodySHA256=00`;
    expect((await refused({ body: deep, headers }, url)).status).toBe(404);
    const bytes = Buffer.concat([
      Buffer.from(`To=${encodeURIComponent(number)}&Body=`),
      Buffer.from([0, 0xed, 0xa0, 0x80]),
    ]);
    expect((await refused({ body: bytes })).status).toBe(403);
    const parameters = inboundParameters(number, {
      From: number,
      Body: 'a\0b%ED%A0%80',
      MessageStatus: 'odd\0one',
    });
    expect((await callWebhook({ url: sms, parameters })).status).toBe(200);
    expect((await test.anonymous.get('/livez')).status).toBe(200);
  });
});

describe('behind a proxy', () => {
  it('is checked over the address that the provider called, with and without port and query', async () => {
    const behind = await startTestApp({
      environment: {
        ...twilio.environment,
        PARLEY_TRUST_PROXY: 'true',
        PUBLIC_URL: 'https://parley.example/base',
      },
    });
    try {
      const ws = await behind.workspace();
      const { address } = await twilio.connectTwilio(ws);
      const call = async (
        signedUrl: string,
        headers: Record<string, string> = {},
        path = '/webhook/twilio/sms',
      ) => {
        const url = `${behind.url}${path}`;
        const parameters = inboundParameters(address);
        return (await callWebhook({ url, signedUrl, headers, parameters })).status;
      };
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'texts.example' };
      const path = '/webhook/twilio/sms';
      expect(await call(`https://parley.example/base${path}`)).toBe(200);
      expect(await call(`https://parley.example/base${path}?a=1&b=%20`, {}, `${path}?a=1&b=%20`)).toBe(200);
      expect(await call(`https://parley.example:443/base${path}`)).toBe(200);
      expect(await call(`https://texts.example${path}`, forwarded)).toBe(200);
      expect(await call(`https://texts.example:443${path}`, forwarded)).toBe(200);
      expect(
        await call(`https://texts.example:8443${path}`, { ...forwarded, 'x-forwarded-port': '8443' }),
      ).toBe(200);
      expect(await call(`https://texts.example${path}?x=1`, forwarded, `${path}?x=1`)).toBe(200);
      expect(await call(`https://tunnel.example${path}`, { host: 'tunnel.example' })).toBe(200);
      expect(await call(`https://texts.example${path}?x=1`, forwarded)).toBe(403);
      expect(await call(`https://texts.example${path}`)).toBe(403);
      const twice = { ...forwarded, 'x-forwarded-host': 'texts.example, inner.example' };
      expect(await call(`https://texts.example${path}`, twice)).toBe(200);
    } finally {
      await behind.close();
    }
  });

  it('believes no forwarded address where no proxy is configured', async () => {
    const parameters = inboundParameters(number);
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'texts.example' };
    const signedUrl = 'https://texts.example/webhook/twilio/sms';
    expect((await callWebhook({ url: sms, parameters, headers, signedUrl })).status).toBe(403);
  });
});

describe('too many webhooks', () => {
  it('are shed with 503 and Retry-After, and nothing acknowledged is lost', async () => {
    const small = await startTestApp({
      environment: { ...twilio.environment, INGEST_QUEUE_MAX: '10' },
    });
    try {
      const ws = await small.workspace();
      const { address } = await twilio.connectTwilio(ws);
      const url = `${small.url}/webhook/twilio/sms`;
      expect((await callWebhook({ url, parameters: inboundParameters(address) })).status).toBe(200);
      const release = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const holder = small.kernel.database.asOwner(async (queries) => {
        await queries.sql('lock table deliveries in share row exclusive mode');
        locked.resolve();
        await release.promise;
      });
      await locked.promise;
      const calls = Array.from({ length: 60 }, () => inboundParameters(address));
      const answers = calls.map((parameters) => callWebhook({ url, parameters }));
      await Promise.any(answers.map(async (answer) => expect((await answer).status).toBe(503)));
      release.resolve();
      await holder;
      const outcomes = await Promise.all(answers);
      for (const [index, { status, headers }] of outcomes.entries()) {
        const stored = await deliveries(calls[index]?.MessageSid ?? '', small);
        expect(stored).toHaveLength(status === 200 ? 1 : 0);
        expect([status, headers['retry-after']]).toEqual(status === 200 ? [200, undefined] : [503, '1']);
      }
      const shed = outcomes.findIndex(({ status }) => status === 503);
      const again = await callWebhook({ url, parameters: calls[shed] ?? {} });
      expect(again.status).toBe(200);
    } finally {
      await small.close();
    }
  });
});

describe('the journal', () => {
  it('lets a poisoned row harm no neighbour', async () => {
    // Stands for whatever a row may have that the database does not take.
    await test.kernel.database.execute(
      "alter table deliveries add constraint poison check (delivery_key not like 'SMdead%')",
    );
    const good = Array.from({ length: 12 }, () => inboundParameters(number));
    const bad = ['1', '2', '3'].map((digit) =>
      inboundParameters(number, { MessageSid: `SMdead${digit.repeat(28)}` }),
    );
    const all = [...good.slice(0, 6), ...bad, ...good.slice(6)];
    const answers = await Promise.all(all.map((parameters) => callWebhook({ url: sms, parameters })));
    const statusOf = (parameters: Record<string, string>) => answers[all.indexOf(parameters)]?.status;
    expect(good.map(statusOf)).toEqual(good.map(() => 200));
    expect(bad.map(statusOf)).toEqual(bad.map(() => 503));
    for (const { MessageSid = '' } of good) expect(await deliveries(MessageSid)).toHaveLength(1);
    for (const { MessageSid = '' } of bad) expect(await deliveries(MessageSid)).toEqual([]);
  });

  it('gives a delivery whose job vanished its job again', async () => {
    await test.settled();
    const { messageSid } = await twilio.text({ from: '+15551230007', body: 'hi', to: number });
    await test.settled();
    await test.kernel.database.asSystem((queries) =>
      queries.sql(
        `update deliveries set status = 'received', received_at = received_at - interval '2 minutes'
         where delivery_key = $1`,
        [messageSid],
      ),
    );
    const { runSweep } = await import('./deliveries.ts');
    expect(await runSweep(test.kernel.systemContext())).toBeGreaterThanOrEqual(1);
    expect(await runSweep(test.kernel.systemContext())).toBe(0);
    await test.until('it to be processed', async () =>
      (await deliveries(messageSid)).some((row) => row.status === 'processed'),
    );
  });
});
