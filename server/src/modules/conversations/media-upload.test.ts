import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Message, type MessageMedium, mediaBytesMax } from '@parley/contract/messages';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiResponse, startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { fixedClock } from '../../core/clock.ts';
import { newId } from '../../core/identifiers.ts';
import { createMediaLinks } from './media-links.ts';
import { removeUnusedUploads } from './media-upload.ts';

let twilio: TestTwilio;
let test: TestApp;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
afterEach(async () => {
  await test.settled();
  twilio.simulator.reset();
});

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const vcard = Buffer.from('BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n');
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');

async function upload(
  inbox: Inbox,
  files: readonly Buffer[],
  options: { role?: 'agent' | 'viewer'; name?: string; more?: Record<string, string> } = {},
): Promise<ApiResponse<MessageMedium>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(options.more ?? {})) form.append(name, value);
  for (const file of files) {
    form.append('file', new Blob([new Uint8Array(file)], { type: 'image/png' }), options.name ?? 'p.png');
  }
  const answer = await fetch(`${test.url}/api/v1/media`, {
    method: 'POST',
    headers: await inbox.workspace.as(options.role ?? 'agent').authorization(),
    body: form,
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as MessageMedium };
}

async function uploaded(inbox: Inbox, file: Buffer): Promise<string> {
  const { status, body } = await upload(inbox, [file]);
  expect(status).toBe(201);
  return body.id;
}

async function download(inbox: Inbox, mediaId: string): Promise<Response> {
  const headers = await inbox.workspace.as('viewer').authorization();
  return fetch(`${test.url}/api/v1/media/${mediaId}`, { headers });
}

/** What the carrier was told of a message's files. */
function mediaUrlsTo(number: string): readonly string[] {
  return twilio.simulator.messagesWith(number).flatMap(({ mediaUrls }) => mediaUrls);
}

const filesOf = (inbox: Inbox) =>
  readdir(join(test.kernel.config.PARLEY_DATA, 'media', inbox.workspace.id)).catch(() => []);

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('a file that a member uploads', () => {
  it('is sent with a message, and the carrier fetches it by an address that opens this file and no other', async () => {
    const inbox = await openInbox(test, twilio);
    const picture = await uploaded(inbox, png);
    const card = await uploaded(inbox, vcard);
    const message = await inbox.write('+15551280001', 'Look', { mediaIds: [card, picture] });
    expect(message.media).toMatchObject([
      { id: card, contentType: 'text/vcard', status: 'stored' },
      { id: picture, contentType: 'image/png', bytes: png.length, status: 'stored' },
    ]);
    await inbox.becomes(message.id, 'delivered');
    const [cardUrl = '', pictureUrl = ''] = mediaUrlsTo('+15551280001');
    expect(cardUrl).toMatch(new RegExp(`^${test.url}/media/[\\w-]+$`));
    const shown = await fetch(pictureUrl);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(png);
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="${picture}.png"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
    });
    const saved = await fetch(cardUrl);
    expect(Buffer.from(await saved.arrayBuffer())).toEqual(vcard);
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment/);

    const token = pictureUrl.slice(pictureUrl.lastIndexOf('/') + 1);
    for (const wrong of [
      token.slice(0, -4),
      `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`,
      picture,
      'x',
    ]) {
      const answer = await fetch(`${test.url}/media/${wrong}`);
      expect([wrong, answer.status]).toEqual([wrong, 404]);
      await answer.arrayBuffer();
    }
    expect(test.logged.filter((line) => line.includes(token))).toEqual([]);
  });

  it('may go without words, and words without a file; neither is no message', async () => {
    const inbox = await openInbox(test, twilio);
    const picture = await uploaded(inbox, png);
    const message = await inbox.write('+15551280002', '', { mediaIds: [picture] });
    await inbox.becomes(message.id, 'delivered');
    expect(mediaUrlsTo('+15551280002')).toHaveLength(1);
    expect(await inbox.post({ to: '+15551280002', body: '', mediaIds: [] })).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'body.body' }] } },
    });
  });

  it('is seen by members before it is sent, sealed at rest, and by nobody else', async () => {
    const inbox = await openInbox(test, twilio);
    const picture = await uploaded(inbox, png);
    expect(Buffer.from(await (await download(inbox, picture)).arrayBuffer())).toEqual(png);
    expect(await filesOf(inbox)).toEqual([picture]);
    const stranger = await openInbox(test, twilio);
    expect((await download(stranger, picture)).status).toBe(404);
    expect(await stranger.post({ to: '+15551280003', body: 'x', mediaIds: [picture] })).toMatchObject(
      refusal(404, 'sms.not_found'),
    );
    expect(await upload(inbox, [png], { role: 'viewer' })).toMatchObject(refusal(403, 'forbidden'));
  });

  it('is sent once, and again after its message was taken back', async () => {
    const inbox = await openInbox(test, twilio);
    const picture = await uploaded(inbox, png);
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const first = await inbox.write('+15551280004', 'later', { mediaIds: [picture], sendAt });
    expect(await inbox.post({ to: '+15551280004', body: 'x', mediaIds: [picture] })).toMatchObject(
      refusal(409, 'media_used'),
    );
    await inbox.workspace.as('agent').delete(`/api/v1/messages/${first.id}`);
    const second = await inbox.write('+15551280004', 'now', { mediaIds: [picture, picture] });
    expect(second.media).toMatchObject([{ id: picture }]);
    expect((await inbox.read(first.id)).media).toEqual([]);
    await inbox.becomes(second.id, 'delivered');
  });

  it('that a message refused to carry is there for the next one', async () => {
    const inbox = await openInbox(test, twilio);
    const picture = await uploaded(inbox, png);
    const wrong = await inbox.post({ to: '+15551280005', body: 'x', mediaIds: [picture, newId()] });
    expect(wrong).toMatchObject(refusal(404, 'sms.not_found'));
    const message = await inbox.write('+15551280005', 'x', { mediaIds: [picture] });
    await inbox.becomes(message.id, 'delivered');
    const failed = await twilio.simulator.status({
      sid: message.providerId ?? twilio.simulator.messagesWith('+15551280005')[0]?.sid ?? '',
      status: 'read',
    });
    expect(failed?.status).toBe(200);
  });

  it('goes along when a failed message is sent anew', async () => {
    const inbox = await openInbox(test, twilio);
    const picture = await uploaded(inbox, png);
    const takeBack = twilio.simulator.fault({ kind: 'refuse', times: null });
    const message = await inbox.write('+15551280006', 'x', { mediaIds: [picture] });
    expect(await inbox.becomes(message.id, 'undelivered')).toMatchObject({ failure: { code: '30007' } });
    takeBack();
    const again = await inbox.workspace.as('agent').post<Message>(`/api/v1/messages/${message.id}/attempts`);
    expect(again.status).toBe(201);
    await inbox.becomes(message.id, 'delivered');
    expect(mediaUrlsTo('+15551280006')).toHaveLength(2);
  });
});

