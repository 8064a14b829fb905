import type { Channel, InspectedAccount } from '@parley/contract/channels';
import type { ErrorEnvelope } from '@parley/contract/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio, twilioAccount, twilioSubaccount } from '../../../test/twilio.ts';

const suspended = { accountSid: `AC${'3'.repeat(32)}`, authToken: 'the token of the suspended one' };
const empty = { accountSid: `AC${'4'.repeat(32)}`, authToken: 'the token of the empty one' };
const shop = { accountSid: `AC${'5'.repeat(32)}`, authToken: 'the token of the shop' };
const shopNumbers = ['+14155550161', '+14155550162'];

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;

beforeAll(async () => {
  twilio = await startTwilio({
    accounts: [
      { sid: suspended.accountSid, authToken: suspended.authToken, status: 'suspended' },
      { sid: empty.accountSid, authToken: empty.authToken, friendlyName: 'The empty one' },
      {
        sid: shop.accountSid,
        authToken: shop.authToken,
        friendlyName: 'The shop',
        numbers: shopNumbers.map((phoneNumber) => ({ phoneNumber })),
      },
    ],
  });
  test = await startTestApp({ environment: twilio.environment });
});
beforeEach(async () => {
  workspace = await test.workspace();
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const inspect = async <Body = InspectedAccount>(credentials: object, provider = 'twilio', of = workspace) =>
  of.as('admin').post<Body>('/api/v1/channels/account-inspections', { provider, credentials });

/** Where the provider calls for a text to that number of the shop, as the provider itself says it. */
async function inboundUrl(phoneNumber: string): Promise<string> {
  const account = `${twilio.environment.TWILIO_API_URL}/2010-04-01/Accounts/${shop.accountSid}`;
  const answer = await fetch(
    `${account}/IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(phoneNumber)}`,
    {
      headers: {
        authorization: `Basic ${Buffer.from(`${shop.accountSid}:${shop.authToken}`).toString('base64')}`,
      },
    },
  );
  const body = (await answer.json()) as { incoming_phone_numbers: { sms_url: string }[] };
  return body.incoming_phone_numbers[0]?.sms_url ?? 'no such number';
}

describe('an inspection of an account', () => {
  it('names the account and its numbers, and stores nothing', async () => {
    expect(await inspect(empty)).toMatchObject({
      status: 200,
      body: { ok: true, accountName: 'The empty one', finding: null, numbers: [] },
    });
    const { body } = await inspect(shop);
    expect(body).toMatchObject({ ok: true, accountName: 'The shop', finding: null });
    expect(body.numbers?.map(({ phoneNumber, channelId }) => [phoneNumber, channelId])).toEqual(
      expect.arrayContaining(shopNumbers.map((phoneNumber) => [phoneNumber, null])),
    );
    expect(body.numbers?.[0]).toMatchObject({ country: 'US', capabilities: { sms: true } });
    expect((await workspace.as('admin').get<{ items: unknown[] }>('/api/v1/channels')).body.items).toEqual(
      [],
    );
    expect(await inboundUrl('+14155550161')).toBe('');
  });

  it.each([
    ['a wrong token', { ...shop, authToken: 'wrong' }, /did not accept the credentials/],
    ['an account that does not exist', twilioAccount, /did not accept the credentials|does not know/],
    [
      'a wrong API key',
      { ...shop, apiKeySid: `SK${'9'.repeat(32)}`, apiKeySecret: 'wrong' },
      /did not accept the credentials/,
    ],
    ['a suspended account', suspended, /suspended/],
  ])('with %s says plainly what is wrong and what to do', async (_what, credentials, message) => {
    const { status, body } = await inspect(credentials);
    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: false, accountName: null, numbers: null });
    expect(body.finding).toMatchObject({ level: 'error', code: 'credentials_refused' });
    expect(body.finding?.message).toMatch(message);
    expect(body.finding?.action).not.toBe('');
  });

  it('says so when the provider is not there', async () => {
    const away = await startTestApp({ environment: { TWILIO_API_URL: 'http://127.0.0.1:9' } });
    try {
      const { body } = await inspect(shop, 'twilio', await away.workspace());
      expect(body).toMatchObject({ ok: false, finding: { code: 'provider_unavailable' }, numbers: null });
      expect(body.finding?.message).not.toContain('message');
    } finally {
      await away.close();
    }
  });

  it('names the fields that cannot be right, and none of their values', async () => {
    const { status, body } = await inspect<ErrorEnvelope>({ accountSid: 'secret-ish', authToken: 'x' });
    expect(status).toBe(400);
    expect(body.error.details).toMatchObject([{ path: 'body.credentials.accountSid' }]);
    expect(JSON.stringify(body)).not.toContain('secret-ish');
    const other = await inspect<ErrorEnvelope>({}, 'pigeon');
    expect(other.body.error.details).toMatchObject([{ path: 'body.provider' }]);
  });

  it('is for those who manage channels', async () => {
    const asked = workspace
      .as('agent')
      .post('/api/v1/channels/account-inspections', { provider: 'twilio', credentials: shop });
    expect((await asked).status).toBe(403);
  });

  it('leaves no credential in a log, an event or a job', async () => {
    await inspect(shop);
    await inspect({ ...twilioSubaccount, authToken: 'a token that is wrong' });
    const rows = await test.kernel.database.asOwner((queries) =>
      queries.sql('select payload::text from events union all select data::text from pgboss.job'),
    );
    const written = JSON.stringify([test.logged, rows]);
    for (const secret of [shop.authToken, 'a token that is wrong']) expect(written).not.toContain(secret);
  });
});

it('connecting from inspection to removal: what is chosen receives, and nothing is left at the provider', async () => {
  const admin = workspace.as('admin');
  const [address = ''] = shopNumbers;
  const connected = await admin.post<Channel>('/api/v1/channels', {
    provider: 'twilio',
    address: (await inspect(shop)).body.numbers?.find(({ phoneNumber }) => phoneNumber === address)
      ?.phoneNumber,
    credentials: shop,
    configureWebhooks: true,
  });
  expect(connected.status).toBe(201);
  const { id, webhooks } = connected.body;
  expect(await inboundUrl(address)).toContain(webhooks.inbound);

  const channelOf = async (of: TestWorkspace) =>
    (await inspect(shop, 'twilio', of)).body.numbers?.find(({ phoneNumber }) => phoneNumber === address)
      ?.channelId;
  expect(await channelOf(workspace)).toBe(id);
  // What others connected is theirs to know.
  expect(await channelOf(await test.workspace())).toBeNull();

  const { answer } = await twilio.text({ from: '+15551230071', to: address, body: 'Is it connected?' });
  expect(answer?.status).toBe(200);
  await test.event('message.received', ({ payload }) => payload.channelId === id);

  expect((await admin.delete(`/api/v1/channels/${id}`)).status).toBe(204);
  await test.settled();
  expect(await inboundUrl(address)).toBe('');
  expect(await channelOf(workspace)).toBeNull();
  const [row] = await test.kernel.database.asSystem((queries) =>
    queries.sql<{ length: number }>('select length(credentials) as length from channels where id = $1', [id]),
  );
  // Its credentials are forgotten: what is left seals nothing but two empty fields.
  expect(row?.length).toBeLessThan(80);
});
