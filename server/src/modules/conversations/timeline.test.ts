import type { Conversation, ConversationDetail } from '@parley/contract/conversations';
import type { TimelineItem, TimelinePage } from '@parley/contract/inbox';
import type { Message } from '@parley/contract/messages';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp } from '../../../test/harness.ts';
import { addMember, type TestMember } from '../../../test/members.ts';
import { type Inbox, openInbox } from '../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { newId } from '../../core/identifiers.ts';
import { createOutboundMessage, flagConversation } from './conversations.ts';

let twilio: TestTwilio;
let test: TestApp;
let inbox: Inbox;
let ana: TestMember;
let ben: TestMember;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  inbox = await openInbox(test, twilio);
  ana = await addMember(test, inbox.workspace);
  ben = await addMember(test, inbox.workspace);
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});
afterEach(() => test.settled());

let latest = 5_551_300_000;
async function newConversation(): Promise<{ id: string; from: string }> {
  latest += 1;
  const from = `+1${latest}`;
  await twilio.text({ from, body: 'Are you open?' });
  await test.settled();
  return { id: (await inbox.conversations('?limit=1'))[0]?.id ?? '', from };
}

const read = async (id: string, client: ApiClient = ana.client) =>
  (await client.get<ConversationDetail>(`/api/v1/conversations/${id}`)).body;
const put = (client: ApiClient, id: string, body: unknown) =>
  client.put<Conversation>(`/api/v1/conversations/${id}`, body);
const snooze = (id: string, until: number) =>
  ana.client.put<Conversation>(`/api/v1/conversations/${id}/snooze`, {
    until: new Date(until).toISOString(),
  });

async function timeline(id: string, query = ''): Promise<TimelinePage> {
  const { body, status } = await ana.client.get<TimelinePage>(`/api/v1/conversations/${id}/timeline${query}`);
  expect(status).toBe(200);
  return body;
}

const describeItem = (item: TimelineItem) =>
  item.kind === 'message'
    ? item.message.body
    : item.kind === 'note'
      ? `note: ${item.note.body}`
      : [item.activity.kind, item.activity.detail].filter((part) => part !== null).join(' ');

/** Oldest first, as it is read. */
const story = async (id: string) => (await timeline(id)).items.toReversed().map(describeItem);
const activities = async (id: string) =>
  (await timeline(id)).items
    .toReversed()
    .flatMap((item) => (item.kind === 'activity' ? [item.activity] : []))
    .map(({ kind, actor, detail }) => ({ kind, actor: actor.kind, by: actor.id, detail }));