describe('an upload', () => {
  it.each([
    ['of a kind that is not sent', [svg], 415, 'media_type_not_sent'],
    ['of a text that claims to be a picture', [Buffer.from('hello')], 415, 'media_type_not_sent'],
    ['of nothing', [Buffer.alloc(0)], 415, 'media_type_not_sent'],
    ['that is too large', [Buffer.concat([png, Buffer.alloc(mediaBytesMax)])], 413, 'body_too_large'],
    ['of two files', [png, png], 413, 'body_too_large'],
    ['without a file', [], 400, 'sms.validation_error'],
  ])('%s is refused, and nothing is kept', async (_what, files, status, code) => {
    const inbox = await openInbox(test, twilio);
    expect(await upload(inbox, files)).toMatchObject(refusal(status, code));
    expect(await filesOf(inbox)).toEqual([]);
  });

  it('in another shape than a form is refused', async () => {
    const inbox = await openInbox(test, twilio);
    expect(await inbox.workspace.as('agent').post('/api/v1/media', { file: 'x' })).toMatchObject(
      refusal(415, 'unsupported_media_type'),
    );
    const headers = await inbox.workspace.as('agent').authorization();
    const garbled = await fetch(`${test.url}/api/v1/media`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
      body: 'no boundary here',
    });
    expect(garbled.status).toBe(400);
  });

  it('of more than 5 MB together goes with no message', async () => {
    const inbox = await openInbox(test, twilio);
    const half = Buffer.concat([png, Buffer.alloc(mediaBytesMax / 2)]);
    const ids = [await uploaded(inbox, half), await uploaded(inbox, half)];
    expect(await inbox.post({ to: '+15551280007', body: 'x', mediaIds: ids })).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'body.mediaIds' }] } },
    });
  });

  it('that is never sent is removed after a day, with its file; one that was sent stays', async () => {
    const inbox = await openInbox(test, twilio);
    const [unused, sent] = [await uploaded(inbox, png), await uploaded(inbox, png)];
    const message = await inbox.write('+15551280008', 'x', { mediaIds: [sent] });
    await inbox.becomes(message.id, 'delivered');
    const system = test.kernel.systemContext();
    await removeUnusedUploads(system);
    expect(await filesOf(inbox)).toHaveLength(2);
    const tomorrow = fixedClock(Date.now() + 25 * 3_600_000);
    await removeUnusedUploads({ ...system, clock: tomorrow });
    expect(await filesOf(inbox)).toEqual([sent]);
    expect((await download(inbox, unused)).status).toBe(404);
    expect((await download(inbox, sent)).status).toBe(200);
  });
});

it('the address of a file opens it for a day, and only where it was signed', () => {
  const clock = fixedClock();
  const key = Buffer.alloc(32, 1);
  const links = createMediaLinks([key], 'https://parley.example', clock);
  const file = { workspaceId: newId(), mediaId: newId() };
  const token = links.urlOf(file).slice('https://parley.example/media/'.length);
  expect(links.read(token)).toEqual(file);
  expect(createMediaLinks([Buffer.alloc(32, 2)], 'https://parley.example', clock).read(token)).toBeNull();
  // While another secret takes over, links of before are followed; and each has one spelling.
  const both = createMediaLinks([Buffer.alloc(32, 2), key], 'https://parley.example', clock);
  expect(both.read(token)).toEqual(file);
  for (const other of [`${token}=`, `\u0000${token}`, `${token} `]) expect(links.read(other)).toBeNull();
  clock.advance(23 * 3_600_000);
  expect(links.read(token)).toEqual(file);
  clock.advance(2 * 3_600_000);
  expect(links.read(token)).toBeNull();
});
