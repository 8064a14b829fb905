import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Channel } from '@parley/contract/channels';
import type { HandsetMessage, HandsetThread, Phone, PhoneFaults } from '@parley/contract/phone';
import type { LiveFrame } from '@parley/contract/realtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio } from '../../../test/twilio.ts';
import { createPhoneLine } from '../../cli/phone-line.ts';
import { type Simulation, startSimulation } from '../../cli/simulation.ts';
import { livePort } from '../../core/realtime/live.ts';

const emma = '+12025550111';
const shop = '+12025550142';
const noFaults: PhoneFaults = {
  duplicate: false,
  late: false,
  reordered: false,
  lost: false,
  refuse: false,
};

let simulation: Simulation;
let test: TestApp;
let workspace: TestWorkspace;
let inbox: Inbox;

/** A workspace with a number at the simulation. */
async function openShop(): Promise<Inbox> {
  return openInbox(test, {
    connectTwilio: async (owner) => {
      const { status, body } = await owner.as('admin').post<Channel>('/api/v1/channels', {
        provider: 'twilio',
        name: 'The shop’s number',
        address: shop,
        country: 'US',
        credentials: { accountSid: simulation.accountSid, authToken: simulation.authToken },
        configureWebhooks: true,
      });
      expect(status).toBe(201);
      return body;
    },
  });
}

beforeAll(async () => {
  simulation = await startSimulation(Buffer.alloc(32, 7));
  await simulation.addNumber(shop, '');
  test = await startTestApp({
    environment: { TWILIO_API_URL: simulation.url },
    phoneLine: createPhoneLine(simulation),
  });
  inbox = await openShop();
  workspace = inbox.workspace;
});
afterAll(async () => {
  await test.close();
  await simulation.close();
});
afterEach(async () => {
  await setFaults(noFaults);
  await simulation.simulator.idle();
  await test.settled();
});

const messagesPath = (number: string) => `/api/v1/phone/handsets/${encodeURIComponent(number)}/messages`;
const thread = async (number = emma) =>
  (await workspace.as('viewer').get<HandsetThread>(messagesPath(number))).body.items;
const text = (body: string, more: Record<string, unknown> = {}) =>
  workspace.as('agent').post<HandsetMessage>(messagesPath(emma), { to: shop, body, ...more });
const setFaults = (faults: PhoneFaults) =>
  workspace.as('agent').put<PhoneFaults>('/api/v1/phone/faults', faults);
const inThread = (body: string, fits: (message: HandsetMessage) => boolean = () => true) =>
  test.until(`"${body}" in the thread`, async () =>
    (await thread()).find((message) => message.body === body && fits(message)),
  );
const stored = (body: string) =>
  test.until(`"${body}" in the inbox`, async () => {
    const [conversation] = await inbox.conversations();
    if (!conversation) return null;
    const { body: detail } = await workspace
      .as('viewer')
      .get<{ messages: { id: string; body: string; media: { id: string; status: string }[] }[] }>(
        `/api/v1/conversations/${conversation.id}`,
      );
    const found = detail.messages.filter((message) => message.body === body);
    return found.length > 0 && found;
  });

