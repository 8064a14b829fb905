import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversationDetail } from '@parley/contract/conversations';
import { type Message, mediaBytesMax } from '@parley/contract/messages';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { createFileStorage } from '../../core/storage.ts';
import { sniffMedia } from './media-types.ts';

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
const html = Buffer.from('<html><script>alert(1)</script></html>');

async function receive(
  inbox: Inbox,
  from: string,
  files: { contentType: string; body: Buffer }[],
): Promise<Message> {
  await twilio.simulator.text({
    from,
    to: inbox.channel.address,
    body: 'look',
    media: files.map(({ contentType, body }) => ({ contentType, base64: body.toString('base64') })),
  });
  return test.until('the files to be settled', async () => {
    const [conversation] = await inbox.conversations();
    if (!conversation) return null;
    const { body } = await inbox.workspace
      .as('viewer')
      .get<ConversationDetail>(`/api/v1/conversations/${conversation.id}`);
    const [message] = body.messages;
    return message?.media.every(({ status }) => status !== 'pending') && message;
  });
}

async function download(inbox: Inbox, mediaId: string) {
  const { body } = await inbox.workspace
    .as('admin')
    .post<{ key: string }>('/api/v1/api-keys', { name: 'files', role: 'viewer' });
  const answer = await fetch(`${test.url}/api/v1/media/${mediaId}`, {
    headers: { authorization: `Bearer ${body.key}` },
  });
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe('a file that a contact sends', () => {
  it('is fetched, served to members as what it is, and sealed at rest', async () => {
    const inbox = await openInbox(test, twilio);
    const message = await receive(inbox, '+15551290001', [
      { contentType: 'image/png', body: png },
      { contentType: 'text/x-vcard', body: vcard },
    ]);
    expect(message.media).toMatchObject([
      { contentType: 'image/png', bytes: png.length, status: 'stored' },
      { contentType: 'text/vcard', bytes: vcard.length, status: 'stored' },
    ]);
    const [picture, card] = message.media;
    const shown = await download(inbox, picture?.id ?? '');
    expect(shown.bytes).toEqual(png);
    expect(Object.fromEntries(shown.answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `inline; filename="${picture?.id}.png"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const saved = await download(inbox, card?.id ?? '');
    expect(saved.bytes).toEqual(vcard);
    expect(saved.answer.headers.get('content-disposition')).toMatch(/^attachment/);

    const folder = join(test.kernel.config.PARLEY_DATA, 'media', inbox.workspace.id);
    const files = await readdir(folder);
    expect(files.toSorted()).toEqual([picture?.id, card?.id].toSorted());
    for (const file of files) {
      const bytes = await readFile(join(folder, file));
      expect(bytes.includes('PNG') || bytes.includes('VCARD')).toBe(false);
    }
    expect((await test.anonymous.get(`/api/v1/media/${picture?.id}`)).status).toBe(401);
    const stranger = (await test.workspace()).as('owner');
    expect((await stranger.get(`/api/v1/media/${picture?.id}`)).status).toBe(404);
    expect(await inbox.events('message.media_settled')).toHaveLength(2);
  });

  it('is never a page: what claims to be one comes as text to save', async () => {
    const inbox = await openInbox(test, twilio);
    const message = await receive(inbox, '+15551290002', [{ contentType: 'text/html', body: html }]);
    expect(message.media).toMatchObject([{ contentType: 'text/plain', status: 'stored' }]);
    const { answer } = await download(inbox, message.media[0]?.id ?? '');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  it('that is too large, of a kind that is not kept, or gone, leaves its reason', async () => {
    const inbox = await openInbox(test, twilio);
    const zip = Buffer.from('504b0304140000000800', 'hex');
    const message = await receive(inbox, '+15551290003', [
      { contentType: 'image/png', body: Buffer.concat([png, Buffer.alloc(mediaBytesMax)]) },
      { contentType: 'image/png', body: zip },
    ]);
    expect(message.media).toMatchObject([
      { status: 'failed', errorCode: 'too_large' },
      { status: 'failed', errorCode: 'type_not_kept' },
    ]);
    const agent = inbox.workspace.as('viewer');
    expect(await agent.get(`/api/v1/media/${message.media[0]?.id}`)).toMatchObject({
      status: 409,
      body: { error: { code: 'media_not_stored' } },
    });
  });
});

it.each([
  ['a picture', png, 'image/png'],
  ['a contact card', vcard, 'text/vcard'],
  ['a text', Buffer.from('grüße\n'), 'text/plain'],
  ['a document', Buffer.from('%PDF-1.7\n%\xE2\xE3\n', 'latin1'), 'application/pdf'],
  ['a program', Buffer.from('7f454c46020101000000000000000000', 'hex'), null],
  ['an XML document', Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), null],
  ['noise', Buffer.from('80818283ff', 'hex'), null],
  ['nothing', Buffer.alloc(0), null],
])('%s is known by its bytes', async (_what, bytes, type) => {
  expect(await sniffMedia(bytes)).toBe(type);
});

describe('the file storage', () => {
  it('gives back what was put, nothing for what was not, and refuses keys that climb', async () => {
    const storage = createFileStorage(join(test.kernel.config.PARLEY_DATA, 'try'));
    await storage.put('a/b', Buffer.from('one'));
    await storage.put('a/b', Buffer.from('two'));
    expect(await storage.get('a/b')).toEqual(Buffer.from('two'));
    expect(await storage.get('a/c')).toBeNull();
    await storage.delete('a/b');
    await storage.delete('a/b');
    expect(await storage.get('a/b')).toBeNull();
    for (const key of ['', '..', '../a', 'a/../b', '/a', 'a/', 'a\0b']) {
      await expect(storage.put(key, Buffer.from('x')), key).rejects.toThrow('not a storage key');
    }
  });
});
