import type { Channel, ChannelHealth, ChannelTest } from '@parley/contract/channels';
import type { ErrorEnvelope } from '@parley/contract/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import {
  callWebhook,
  inboundParameters,
  startTwilio,
  type TestTwilio,
  twilioAccount,
} from '../../../test/twilio.ts';

const rotated = 'the token after the rotation';

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;

beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
beforeEach(async () => {
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const admin = () => workspace.as('admin');
const sms = () => `${test.url}/webhook/twilio/sms`;

async function texted(address: string, authToken?: string): Promise<number> {
  const parameters = inboundParameters(address);
  return (await callWebhook({ url: sms(), parameters, ...(authToken ? { authToken } : {}) })).status;
}

describe('connecting', () => {
  const connect = (more: object) =>
    admin().post<ErrorEnvelope>('/api/v1/channels', {
      provider: 'twilio',
      address: '+15551239050',
      credentials: twilioAccount,
      ...more,
    });

  it('checks the credentials, points the number at us, and never shows them again', async () => {
    const channel = await twilio.connectTwilio(workspace, { name: 'The shop', sendsPerSecond: 3 });
    expect(channel).toMatchObject({
      provider: 'twilio',
      name: 'The shop',
      accountId: twilioAccount.accountSid,
      country: 'US',
      status: 'active',
      sendsPerSecond: 3,
      hasPreviousCredentials: false,
      webhooks: { inbound: sms(), status: `${test.url}/webhook/twilio/status` },
      capabilities: { segments: true },
    });
    expect(
      await test.event('channel.created', ({ payload }) => payload.channelId === channel.id),
    ).toBeTruthy();
    expect((await twilio.text({ from: '+15551230001', body: 'hi' })).answer?.status).toBe(200);
    const answers = await Promise.all([
      admin().get('/api/v1/channels'),
      admin().get(`/api/v1/channels/${channel.id}`),
      admin().get(`/api/v1/channels/${channel.id}/health`),
      admin().post(`/api/v1/channels/${channel.id}/tests`),
      admin().patch(`/api/v1/channels/${channel.id}`, { name: 'The other shop' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(JSON.stringify([channel, ...answers])).not.toContain(twilioAccount.authToken);
    expect(test.logged.join('')).not.toContain(twilioAccount.authToken);
    const [row] = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ credentials: Uint8Array }>('select credentials from channels where id = $1', [
        channel.id,
      ]),
    );
    expect(Buffer.from(row?.credentials ?? []).includes(twilioAccount.authToken)).toBe(false);
  });

  it.each([
    ['another provider', { provider: 'pigeon' }, 400, 'sms.validation_error'],
    [
      'malformed credentials',
      { credentials: { accountSid: 'AC1', authToken: 'x' } },
      400,
      'sms.validation_error',
    ],
    [
      'credentials that Twilio refuses',
      { credentials: { ...twilioAccount, authToken: 'wrong' } },
      400,
      'credentials_refused',
    ],
    ['a number of somebody else', { address: '+15557770000' }, 400, 'sms.validation_error'],
    ['no number at all', { address: '+' }, 400, 'sms.validation_error'],
    ['a national number without a country', { address: '(555) 123-9051' }, 400, 'sms.validation_error'],
    ['a country that is none', { country: 'XX' }, 400, 'sms.validation_error'],
    [
      'webhooks where there is no number',
      { address: 'HARBOUR', configureWebhooks: true },
      400,
      'sms.validation_error',
    ],
  ])('with %s says what is wrong', async (_what, more, status, code) => {
    const answer = await connect(more);
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe(code);
    expect((await admin().get<{ items: unknown[] }>('/api/v1/channels')).body.items).toEqual([]);
  });

  it('names the fields that are wrong, and none of their values', async () => {
    const { body } = await connect({ credentials: { accountSid: 'secret-ish', authToken: 'x' } });
    expect(body.error.details).toMatchObject([{ path: 'body.credentials.accountSid' }]);
    expect(JSON.stringify(body)).not.toContain('secret-ish');
  });

  it('says so when Twilio is not there', async () => {
    twilio.simulator.fault({ kind: '503', on: 'read', times: 1 });
    const away = await startTestApp({ environment: { TWILIO_API_URL: 'http://127.0.0.1:9' } });
    try {
      const ws = await away.workspace();
      const answer = await ws.as('admin').post<ErrorEnvelope>('/api/v1/channels', {
        provider: 'twilio',
        address: '+15551239052',
        credentials: twilioAccount,
      });
      expect(answer).toMatchObject({ status: 502, body: { error: { code: 'sms.external_failed' } } });
    } finally {
      await away.close();
    }
  });

  it('reads a national number in the country that is given, and refuses one that is connected', async () => {
    const body = { address: '(555) 123-9053', country: 'us', configureWebhooks: false };
    const headers = { 'idempotency-key': 'connect-1' };
    const first = await admin().post<Channel>(
      '/api/v1/channels',
      { provider: 'twilio', credentials: twilioAccount, ...body },
      headers,
    );
    expect(first).toMatchObject({ status: 201, body: { address: '+15551239053', country: 'US' } });
    const again = await admin().post<Channel>(
      '/api/v1/channels',
      { provider: 'twilio', credentials: twilioAccount, ...body },
      headers,
    );
    expect(again.body).toEqual(first.body);
    const other = (await test.workspace()).as('admin');
    const taken = await other.post<ErrorEnvelope>('/api/v1/channels', {
      provider: 'twilio',
      address: '+15551239053',
      credentials: twilioAccount,
    });
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'channel_exists' } } });
  });
});