describe('the phone', () => {
  it('has three handsets with numbers of their own, the workspace’s numbers, and pictures that are there', async () => {
    const viewer = workspace.as('viewer');
    const { body } = await viewer.get<Phone>('/api/v1/phone');
    expect(body.handsets.map(({ language }) => language)).toEqual(['en', 'es', 'pt']);
    expect(new Set(body.handsets.map(({ number }) => number)).size).toBe(3);
    expect(body.numbers).toEqual([{ channelId: inbox.channel.id, address: shop, name: 'The shop’s number' }]);
    for (const { url } of body.pictures) {
      const answer = await fetch(`${test.url}${url}`, { headers: await viewer.authorization() });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    }
    expect((await viewer.get('/api/v1/phone/pictures/..%2Fphone.ts')).status).toBe(404);
  });

  it('texts the number over the real road, and sees what the carrier delivers to it', async () => {
    const { status, body: sent } = await text('Good morning');
    expect(status).toBe(201);
    expect(sent).toMatchObject({ direction: 'sent', peer: shop, status: 'accepted', media: [] });
    await stored('Good morning');
    await inbox.write(emma, 'Good morning, Emma');
    await inThread('Good morning, Emma', ({ status: state }) => state === 'delivered');
    expect((await thread()).map(({ direction, body }) => [direction, body])).toEqual([
      ['sent', 'Good morning'],
      ['received', 'Good morning, Emma'],
    ]);
    expect(await thread('+12025550122')).toEqual([]);
  });

  it('sends a picture, which the members get; and sees the one that they send', async () => {
    const { body: sent } = await text('Such a cake?', { picture: 'birthday-cake' });
    expect(sent.media).toEqual([{ url: '/api/v1/phone/pictures/birthday-cake', contentType: 'image/jpeg' }]);
    await test.settled();
    const [message] = await stored('Such a cake?');
    expect(message?.media).toMatchObject([{ status: 'stored', contentType: 'image/jpeg' }]);

    const agent = workspace.as('agent');
    const headers = await agent.authorization();
    const form = new FormData();
    const picture = await fetch(`${test.url}/api/v1/phone/pictures/sourdough`, { headers });
    form.append('file', await picture.blob(), 'bread.jpg');
    const upload = await fetch(`${test.url}/api/v1/media`, { method: 'POST', headers, body: form });
    const { id } = (await upload.json()) as { id: string };
    await inbox.write(emma, 'Rather this', { mediaIds: [id] });
    const received = await inThread('Rather this', ({ media }) => media.length > 0);
    expect(received.media).toEqual([{ url: `/api/v1/media/${id}`, contentType: 'image/jpeg' }]);
    expect(await text('x', { picture: 'no such picture' })).toMatchObject({ status: 404 });
  });

  it('gets the answer to STOP, and to START', async () => {
    await text('STOP');
    await test.until('the confirmation', async () =>
      (await thread()).find(({ direction, body }) => direction === 'received' && body.includes('START')),
    );
    expect(await inbox.post({ to: emma, channelId: inbox.channel.id, body: 'x' })).toMatchObject({
      status: 409,
      body: { error: { code: 'consent_opted_out' } },
    });
    await text('START');
    await test.until('to be opted in again', async () => {
      const [conversation] = await inbox.conversations();
      return conversation?.contact.optedOut === false;
    });
  });

  it('tells who looks when a handset has something new', async () => {
    const frames: [string, LiveFrame, string][] = [];
    const stop = test.kernel.use(livePort).listen({
      hear: (workspaceId, frame, permission) => frames.push([workspaceId, frame, permission]),
      isWanted: () => true,
    });
    await text('Hello?');
    await test.until('a live frame', async () => frames.length > 0);
    stop();
    expect(frames[0]).toEqual([workspace.id, { kind: 'phone_changed', handset: emma }, 'conversations:read']);
  });

  it('refuses what is no text, no handset and no number of the workspace', async () => {
    expect(await text('  ')).toMatchObject({ status: 400 });
    expect(
      await workspace.as('agent').post(messagesPath(emma), { to: '+15005550006', body: 'x' }),
    ).toMatchObject({ status: 400, body: { error: { details: [{ path: 'body.to' }] } } });
    expect(
      await workspace.as('agent').post(messagesPath('+15551239999'), { to: shop, body: 'x' }),
    ).toMatchObject({ status: 404 });
    expect((await workspace.as('viewer').get(messagesPath('+15551239999'))).status).toBe(404);
  });

  it('lets who may read look, who may send text, and nobody else do either', async () => {
    const viewer = workspace.as('viewer');
    expect((await viewer.post(messagesPath(emma), { to: shop, body: 'x' })).status).toBe(403);
    expect((await viewer.put('/api/v1/phone/faults', noFaults)).status).toBe(403);
    for (const path of ['', '/faults', '/pictures/receipt', `/handsets/${emma}/messages`]) {
      expect((await test.anonymous.get(`/api/v1/phone${path}`)).status).toBe(401);
    }
  });

  it('is not there in a workspace without a simulated number, nor where nothing is simulated', async () => {
    const unavailable = { status: 404, body: { error: { code: 'phone_unavailable' } } };
    const other = (await test.workspace()).as('admin');
    const twilio = await startTwilio();
    const plain = await startTestApp({ environment: twilio.environment });
    try {
      const owner = (await plain.workspace()).as('admin');
      for (const stranger of [other, owner]) {
        expect(await stranger.get('/api/v1/phone')).toMatchObject(unavailable);
        expect(await stranger.get(messagesPath(emma))).toMatchObject(unavailable);
        expect(await stranger.get('/api/v1/phone/pictures/receipt')).toMatchObject(unavailable);
        expect(await stranger.post(messagesPath(emma), { to: shop, body: 'x' })).toMatchObject(unavailable);
        expect(await stranger.put('/api/v1/phone/faults', noFaults)).toMatchObject(unavailable);
      }
    } finally {
      await plain.close();
      await twilio.close();
    }
  });
});

