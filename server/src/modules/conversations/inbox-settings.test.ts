import type { Conversation } from '@parley/contract/conversations';
import type { QuickReply, View } from '@parley/contract/inbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp } from '../../../test/harness.ts';
import { addMember, type TestMember } from '../../../test/members.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { newId } from '../../core/identifiers.ts';

let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let ana: TestMember;
let ben: TestMember;
let viewer: TestMember;
let admin: TestMember;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  inbox = await openInbox(test, twilio);
  ana = await addMember(test, inbox.workspace);
  ben = await addMember(test, inbox.workspace);
  viewer = await addMember(test, inbox.workspace, 'viewer');
  admin = await addMember(test, inbox.workspace, 'admin');
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

describe('a saved view', () => {
  const make = (client: ApiClient, body: unknown) => client.post<View>('/api/v1/views', body);
  const names = async (client: ApiClient) =>
    (await client.get<{ items: View[] }>('/api/v1/views')).body.items.map(({ name }) => name);

  it('is its maker’s alone until it is shared', async () => {
    const { status, body } = await make(ana.client, {
      name: 'My Spanish',
      filters: { open: true, ownerId: 'me', language: 'es', channelId: inbox.channel.id },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      filters: { open: true, ownerId: 'me', language: 'es', channelId: inbox.channel.id },
      shared: false,
      ownerId: ana.userId,
    });
    expect(await names(ana.client)).toContain('My Spanish');
    expect(await names(ben.client)).not.toContain('My Spanish');
    const path = `/api/v1/views/${body.id}`;
    expect((await ben.client.put(path, { name: 'Mine', filters: {} })).status).toBe(404);
    expect((await admin.client.delete(path)).status).toBe(404);
    const shared = await ana.client.put<View>(path, { name: 'Spanish', filters: body.filters, shared: true });
    expect(shared).toMatchObject({ status: 200, body: { name: 'Spanish', shared: true } });
    expect(await names(ben.client)).toContain('Spanish');
  });

  it('that everybody has is changed by its maker and by who moderates', async () => {
    const { body } = await make(ana.client, { name: 'Flagged', filters: { draft: true }, shared: true });
    const path = `/api/v1/views/${body.id}`;
    expect((await ben.client.delete(path)).status).toBe(403);
    expect((await admin.client.put(path, { name: 'F', filters: {}, shared: true })).status).toBe(200);
    expect((await admin.client.put(path, { name: 'F', filters: {}, shared: false })).status).toBe(409);
    expect((await admin.client.delete(path)).status).toBe(204);
    expect((await admin.client.delete(path)).status).toBe(404);
  });

  it('may be a viewer’s own, but a viewer gives everybody none', async () => {
    expect((await make(viewer.client, { name: 'What I watch', filters: { unread: true } })).status).toBe(201);
    expect((await make(viewer.client, { name: 'For all', filters: {}, shared: true })).status).toBe(403);
  });

  it('of a program is everybody’s', async () => {
    const agent = inbox.workspace.as('agent');
    expect((await make(agent, { name: 'Hidden', filters: {} })).status).toBe(400);
    expect((await make(agent, { name: 'For all', filters: {}, shared: true })).status).toBe(201);
    expect(await names(agent)).toContain('For all');
    expect(await names(agent)).not.toContain('What I watch');
  });

  it('names channels and members that there are', async () => {
    expect((await make(ana.client, { name: 'x', filters: { channelId: newId() } })).status).toBe(404);
    expect((await make(ana.client, { name: 'x', filters: { ownerId: 'a stranger' } })).status).toBe(404);
    expect((await make(ana.client, { name: 'x', filters: { ownerId: ben.userId } })).status).toBe(201);
  });

  it('that was shared stays when its maker leaves', async () => {
    const leaver = await addMember(test, inbox.workspace);
    await make(leaver.client, { name: 'A legacy', filters: { snoozed: true }, shared: true });
    await inbox.sql('delete from members where workspace_id = $1 and user_id = $2', [
      inbox.workspace.id,
      leaver.userId,
    ]);
    const { body } = await ana.client.get<{ items: View[] }>('/api/v1/views');
    expect(body.items.find(({ name }) => name === 'A legacy')).toMatchObject({ ownerId: null, shared: true });
  });
});