describe('the timeline', () => {
  it('tells messages, notes and what was done in one order', async () => {
    const { id } = await newConversation();
    await put(ben.client, id, { owner: { kind: 'member' } });
    await ben.client.post(`/api/v1/conversations/${id}/notes`, { body: 'a regular' });
    await ana.client.post('/api/v1/messages', { conversationId: id, body: 'Until six.' });
    await put(ana.client, id, { status: 'archived' });
    expect(await story(id)).toEqual([
      'Are you open?',
      'taken_over',
      'note: a regular',
      'taken_over',
      'Until six.',
      'archived',
    ]);
  });

  it('is paged without a gap and without a repetition, also within one moment', async () => {
    const { id } = await newConversation();
    for (let index = 0; index < 5; index += 1) {
      await ana.client.post(`/api/v1/conversations/${id}/notes`, { body: `note ${index}` });
      await put(ana.client, id, {
        private: index % 2 === 0,
        assistantPolicy: index % 2 === 0 ? 'off' : null,
        status: index % 2 === 0 ? 'archived' : 'active',
      });
    }
    const all = (await timeline(id, '?limit=200')).items;
    expect(all).toHaveLength(21);
    const paged: TimelineItem[] = [];
    let cursor: string | null = null;
    do {
      const page: TimelinePage = await timeline(id, `?limit=4${cursor ? `&cursor=${cursor}` : ''}`);
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(all);
    const at = all.map((item) => item.at);
    expect(at).toEqual(at.toSorted().toReversed());
  });

  it('of a conversation that is not there is not there', async () => {
    expect((await ana.client.get(`/api/v1/conversations/${newId()}/timeline`)).status).toBe(404);
    expect((await ana.client.get(`/api/v1/conversations/${newId()}/timeline?cursor=x`)).status).toBe(400);
  });
});

describe('what is done with a conversation', () => {
  it('is told with who did it', async () => {
    const { id, from } = await newConversation();
    await put(ana.client, id, { owner: { kind: 'member' } });
    await put(ana.client, id, { owner: { kind: 'member' } });
    await put(ana.client, id, { owner: { kind: 'member', id: ben.userId } });
    await put(ben.client, id, { owner: { kind: 'nobody' } });
    await put(ben.client, id, { owner: { kind: 'assistant' }, assistantPolicy: 'off', language: 'pt' });
    await put(ben.client, id, { private: true });
    await put(ben.client, id, { private: false, assistantPolicy: null });
    await inbox.workspace.ctx.transaction((tx) =>
      flagConversation(tx, { conversationId: id, reason: 'handed_over' }),
    );
    await put(inbox.workspace.as('agent'), id, { status: 'archived' });
    await twilio.text({ from, body: 'hello?' });
    await test.settled();
    const [anas, bens] = [
      { actor: 'member', by: ana.userId },
      { actor: 'member', by: ben.userId },
    ];
    expect(await activities(id)).toMatchObject([
      { kind: 'taken_over', ...anas, detail: null },
      { kind: 'assigned', ...anas, detail: ben.userId },
      { kind: 'released', ...bens },
      { kind: 'handed_back', ...bens },
      { kind: 'policy_changed', ...bens, detail: 'off' },
      { kind: 'language_changed', ...bens, detail: 'pt' },
      { kind: 'privacy_changed', ...bens, detail: 'private' },
      { kind: 'policy_changed', ...bens, detail: null },
      { kind: 'privacy_changed', ...bens, detail: null },
      { kind: 'flagged', actor: 'assistant', by: null, detail: 'handed_over' },
      { kind: 'archived', actor: 'api_key' },
      { kind: 'reopened', actor: 'contact', by: null },
    ]);
  });

  it('to what a contact agreed is told in each of their conversations', async () => {
    const { id, from } = await newConversation();
    await twilio.text({ from, body: 'STOP' });
    await test.settled();
    await ana.client.put(`/api/v1/conversations/${id}/consent`, { optedOut: false, reason: 'by telephone' });
    expect(await activities(id)).toEqual([
      { kind: 'opted_out', actor: 'contact', by: null, detail: 'keyword' },
      { kind: 'opted_in', actor: 'member', by: ana.userId, detail: 'member' },
    ]);
  });

  it('by two members at once is told as often as it happened, and ends with one of them', async () => {
    const { id } = await newConversation();
    await Promise.all([
      put(ana.client, id, { owner: { kind: 'member' }, status: 'flagged_for_review' }),
      put(ben.client, id, { owner: { kind: 'member' }, status: 'flagged_for_review' }),
      ana.client.post('/api/v1/messages', { conversationId: id, body: 'one' }),
      ben.client.post('/api/v1/messages', { conversationId: id, body: 'two' }),
    ]);
    const told = await activities(id);
    expect(told.filter(({ kind }) => kind === 'flagged')).toHaveLength(1);
    const owners = told.filter(({ kind }) => kind === 'taken_over').map(({ by }) => by);
    expect(owners.at(-1)).toBe((await read(id)).owner.id);
    // Nobody takes over what they have.
    expect(owners.every((by, index) => by !== owners[index - 1])).toBe(true);
  });
});

describe('a change that a device sends again when it is back', () => {
  it('changes nothing that was changed since', async () => {
    const { id } = await newConversation();
    const contactId = (await read(id)).contact.id;
    const path = `/api/v1/conversations/${id}`;
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const calls = [
      (key: string) =>
        ana.client.put(path, { owner: { kind: 'member' } }, { 'idempotency-key': `own ${key}` }),
      (key: string) => ana.client.put(`${path}/snooze`, { until }, { 'idempotency-key': `snooze ${key}` }),
      (key: string) => ana.client.delete(`${path}/snooze`, { 'idempotency-key': `wake ${key}` }),
      (key: string) =>
        ana.client.put(
          `/api/v1/contacts/${contactId}`,
          { name: 'Ann' },
          { 'idempotency-key': `name ${key}` },
        ),
    ];
    const first = [];
    for (const call of calls) first.push(await call(id));
    await put(ben.client, id, { owner: { kind: 'member' } });
    await ben.client.put(`/api/v1/contacts/${contactId}`, { name: 'Anne' });
    const later = new Date(Date.now() + 7_200_000).toISOString();
    await ben.client.put(`${path}/snooze`, { until: later });

    for (const [index, call] of calls.entries()) {
      const { status, body, headers } = await call(id);
      expect({ status, body }).toEqual({ status: first[index]?.status, body: first[index]?.body });
      expect(headers.get('idempotency-replayed')).toBe('true');
    }
    expect(await read(id)).toMatchObject({
      owner: { kind: 'member', id: ben.userId },
      contact: { name: 'Anne' },
      snoozedUntil: later,
    });
  });
});

describe('a snoozed conversation', () => {
  it('leaves the open ones, and comes back at its moment', async () => {
    const { id } = await newConversation();
    const until = Date.now() + 1200;
    const { status, body } = await snooze(id, until);
    expect(status).toBe(200);
    expect(body.snoozedUntil).toBe(new Date(until).toISOString());
    expect((await inbox.conversations('?open=true')).map((one) => one.id)).not.toContain(id);
    const event = await test.event(
      'conversation.changed',
      ({ payload, actor }) =>
        payload.conversationId === id &&
        actor.kind === 'member' &&
        (payload.changed as string[]).includes('snoozedUntil'),
    );
    expect(event.actor.id).toBe(ana.userId);
    await test.until('it to wake', async () => (await read(id)).snoozedUntil === null);
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    expect((await inbox.conversations('?open=true')).map((one) => one.id)).toContain(id);
    expect(await activities(id)).toMatchObject([
      { kind: 'snoozed', actor: 'member', detail: new Date(until).toISOString() },
      { kind: 'woken', actor: 'system' },
    ]);
  });

  it('wakes at once when the contact writes', async () => {
    const { id, from } = await newConversation();
    await snooze(id, Date.now() + 3_600_000);
    await twilio.text({ from, body: 'one more thing' });
    await twilio.text({ from, body: 'and another' });
    await test.settled();
    expect((await read(id)).snoozedUntil).toBeNull();
    expect((await activities(id)).slice(1)).toMatchObject([{ kind: 'woken', actor: 'contact' }]);
  });

  it('whose moment was moved is not woken at the first one', async () => {
    const { id } = await newConversation();
    await snooze(id, Date.now() + 500);
    const later = Date.now() + 3_600_000;
    await snooze(id, later);
    await test.until('the first job to have run', async () => {
      const figures = await test.kernel.queue.figures();
      const queue = figures.find(({ name }) => name === 'conversations.wake');
      return queue && queue.runnable === 0 && queue.active === 0 && Date.now() > later - 3_600_000 + 600;
    });
    expect((await read(id)).snoozedUntil).toBe(new Date(later).toISOString());
  });

  it('is woken by a member, once', async () => {
    const { id } = await newConversation();
    await snooze(id, Date.now() + 3_600_000);
    const wake = () => ben.client.delete(`/api/v1/conversations/${id}/snooze`);
    expect((await Promise.all([wake(), wake()])).map(({ status }) => status)).toEqual([204, 204]);
    expect((await activities(id)).map(({ kind }) => kind)).toEqual(['snoozed', 'woken']);
  });

  it('is not archived, and what is archived comes back to be snoozed', async () => {
    const { id } = await newConversation();
    await snooze(id, Date.now() + 3_600_000);
    const archived = await put(ana.client, id, { status: 'archived' });
    expect(archived.body).toMatchObject({ status: 'archived', snoozedUntil: null });
    const again = await snooze(id, Date.now() + 3_600_000);
    expect(again.body).toMatchObject({ status: 'active' });
    expect(again.body.snoozedUntil).not.toBeNull();
    expect((await activities(id)).map(({ kind }) => kind)).toEqual([
      'snoozed',
      'archived',
      'reopened',
      'snoozed',
    ]);
  });

  it('sleeps until a moment that can be', async () => {
    const { id } = await newConversation();
    for (const until of [Date.now() - 1000, Date.now() + 400 * 86_400_000]) {
      expect(await snooze(id, until)).toMatchObject({
        status: 400,
        body: { error: { details: [{ path: 'body.until' }] } },
      });
    }
    expect((await snooze(newId(), Date.now() + 60_000)).status).toBe(404);
  });
});

describe('a reply that is held back', () => {
  const hold = (client: ApiClient, conversationId: string, body = 'Until six.') =>
    client.post<Message>('/api/v1/messages', { conversationId, body, holdSeconds: 60 });
  const undo = async (client: ApiClient, { body }: { body: Message }) =>
    expect((await client.delete(`/api/v1/messages/${body.id}`)).status).toBe(204);

  it('takes the conversation over at once; who undoes it finds everything as it was', async () => {
    const { id } = await newConversation();
    await put(ben.client, id, { status: 'archived' });
    const before = await story(id);
    const held = await hold(ana.client, id, 'Thought better of it.');
    expect(held.status).toBe(201);
    expect(held.body.sendAt).not.toBeNull();
    expect(await read(id)).toMatchObject({ owner: { kind: 'member', id: ana.userId }, status: 'active' });
    await undo(ana.client, held);
    const after = await read(id);
    expect(after).toMatchObject({ owner: { kind: 'assistant', id: null }, status: 'archived' });
    expect(after.lastMessage?.body).toBe('Are you open?');
    expect(after.messages.map(({ body }) => body)).toEqual(['Are you open?']);
    expect(await story(id)).toEqual(before);
    await undo(ana.client, held);
    expect(twilio.simulator.ledger().map(({ body }) => body)).not.toContain('Thought better of it.');
  });

  it('and is undone goes back to the colleague it was taken from', async () => {
    const { id } = await newConversation();
    await put(ben.client, id, { owner: { kind: 'member' } });
    await undo(ana.client, await hold(ana.client, id));
    expect((await read(id)).owner).toEqual({ kind: 'member', id: ben.userId });
  });

  it('leaves the conversation with the member when something else happened before the undo', async () => {
    const texted = await newConversation();
    const first = await hold(ana.client, texted.id);
    await twilio.text({ from: texted.from, body: 'Hello?' });
    await test.settled();
    await undo(ana.client, first);
    expect((await read(texted.id)).owner).toEqual({ kind: 'member', id: ana.userId });

    const assigned = await newConversation();
    const second = await hold(ana.client, assigned.id);
    await put(ana.client, assigned.id, { owner: { kind: 'member', id: ben.userId } });
    await undo(ana.client, second);
    expect((await read(assigned.id)).owner).toEqual({ kind: 'member', id: ben.userId });
  });

  it('goes out when it is not undone', async () => {
    const { id } = await newConversation();
    const { body } = await ana.client.post<Message>('/api/v1/messages', {
      conversationId: id,
      body: 'Held for a second.',
      holdSeconds: 1,
    });
    expect(body.status).toBe('pending');
    await inbox.becomes(body.id, 'delivered');
    expect((await read(id)).owner).toEqual({ kind: 'member', id: ana.userId });
  });

  it('is not also scheduled', async () => {
    const { id } = await newConversation();
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await inbox.post({ conversationId: id, body: 'x', holdSeconds: 5, sendAt });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'body.holdSeconds' }] } },
    });
  });

  it('when it was scheduled instead, stays in the thread as canceled', async () => {
    const { id } = await newConversation();
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const scheduled = await ana.client.post<Message>('/api/v1/messages', {
      conversationId: id,
      body: 'later',
      sendAt,
    });
    await undo(ana.client, scheduled);
    expect(await story(id)).toEqual(['Are you open?', 'taken_over', 'later']);
    expect((await read(id)).owner).toEqual({ kind: 'member', id: ana.userId });
  });
});