describe('a channel', () => {
  it('of another workspace is a 404, whatever is asked', async () => {
    const channel = await twilio.connectTwilio(workspace);
    const stranger = (await test.workspace()).as('admin');
    const path = `/api/v1/channels/${channel.id}`;
    const answers = await Promise.all([
      stranger.get(path),
      stranger.patch(path, { name: 'mine' }),
      stranger.delete(path),
      stranger.get(`${path}/health`),
      stranger.post(`${path}/tests`),
      stranger.put(`${path}/credentials`, { credentials: twilioAccount }),
      stranger.delete(`${path}/credentials/previous`),
      stranger.get(`/api/v1/ghost-numbers/account?channelId=${channel.id}`),
      stranger.post('/api/v1/ghost-numbers', { channelId: channel.id, phoneNumber: '+14155550100' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect((await stranger.get<{ items: unknown[] }>('/api/v1/channels')).body.items).toEqual([]);
    expect(await texted(channel.address)).toBe(200);
  });

  it('can be seen by a viewer and changed by an admin only', async () => {
    const channel = await twilio.connectTwilio(workspace);
    const path = `/api/v1/channels/${channel.id}`;
    expect((await workspace.as('viewer').get(path)).status).toBe(200);
    expect((await workspace.as('agent').patch(path, { name: 'x' })).status).toBe(403);
    expect((await workspace.as('viewer').post(`${path}/tests`)).status).toBe(403);
  });

  it('is listed page by page, newest first', async () => {
    const made = [await twilio.connectTwilio(workspace), await twilio.connectTwilio(workspace)];
    type Page = { items: Channel[]; nextCursor: string | null };
    const first = (await admin().get<Page>('/api/v1/channels?limit=1')).body;
    expect(first.items.map(({ id }) => id)).toEqual([made[1]?.id]);
    const second = (await admin().get<Page>(`/api/v1/channels?limit=1&cursor=${first.nextCursor}`)).body;
    expect(second).toMatchObject({ items: [{ id: made[0]?.id }], nextCursor: null });
  });

  it('can be paused and resumed, and says so in the event log', async () => {
    const channel = await twilio.connectTwilio(workspace);
    const path = `/api/v1/channels/${channel.id}`;
    expect((await admin().patch<Channel>(path, { status: 'paused', country: 'ca' })).body).toMatchObject({
      status: 'paused',
      country: 'CA',
    });
    const event = await test.event('channel.changed', ({ payload }) => payload.channelId === channel.id);
    expect(event.payload).toMatchObject({ changed: ['country', 'status'], status: 'paused' });
    expect((await admin().patch<Channel>(path, { status: 'active' })).body.status).toBe('active');
    expect((await admin().patch(path, { status: 'needs_attention' })).status).toBe(400);
  });

  it('that is removed takes nothing more in, and our address leaves the number', async () => {
    const channel = await twilio.connectTwilio(workspace);
    expect(await texted(channel.address)).toBe(200);
    expect((await admin().delete(`/api/v1/channels/${channel.id}`)).status).toBe(204);
    expect(await texted(channel.address)).toBe(404);
    expect((await admin().get(`/api/v1/channels/${channel.id}`)).status).toBe(404);
    await test.event('channel.deleted', ({ payload }) => payload.channelId === channel.id);
    await test.until('the number to have no address', async () => {
      const { answer } = await twilio.simulator.text({
        from: '+15551230001',
        to: channel.address,
        body: 'hi',
      });
      return answer === null;
    });
    // And the same number can be connected again.
    const again = await twilio.connectTwilio(workspace, { address: channel.address });
    expect(await texted(again.address)).toBe(200);
  });

  it('that is removed leaves a number alone that goes elsewhere meanwhile', async () => {
    const channel = await twilio.connectTwilio(workspace, { configureWebhooks: false });
    expect((await admin().delete(`/api/v1/channels/${channel.id}`)).status).toBe(204);
    await test.settled();
    const [row] = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ length: number }>('select length(credentials) as length from channels where id = $1', [
        channel.id,
      ]),
    );
    // Its credentials are forgotten: what is left seals nothing but two empty fields.
    expect(row?.length).toBeLessThan(80);
  });
});

describe('a rotation', () => {
  it('keeps both tokens valid for webhooks until the earlier one is removed', async () => {
    const both = await startTwilio({
      accounts: [
        {
          sid: twilioAccount.accountSid,
          authToken: twilioAccount.authToken,
          secondaryAuthToken: rotated,
          numbers: [{ phoneNumber: '+15551239000' }],
        },
      ],
    });
    const app = await startTestApp({ environment: both.environment });
    try {
      const ws = await app.workspace();
      const channel = await both.connectTwilio(ws);
      const url = `${app.url}/webhook/twilio/sms`;
      const status = async (authToken: string) =>
        (await callWebhook({ url, parameters: inboundParameters(channel.address), authToken })).status;
      const path = `/api/v1/channels/${channel.id}`;
      expect([await status(twilioAccount.authToken), await status(rotated)]).toEqual([200, 403]);
      const put = (authToken: string, accountSid = twilioAccount.accountSid) =>
        ws.as('admin').put<Channel>(`${path}/credentials`, { credentials: { accountSid, authToken } });
      expect((await put('not a token of it')).status).toBe(400);
      expect((await put(rotated)).body).toMatchObject({ hasPreviousCredentials: true, status: 'active' });
      expect([await status(twilioAccount.authToken), await status(rotated)]).toEqual([200, 200]);
      // The same ones again push nothing out.
      expect((await put(rotated)).body.hasPreviousCredentials).toBe(true);
      expect(await status(twilioAccount.authToken)).toBe(200);
      expect((await ws.as('admin').delete(`${path}/credentials/previous`)).status).toBe(204);
      expect([await status(twilioAccount.authToken), await status(rotated)]).toEqual([403, 200]);
    } finally {
      await app.close();
      await both.close();
    }
  });
});

describe('a test of a channel', () => {
  const find = async (id: string) => (await admin().post<ChannelTest>(`/api/v1/channels/${id}/tests`)).body;
  const codes = (result: ChannelTest) => result.findings.map(({ level, code }) => `${level}:${code}`);

  it('finds nothing wrong where nothing is, but that the address is a local one', async () => {
    const channel = await twilio.connectTwilio(workspace);
    const result = await find(channel.id);
    expect(result.ok).toBe(true);
    expect(codes(result)).toEqual(['ok:credentials', 'ok:webhook', 'warning:public_url_local']);
  });

  it('finds webhooks that lead nowhere or elsewhere', async () => {
    const channel = await twilio.connectTwilio(workspace, { configureWebhooks: false });
    expect(codes(await find(channel.id))).toContain('error:webhook_unset');
  });

  it('finds refused credentials, and the channel needs attention until they are mended', async () => {
    const channel = await twilio.connectTwilio(workspace);
    const wrong = JSON.stringify({ current: { ...twilioAccount, authToken: 'revoked' }, previous: null });
    await workspace.ctx.transaction((tx) =>
      tx.sql('update channels set credentials = $2 where id = $1', [
        channel.id,
        tx.seal(wrong, `channels.credentials:${channel.id}`),
      ]),
    );
    const result = await find(channel.id);
    expect(result.ok).toBe(false);
    expect(codes(result)[0]).toBe('error:credentials_refused');
    const health = (await admin().get<ChannelHealth>(`/api/v1/channels/${channel.id}/health`)).body;
    expect(health).toMatchObject({
      status: 'needs_attention',
      explanation: { message: expect.stringContaining('credentials') },
    });
    const put = await admin().put<Channel>(`/api/v1/channels/${channel.id}/credentials`, {
      credentials: twilioAccount,
    });
    expect(put.body).toMatchObject({ status: 'active', statusCode: null });
  });
});

describe('health', () => {
  it('tells when a channel last heard something, and whether its provider answers', async () => {
    const channel = await twilio.connectTwilio(workspace);
    expect(await texted(channel.address)).toBe(200);
    const health = await test.until('the moment to be written', async () => {
      const { body } = await admin().get<ChannelHealth>(`/api/v1/channels/${channel.id}/health`);
      return body.lastInboundAt ? body : null;
    });
    expect(health).toMatchObject({ status: 'active', breaker: 'closed', refusals: [] });
    expect(health.provider.reachable).toBe(true);
    const report = await test.anonymous.get<{ checks: Record<string, { status: string }> }>('/health');
    expect(report.body.checks.provider?.status).toBe('ok');
  });
});