describe('a fault that is asked for', () => {
  it('is on until it is switched off', async () => {
    expect((await workspace.as('viewer').get('/api/v1/phone/faults')).body).toEqual(noFaults);
    const some = { ...noFaults, duplicate: true, lost: true };
    expect((await setFaults(some)).body).toEqual(some);
    expect((await setFaults(some)).body).toEqual(some);
    expect((await workspace.as('viewer').get('/api/v1/phone/faults')).body).toEqual(some);
    expect((await setFaults(noFaults)).body).toEqual(noFaults);
  });

  it('duplicate: every webhook comes twice, and nothing is there twice', async () => {
    await setFaults({ ...noFaults, duplicate: true });
    await text('Once, please');
    await simulation.simulator.idle();
    await test.settled();
    expect(await stored('Once, please')).toHaveLength(1);
    const [row] = await inbox.sql<{ duplicates: number }>(
      'select duplicates from deliveries order by received_at desc, id desc limit 1',
    );
    expect(row?.duplicates).toBe(1);
  });

  it('late: a text is on its way before it arrives', async () => {
    await setFaults({ ...noFaults, late: true });
    const { body: sent } = await text('Late');
    expect(sent.status).toBe('sending');
    await inThread('Late', ({ status }) => status === 'accepted');
    await stored('Late');
  });

  it('reordered: what came first stays history, and the message is delivered', async () => {
    await setFaults({ ...noFaults, reordered: true });
    const message = await inbox.write(emma, 'In what order?');
    await simulation.simulator.idle();
    expect((await inbox.becomes(message.id, 'delivered')).events.length).toBeGreaterThan(2);
  });

  it('lost: the handset has it, and Parley never hears so', async () => {
    await setFaults({ ...noFaults, lost: true });
    const message = await inbox.write(emma, 'Not heard of again');
    await inThread('Not heard of again', ({ status }) => status === 'delivered');
    await simulation.simulator.idle();
    await test.settled();
    expect((await inbox.read(message.id)).status).toBe('queued');
  });

  it('refuse: the message is not delivered, and sent anew it is', async () => {
    await setFaults({ ...noFaults, refuse: true });
    const message = await inbox.write(emma, 'Take this');
    expect((await inbox.becomes(message.id, 'undelivered')).failure).toMatchObject({ code: '30007' });
    await inThread('Take this', ({ status }) => status === 'undelivered');
    await setFaults(noFaults);
    await workspace.as('agent').post(`/api/v1/messages/${message.id}/attempts`);
    await inbox.becomes(message.id, 'delivered');
  });
});

describe('a text that is not taken', () => {
  let door: Server;
  const answers = { status: 503 };
  beforeAll(async () => {
    door = createServer((_request, response) => response.writeHead(answers.status).end()).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => door.once('listening', resolve));
  });
  afterAll(() => door.close());

  it('is shown as refused, or as lost where nobody answers', async () => {
    const line = createPhoneLine(simulation);
    const away = '+12025550199';
    await simulation.addNumber(away, `http://127.0.0.1:${(door.address() as AddressInfo).port}/`);
    const input = { from: emma, to: away, body: 'Anybody?', picture: null };
    expect((await line.text(input)).status).toBe('refused');
    door.closeAllConnections();
    await new Promise((resolve) => door.close(resolve));
    expect((await line.text(input)).status).toBe('lost');
  });
});

it('what was said before the carrier forgot is in the thread still', async () => {
  const before = (await thread()).map(({ id, body }) => [id, body]);
  expect(before.length).toBeGreaterThan(3);
  simulation.simulator.reset();
  await simulation.addNumber(shop, `${test.url}/webhook/twilio/sms`);
  const known = new Set((await thread()).map(({ id }) => id));
  const rows = await inbox.sql<{ provider_message_id: string }>(
    'select provider_message_id from messages where provider_message_id is not null',
  );
  expect(known).toEqual(new Set(rows.map((row) => row.provider_message_id)));
  await text('And again');
  expect((await thread()).at(-1)).toMatchObject({ body: 'And again', direction: 'sent' });
});
