import type { AccountNumbers, AvailableNumbers, Channel, GhostNumber } from '@parley/contract/channels';
import type { ErrorEnvelope } from '@parley/contract/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;
let source: Channel;

beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  workspace = await test.workspace();
  source = await twilio.connectTwilio(workspace);
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const admin = () => workspace.as('admin');

async function search(query = ''): Promise<AvailableNumbers['items']> {
  const path = `/api/v1/ghost-numbers/available?channelId=${source.id}&country=us${query}`;
  return (await admin().get<AvailableNumbers>(path)).body.items;
}

async function account(): Promise<AccountNumbers['items']> {
  const path = `/api/v1/ghost-numbers/account?channelId=${source.id}`;
  return (await admin().get<AccountNumbers>(path)).body.items;
}

const order = (phoneNumber: string, headers: Record<string, string> = {}) =>
  admin().post<GhostNumber>(
    '/api/v1/ghost-numbers',
    { channelId: source.id, phoneNumber, name: 'Second line' },
    headers,
  );

async function reach(id: string, status: GhostNumber['status']): Promise<GhostNumber> {
  return test.until(`the number to be ${status}`, async () => {
    const { body } = await admin().get<GhostNumber>(`/api/v1/ghost-numbers/${id}`);
    return body.status === status ? body : null;
  });
}

describe('numbers', () => {
  it('are found by country, area and digits', async () => {
    expect(await search('&limit=3')).toHaveLength(3);
    const [found] = await search('&areaCode=212&contains=7');
    expect(found).toMatchObject({ country: 'US', capabilities: { sms: true } });
    expect(found?.phoneNumber).toMatch(/^\+1212.*7/);
    expect((await admin().get('/api/v1/ghost-numbers/available?country=us')).status).toBe(400);
  });

  it('are rented once, become a channel that hears, and go back', async () => {
    const [found] = await search('&areaCode=415');
    const phoneNumber = found?.phoneNumber ?? '';
    const ordered = await order(phoneNumber, { 'idempotency-key': 'rent-1' });
    expect(ordered).toMatchObject({ status: 201, body: { status: 'pending', phoneNumber, channelId: null } });
    expect((await order(phoneNumber, { 'idempotency-key': 'rent-1' })).body).toEqual(ordered.body);
    const bought = await reach(ordered.body.id, 'bought');
    expect((await account()).filter((number) => number.phoneNumber === phoneNumber)).toMatchObject([
      { channelId: bought.channelId },
    ]);
    const { answer } = await twilio.simulator.text({ from: '+15551230001', to: phoneNumber, body: 'hi' });
    expect(answer?.status).toBe(200);
    const channel = await admin().get<Channel>(`/api/v1/channels/${bought.channelId}`);
    expect(channel.body).toMatchObject({ name: 'Second line', address: phoneNumber });

    const taken = await admin().post<ErrorEnvelope>('/api/v1/ghost-numbers', {
      channelId: source.id,
      phoneNumber,
    });
    expect(taken).toMatchObject({ status: 409, body: { error: { code: 'number_ordered' } } });

    const released = await admin().delete<GhostNumber>(`/api/v1/ghost-numbers/${bought.id}`);
    expect(released).toMatchObject({ status: 202, body: { status: 'releasing' } });
    await reach(bought.id, 'released');
    expect((await account()).some((number) => number.phoneNumber === phoneNumber)).toBe(false);
    expect((await admin().get(`/api/v1/channels/${bought.channelId}`)).status).toBe(404);
    expect((await admin().delete(`/api/v1/ghost-numbers/${bought.id}`)).status).toBe(202);
    const { items } = (await admin().get<{ items: GhostNumber[] }>('/api/v1/ghost-numbers')).body;
    expect(items.map(({ id }) => id)).toContain(bought.id);
  });

  it('that the account has already, because an answer was lost, are not bought again', async () => {
    // The simulator has it for this account, as after a purchase whose answer never came.
    const owned = (await account()).find(({ channelId }) => channelId === null);
    const ordered = await order(owned?.phoneNumber ?? '');
    const bought = await reach(ordered.body.id, 'bought');
    expect(bought.channelId).not.toBeNull();
    const { answer } = await twilio.simulator.text({
      from: '+15551230001',
      to: bought.phoneNumber,
      body: 'hi',
    });
    expect(answer?.status).toBe(200);
  });

  it('that somebody else has fail with a sentence', async () => {
    // https://www.twilio.com/docs/iam/test-credentials#test-purchase
    const ordered = await order('+15005550000');
    const failed = await reach(ordered.body.id, 'failed');
    expect(failed).toMatchObject({
      errorCode: '21422',
      explanation: { message: expect.stringContaining('meanwhile') },
    });
    const refused = await admin().delete<ErrorEnvelope>(`/api/v1/ghost-numbers/${failed.id}`);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'number_not_bought' } } });
    // And can be ordered again.
    expect((await order('+15005550000')).status).toBe(201);
  });

  it('are rented by those who may', async () => {
    const body = { channelId: source.id, phoneNumber: '+14155550199' };
    expect((await workspace.as('agent').post('/api/v1/ghost-numbers', body)).status).toBe(403);
    expect((await workspace.as('viewer').get('/api/v1/ghost-numbers')).status).toBe(200);
  });
});
