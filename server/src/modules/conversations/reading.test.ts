import type { Conversation, ConversationDetail } from '@parley/contract/conversations';
import type { InboxCounts, Note } from '@parley/contract/inbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp } from '../../../test/harness.ts';
import { addMember, type TestMember } from '../../../test/members.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { newId } from '../../core/identifiers.ts';
import { createOutboundMessage } from './conversations.ts';

let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let ana: TestMember;
let ben: TestMember;
let admin: TestMember;
let viewer: TestMember;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  inbox = await openInbox(test, twilio);
  ana = await addMember(test, inbox.workspace);
  ben = await addMember(test, inbox.workspace);
  admin = await addMember(test, inbox.workspace, 'admin');
  viewer = await addMember(test, inbox.workspace, 'viewer');
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
afterEach(() => test.settled());

let latest = 5_551_290_000;
/** A contact who has said one thing. */
async function newConversation(body = 'Are you open?'): Promise<{ id: string; from: string }> {
  latest += 1;
  const from = `+1${latest}`;
  await twilio.text({ from, to: inbox.channel.address, body });
  await test.settled();
  const found = await list(admin.client, 'limit=1');
  return { id: found[0]?.id ?? '', from };
}

async function list(client: ApiClient, query: string): Promise<Conversation[]> {
  const { body, status } = await client.get<{ items: Conversation[] }>(`/api/v1/conversations?${query}`);
  expect(status).toBe(200);
  return body.items;
}

const ids = async (client: ApiClient, query: string) => (await list(client, query)).map(({ id }) => id);
const detail = async (client: ApiClient, id: string) =>
  (await client.get<ConversationDetail>(`/api/v1/conversations/${id}`)).body;
const mark = (client: ApiClient, id: string, body: unknown) =>
  client.put(`/api/v1/conversations/${id}/read`, body);
const counts = async (client: ApiClient) =>
  (await client.get<InboxCounts>('/api/v1/conversations/counts')).body;

describe('what a contact writes', () => {
  it('is unread for each member until they read it, and their other devices hear of it', async () => {
    const { id, from } = await newConversation();
    expect((await detail(ana.client, id)).unread).toBe(true);
    expect(await ids(ana.client, 'unread=true')).toContain(id);
    expect((await mark(ana.client, id, { read: true })).status).toBe(204);
    expect((await detail(ana.client, id)).unread).toBe(false);
    expect(await ids(ana.client, 'unread=true')).not.toContain(id);
    expect(await ids(ana.client, 'unread=false')).toContain(id);
    expect((await detail(ben.client, id)).unread).toBe(true);
    await test.event(
      'conversation.read',
      ({ payload }) =>
        payload.conversationId === id && payload.userId === ana.userId && payload.read === true,
    );
    // A viewer may read, and so may say that they did.
    expect((await mark(viewer.client, id, { read: true })).status).toBe(204);

    await twilio.text({ from, to: inbox.channel.address, body: 'Hello?' });
    await test.settled();
    expect((await detail(ana.client, id)).unread).toBe(true);
  });

  it('while a member looks at what came before it stays unread', async () => {
    const { id, from } = await newConversation();
    const shown = (await detail(ana.client, id)).messages.at(-1)?.createdAt;
    await twilio.text({ from, to: inbox.channel.address, body: 'One more thing' });
    await test.settled();
    await mark(ana.client, id, { read: true, through: shown });
    expect((await detail(ana.client, id)).unread).toBe(true);
    await mark(ana.client, id, { read: true });
    // An older device says late what it has shown.
    await mark(ana.client, id, { read: true, through: shown });
    expect((await detail(ana.client, id)).unread).toBe(false);
  });

  it('can be marked as unread again', async () => {
    const { id } = await newConversation();
    await mark(ana.client, id, { read: true });
    expect((await mark(ana.client, id, { read: false })).status).toBe(204);
    expect((await detail(ana.client, id)).unread).toBe(true);
  });

  it('is read by the member who replies, and by no other', async () => {
    const { id } = await newConversation();
    await ana.client.post('/api/v1/messages', { conversationId: id, body: 'Until six.' });
    expect((await detail(ana.client, id)).unread).toBe(false);
    expect((await detail(ben.client, id)).unread).toBe(true);
  });

  it('is dealt with once it is archived', async () => {
    const { id } = await newConversation();
    await ben.client.put(`/api/v1/conversations/${id}`, { status: 'archived' });
    expect((await detail(ana.client, id)).unread).toBe(false);
    expect(await ids(ana.client, 'unread=true')).not.toContain(id);
    expect(await ids(ana.client, 'unread=false')).toContain(id);
  });

  it('is neither read nor unread for a program', async () => {
    const { id } = await newConversation();
    const agent = inbox.workspace.as('agent');
    expect((await detail(agent, id)).unread).toBe(false);
    expect(await ids(agent, 'unread=true')).toEqual([]);
    expect(await ids(agent, 'mentioned=true')).toEqual([]);
    expect((await mark(agent, id, { read: true })).status).toBe(403);
  });

  it('is read by whoever reads it, also when several members read for the first time at once', async () => {
    const fresh = await openInbox(test, twilio);
    const readers = await Promise.all([1, 2, 3, 4].map(() => addMember(test, fresh.workspace)));
    const idle = await addMember(test, fresh.workspace);
    await twilio.text({ from: '+15551298001', to: fresh.channel.address, body: 'hello' });
    await test.settled();
    const [id = ''] = await ids(idle.client, 'limit=1');
    const answers = await Promise.all(readers.map(({ client }) => mark(client, id, { read: true })));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
    const unread = (member: TestMember) => detail(member.client, id).then((found) => found.unread);
    expect(await Promise.all([...readers, idle].map(unread))).toEqual([false, false, false, false, true]);
    await mark(readers[2]?.client ?? idle.client, id, { read: false });
    expect(await Promise.all([...readers, idle].map(unread))).toEqual([false, false, true, false, true]);
  });

  it('in a conversation that is not there is read by nobody', async () => {
    expect((await mark(ana.client, newId(), { read: true })).status).toBe(404);
    expect((await mark(ana.client, newId(), { read: false })).status).toBe(404);
  });
});

