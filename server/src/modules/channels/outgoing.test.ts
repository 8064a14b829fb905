import type { ChannelHealth } from '@parley/contract/channels';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio, twilioAccount } from '../../../test/twilio.ts';
import { fixedClock } from '../../core/clock.ts';
import {
  callProvider,
  explainCode,
  fetchChannelMedia,
  lookUpAtProvider,
  type ProviderSend,
  reserveSendSlot,
} from './outgoing.ts';

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;
let channelId: string;

beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
beforeEach(async () => {
  twilio.simulator.reset();
  workspace = await test.workspace();
  channelId = (await twilio.connectTwilio(workspace)).id;
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const message = (more: Partial<ProviderSend> = {}): ProviderSend => ({
  to: '+15551230001',
  body: 'hello',
  mediaUrls: [],
  reference: 'message.1',
  ...more,
});

const beginsWithinMs = 30_000;
const call = (more: Partial<ProviderSend> = {}, signal = AbortSignal.timeout(30_000)) =>
  callProvider(workspace.ctx, channelId, message(more), { signal, beginsWithinMs });

const health = async () =>
  (await workspace.as('viewer').get<ChannelHealth>(`/api/v1/channels/${channelId}/health`)).body;

describe('a send', () => {
  it('is one call, whose status callbacks carry its reference', async () => {
    const outcome = await call();
    expect(outcome).toMatchObject({ outcome: 'accepted', segments: 1 });
    const [entry, ...others] = twilio.simulator.ledger();
    expect(others).toEqual([]);
    expect(entry?.statusCallback).toBe(`${test.url}/webhook/twilio/status?reference=message.1`);
    await test.until('the moment to be written', async () => (await health()).lastOutboundAt);
  });

  it('is repeated when the provider refuses for now, and sent once', async () => {
    twilio.simulator.fault({ kind: '429', times: 1 });
    twilio.simulator.fault({ kind: '503', times: 2 });
    expect(await call()).toMatchObject({ outcome: 'accepted' });
    expect(twilio.simulator.ledger()).toHaveLength(1);
  });

  it('ends as refused for now when the provider keeps refusing', async () => {
    twilio.simulator.fault({ kind: '503', times: 4 });
    expect(await call()).toMatchObject({ outcome: 'retry' });
    expect(twilio.simulator.ledger()).toEqual([]);
    expect(await call()).toMatchObject({ outcome: 'accepted' });
  });

  it.each(['reset_after_accept', 'bad_gateway_after_accept', 'nonsense'] as const)(
    'whose answer is lost (%s) is not repeated, and can be looked up',
    async (kind) => {
      const since = new Date();
      twilio.simulator.fault({ kind, times: 1 });
      expect(await call({ body: kind })).toMatchObject({ outcome: 'unknown' });
      const found = await lookUpAtProvider(workspace.ctx, channelId, {
        to: '+15551230001',
        body: kind,
        since,
      });
      expect(found.map(({ providerId }) => providerId)).toEqual(
        twilio.simulator.ledger().map(({ sid }) => sid),
      );
      expect(twilio.simulator.ledger().length).toBeLessThanOrEqual(1);
    },
  );

  it('that is refused for good is refused once', async () => {
    expect(await call({ to: '+15005550009' })).toEqual({ outcome: 'reject', code: '21614' });
    expect((await health()).status).toBe('active');
  });

  it('that the channel’s setup does not allow makes the channel need attention, until one goes through', async () => {
    await workspace.ctx.transaction((tx) =>
      tx.sql('update channels set credentials = $2 where id = $1', [
        channelId,
        tx.seal(
          JSON.stringify({ current: { ...twilioAccount, authToken: 'revoked' }, previous: null }),
          `channels.credentials:${channelId}`,
        ),
      ]),
    );
    expect(await call()).toMatchObject({ outcome: 'reconnect' });
    expect(await health()).toMatchObject({
      status: 'needs_attention',
      explanation: { action: expect.any(String) },
    });
    const event = await test.event('channel.changed', ({ payload }) => payload.channelId === channelId);
    expect(event.payload).toMatchObject({ status: 'needs_attention', statusCode: '20003' });
    const mended = await workspace
      .as('admin')
      .put(`/api/v1/channels/${channelId}/credentials`, { credentials: twilioAccount });
    expect(mended.status).toBe(200);
    expect(await call()).toMatchObject({ outcome: 'accepted' });
  });

  it('through a paused, a removed or a foreign channel reaches nobody', async () => {
    const path = `/api/v1/channels/${channelId}`;
    await workspace.as('admin').patch(path, { status: 'paused' });
    expect(await call()).toMatchObject({ outcome: 'retry', code: 'channel_paused' });
    const stranger = await test.workspace();
    const signal = AbortSignal.timeout(5000);
    expect(await callProvider(stranger.ctx, channelId, message(), { signal, beginsWithinMs })).toEqual({
      outcome: 'reject',
      code: 'channel_deleted',
    });
    await workspace.as('admin').delete(path);
    expect(await call()).toEqual({ outcome: 'reject', code: 'channel_deleted' });
    expect(twilio.simulator.ledger()).toEqual([]);
    expect(explainCode(test.kernel, 'twilio', 'channel_deleted').message).toContain('removed');
    expect(explainCode(test.kernel, 'twilio', '21610').message).toContain('STOP');
  });

  it('that was given up before it began is not made', async () => {
    expect(await call({}, AbortSignal.abort())).toMatchObject({ outcome: 'retry', code: 'given_up' });
    expect(twilio.simulator.ledger()).toEqual([]);
  });

  it('fetches what a person sent, with the channel’s credentials', async () => {
    const picture = Buffer.from('a picture').toString('base64');
    const { messageSid } = await twilio.simulator.text({
      from: '+15551230001',
      to: (await workspace.as('viewer').get<{ address: string }>(`/api/v1/channels/${channelId}`)).body
        .address,
      body: '',
      media: [{ contentType: 'image/png', base64: picture }],
    });
    const list = await fetch(
      `${twilio.simulator.url}/2010-04-01/Accounts/${twilioAccount.accountSid}/Messages/${messageSid}/Media.json`,
      {
        headers: {
          authorization: `Basic ${Buffer.from(`${twilioAccount.accountSid}:${twilioAccount.authToken}`).toString('base64')}`,
        },
      },
    );
    const { media_list: media } = (await list.json()) as { media_list: { uri: string }[] };
    const url = `${twilio.simulator.url}${media[0]?.uri.replace(/\.json$/, '')}`;
    const fetched = await fetchChannelMedia(workspace.ctx, channelId, url, 1000);
    expect(fetched.body.toString()).toBe('a picture');
    await expect(fetchChannelMedia(workspace.ctx, channelId, url, 3)).rejects.toMatchObject({
      code: 'too_large',
    });
  });
});

describe('the slots of a channel', () => {
  // Ahead of the channels, whose first slot is the moment of their making.
  const clock = fixedClock(Date.now() + 3_600_000);
  const reserve = (segments: number) =>
    workspace.ctx.transaction((tx) => reserveSendSlot({ ...tx, clock }, channelId, segments));

  it('are now where there is no limit', async () => {
    expect(await Promise.all([reserve(1), reserve(3)])).toEqual([clock.date(), clock.date()]);
  });

  it('follow one another at the pace of the channel, by segments, and are not saved up', async () => {
    await workspace.as('admin').patch(`/api/v1/channels/${channelId}`, { sendsPerSecond: 2 });
    const start = clock.now();
    const at = async (segments: number) => (await reserve(segments)).getTime() - start;
    expect(await at(1)).toBe(0);
    expect(await at(3)).toBe(500);
    expect(await at(1)).toBe(2000);
    clock.advance(60_000);
    expect(await at(1)).toBe(60_000);
    expect(await at(1)).toBe(60_500);
  });

  it('are given once each, however many ask at the same time', async () => {
    await workspace.as('admin').patch(`/api/v1/channels/${channelId}`, { sendsPerSecond: 10 });
    const slots = await Promise.all(Array.from({ length: 10 }, () => reserve(1)));
    const offsets = slots.map((slot) => slot.getTime() - clock.now()).sort((one, other) => one - other);
    expect(offsets).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });
});

describe('the breaker', () => {
  it('leaves a provider alone that fails again and again, and says so in the channel’s health', async () => {
    // An account of its own: what happens to it concerns no other test.
    const away = await startTwilio();
    const app = await startTestApp({ environment: away.environment });
    try {
      const ws = await app.workspace();
      const channel = await away.connectTwilio(ws);
      away.simulator.fault({ kind: '503', times: null });
      const signal = AbortSignal.timeout(60_000);
      const send = () => callProvider(ws.ctx, channel.id, message(), { signal, beginsWithinMs });
      const outcomes = [];
      for (let time = 0; time < 4; time += 1) outcomes.push(await send());
      expect(outcomes.at(-1)).toMatchObject({ outcome: 'retry', code: 'circuit_open' });
      const { body } = await ws.as('viewer').get<ChannelHealth>(`/api/v1/channels/${channel.id}/health`);
      expect(body.breaker).toBe('open');
      await expect(
        lookUpAtProvider(ws.ctx, channel.id, { to: '+15551230001', body: 'x', since: new Date() }),
      ).rejects.toMatchObject({ code: 'circuit_open', retryable: true });
    } finally {
      await app.close();
      await away.close();
    }
  });
});