describe('a quick reply', () => {
  const make = (body: unknown) => ana.client.post<QuickReply>('/api/v1/quick-replies', body);

  it('has a shortcut of its own, however it is spelt', async () => {
    const { status, body } = await make({ shortcut: 'Öffnung', body: 'We are open, {{contact.name}}.' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ shortcut: 'Öffnung', body: 'We are open, {{contact.name}}.' });
    const again = await Promise.all([
      make({ shortcut: 'öffnung', body: 'x' }),
      make({ shortcut: 'ÖFFNUNG', body: 'x' }),
    ]);
    for (const answer of again) {
      expect(answer).toMatchObject({ status: 409, body: { error: { code: 'shortcut_taken' } } });
    }
    const other = await make({ shortcut: 'price', body: 'From 30 €.' });
    const path = `/api/v1/quick-replies/${other.body.id}`;
    expect(await ben.client.put(path, { shortcut: 'öFFNUNG', body: 'x' })).toMatchObject({
      status: 409,
      body: { error: { code: 'shortcut_taken' } },
    });
    expect(await ben.client.put(path, { shortcut: 'PRICE', body: 'From 40 €.' })).toMatchObject({
      status: 200,
      body: { shortcut: 'PRICE', body: 'From 40 €.' },
    });
    const listed = await viewer.client.get<{ items: QuickReply[] }>('/api/v1/quick-replies');
    expect(listed.body.items.map(({ shortcut }) => shortcut)).toEqual(['PRICE', 'Öffnung']);
    expect((await ben.client.delete(path)).status).toBe(204);
    expect((await ben.client.delete(path)).status).toBe(404);
    expect((await ben.client.put(path, { shortcut: 'gone', body: 'x' })).status).toBe(404);
    await test.event('quick_reply.deleted', ({ payload }) => payload.quickReplyId === other.body.id);
  });

  it('is sealed at rest', async () => {
    const { body } = await make({ shortcut: 'secret', body: 'a quokka of a text' });
    const [row] = await inbox.sql<{ body: Uint8Array }>('select body from quick_replies where id = $1', [
      body.id,
    ]);
    expect(Buffer.from(row?.body ?? []).toString('latin1')).not.toContain('quokka');
  });

  it('made twice at once under one key is one', async () => {
    const headers = { 'idempotency-key': newId() };
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        ana.client.post<QuickReply>('/api/v1/quick-replies', { shortcut: 'once', body: 'x' }, headers),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });
});

describe('a contact', () => {
  it('gets a name, which stands in their conversations, is sealed, and can be taken away', async () => {
    await twilio.text({ from: '+15551310001', body: 'hello' });
    await test.settled();
    const [conversation] = await inbox.conversations();
    const path = `/api/v1/contacts/${conversation?.contact.id}`;
    expect(await ana.client.put(path, { name: ' Quokka Jones ' })).toMatchObject({
      status: 200,
      body: { id: conversation?.contact.id, name: 'Quokka Jones' },
    });
    const named = await ana.client.get<Conversation>(`/api/v1/conversations/${conversation?.id}`);
    expect(named.body.contact.name).toBe('Quokka Jones');
    await test.event('contact.changed', ({ payload }) => payload.contactId === conversation?.contact.id);
    await test.event('conversation.changed', ({ payload }) =>
      (payload.changed as string[]).includes('contact'),
    );
    const [row] = await inbox.sql<{ name: Uint8Array }>('select name from contacts where id = $1', [
      conversation?.contact.id,
    ]);
    expect(Buffer.from(row?.name ?? []).toString('latin1')).not.toContain('Quokka');
    await ana.client.put(path, { name: null });
    expect((await inbox.conversations())[0]?.contact.name).toBeNull();
    expect((await viewer.client.put(path, { name: 'x' })).status).toBe(403);
    expect((await ana.client.put(`/api/v1/contacts/${newId()}`, { name: 'x' })).status).toBe(404);
  });
});