describe('a note', () => {
  const write = (client: ApiClient, id: string, body: unknown, headers?: Record<string, string>) =>
    client.post<Note>(`/api/v1/conversations/${id}/notes`, body, headers);

  it('is unread for whom it calls until they read the conversation', async () => {
    const { id } = await newConversation();
    const { status, body } = await write(ana.client, id, {
      body: 'Ben, is this yours?',
      mentions: [ben.userId, ana.userId, ben.userId],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ conversationId: id, authorId: ana.userId, body: 'Ben, is this yours?' });
    expect(body.mentions.toSorted()).toEqual([ana.userId, ben.userId].toSorted());
    expect(await ids(ben.client, 'mentioned=true')).toEqual([id]);
    expect(await ids(ben.client, 'mentioned=false')).not.toContain(id);
    expect((await counts(ben.client)).mentioned).toBe(1);
    // Who wrote it knows of it.
    expect(await ids(ana.client, 'mentioned=true')).toEqual([]);
    await mark(ben.client, id, { read: true });
    expect(await ids(ben.client, 'mentioned=true')).toEqual([]);
  });

  it('calls members only', async () => {
    const { id } = await newConversation();
    const answer = await write(ana.client, id, { body: 'You there?', mentions: ['a stranger'] });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'body.mentions' }] } },
    });
  });

  it('is written once, however often it is asked for with one key', async () => {
    const { id } = await newConversation();
    const headers = { 'idempotency-key': newId() };
    const answers = await Promise.all([1, 2, 3].map(() => write(ana.client, id, { body: 'Once' }, headers)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('is changed and removed by its author and by who moderates, and by nobody else', async () => {
    const { id } = await newConversation();
    const { body: made } = await write(ana.client, id, { body: 'Draft', mentions: [ben.userId] });
    const path = `/api/v1/notes/${made.id}`;
    expect((await ben.client.put(path, { body: 'Mine now' })).status).toBe(403);
    expect((await ben.client.delete(path)).status).toBe(403);
    const changed = await ana.client.put<Note>(path, { body: 'Final', mentions: [admin.userId] });
    expect(changed.body).toMatchObject({
      body: 'Final',
      mentions: [admin.userId],
      createdAt: made.createdAt,
    });
    expect(await ids(ben.client, 'mentioned=true')).toEqual([]);
    expect(await ids(admin.client, 'mentioned=true')).toEqual([id]);
    // Written anew, it does not call again whom it called before.
    await mark(admin.client, id, { read: true });
    await ana.client.put(path, { body: 'Final!', mentions: [admin.userId] });
    expect(await ids(admin.client, 'mentioned=true')).toEqual([]);
    expect((await admin.client.delete(path)).status).toBe(204);
    expect((await admin.client.delete(path)).status).toBe(404);
    const told = (await inbox.events('note.changed')).filter(({ payload }) => payload.noteId === made.id);
    expect(told.map(({ payload }) => payload.mentions)).toEqual([[admin.userId], []]);
    await test.event('note.deleted', ({ payload }) => payload.noteId === made.id);
  });

  it('is sealed at rest', async () => {
    const { id } = await newConversation();
    const { body } = await write(ana.client, id, { body: 'a quokka of a secret' });
    const [row] = await inbox.sql<{ body: Uint8Array }>('select body from notes where id = $1', [body.id]);
    expect(Buffer.from(row?.body ?? []).toString('latin1')).not.toContain('quokka');
  });
});

describe('the places of the inbox', () => {
  it('list what they count', async () => {
    const fresh = await openInbox(test, twilio);
    const member = await addMember(test, fresh.workspace);
    const { client } = member;
    const found: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      await twilio.text({ from: `+1555129900${index}`, body: `question ${index}` });
      await test.settled();
      found.push((await ids(client, 'limit=1'))[0] ?? '');
    }
    const [archived, flagged, snoozed, mine, unassigned, drafted, mentioned, read] = found;
    const put = (id: string | undefined, body: unknown) => client.put(`/api/v1/conversations/${id}`, body);
    await put(archived, { status: 'archived' });
    await put(flagged, { status: 'flagged_for_review' });
    await client.put(`/api/v1/conversations/${snoozed}/snooze`, {
      until: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await put(mine, { owner: { kind: 'member' } });
    await put(unassigned, { owner: { kind: 'nobody' } });
    await fresh.workspace.ctx.transaction((tx) =>
      createOutboundMessage(tx, {
        conversationId: drafted ?? '',
        body: 'a draft',
        sender: { kind: 'assistant', id: null },
        draft: true,
      }),
    );
    await fresh.workspace.as('agent').post(`/api/v1/conversations/${mentioned}/notes`, {
      body: 'look',
      mentions: [member.userId],
    });
    await mark(client, read ?? '', { read: true });

    const queries = {
      open: 'open=true',
      mine: 'open=true&ownerId=me',
      unassigned: 'open=true&owner=nobody',
      assistant: 'open=true&owner=assistant',
      drafts: 'draft=true',
      flagged: 'status=flagged_for_review',
      snoozed: 'snoozed=true',
      unread: 'open=true&unread=true',
      mentioned: 'mentioned=true',
    };
    const listed = Object.fromEntries(
      await Promise.all(
        Object.entries(queries).map(async ([place, query]) => [place, (await ids(client, query)).toSorted()]),
      ),
    );
    expect(listed).toEqual({
      open: [flagged, mine, unassigned, drafted, mentioned, read].toSorted(),
      mine: [mine],
      unassigned: [unassigned],
      assistant: [flagged, drafted, mentioned, read].toSorted(),
      drafts: [drafted],
      flagged: [flagged],
      snoozed: [snoozed],
      unread: [flagged, mine, unassigned, drafted, mentioned].toSorted(),
      mentioned: [mentioned],
    });
    const lengths = Object.entries(listed).map(([place, found]) => [place, (found as string[]).length]);
    expect(await counts(client)).toEqual(Object.fromEntries(lengths));
    expect((await ids(client, 'open=false')).toSorted()).toEqual([archived, snoozed].toSorted());
    expect(await ids(client, 'draft=false&open=true&ownerId=me')).toEqual([mine]);
    expect((await detail(client, drafted ?? '')).draftCount).toBe(1);
  });

  it('are paged without a gap and without a repetition', async () => {
    const all = await ids(admin.client, 'open=true&limit=200');
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { items: Conversation[]; nextCursor: string | null } } = await admin.client.get(
        `/api/v1/conversations?open=true&limit=3${cursor ? `&cursor=${cursor}` : ''}`,
      );
      paged.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    } while (cursor);
    expect(all.length).toBeGreaterThan(3);
    expect(paged).toEqual(all);
  });
});