describe('the drafts of a conversation', () => {
  it('are counted right whatever members do with them at once', async () => {
    const { id } = await newConversation();
    const drafts = await Promise.all(
      [1, 2, 3, 4].map((number) =>
        inbox.workspace.ctx.transaction((tx) =>
          createOutboundMessage(tx, {
            conversationId: id,
            body: `draft ${number}`,
            sender: { kind: 'assistant', id: null },
            draft: true,
          }),
        ),
      ),
    );
    expect((await read(id)).draftCount).toBe(4);
    const [approved, discarded] = drafts.map(({ messageId }) => `/api/v1/messages/${messageId}`);
    await Promise.all([
      ana.client.put(`${approved}/approval`),
      ben.client.put(`${approved}/approval`),
      ana.client.delete(`${discarded}`),
      ben.client.delete(`${discarded}`),
      ana.client.delete(`/api/v1/messages/${drafts[2]?.messageId}`),
      ben.client.put(`/api/v1/messages/${drafts[2]?.messageId}/approval`),
    ]);
    expect((await read(id)).draftCount).toBe(1);
    const [row] = await inbox.sql<{ count: number }>(
      "select count(*)::int as count from messages where conversation_id = $1 and status = 'draft'",
      [id],
    );
    expect(row?.count).toBe(1);
  });
});
