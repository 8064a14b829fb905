import type { Event } from '@parley/contract/events';
import { type QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { aConversation, aMessage, serve } from '../../../test/conversations.ts';
import { createQueryClient, queryKeys } from '../../lib/query.ts';
import { findInTimeline } from './cache.ts';
import { createLiveUpdates, type LiveUpdates } from './live-updates.ts';
import type { ConversationPages, TimelinePages } from './pages.ts';
import { findConversation } from './queries.ts';

const conversation = aConversation({ lastMessage: null, unread: true });
const message = aMessage();
const filters = { open: true };
let stop: (() => void)[] = [];

afterEach(() => {
  for (const each of stop) each();
  stop = [];
  vi.unstubAllGlobals();
});

const event = (type: string, payload: Record<string, unknown>): Event => ({
  sequence: 1,
  id: 'event',
  type,
  payload: { conversationId: conversation.id, ...payload },
  actor: { kind: 'system', id: null },
  requestId: 'request',
  occurredAt: message.createdAt,
});

/** An inbox that knows one conversation and its thread; `isOpen`: somebody looks at both. */
function anInbox(isOpen: boolean): { client: QueryClient; updates: LiveUpdates } {
  const client = createQueryClient();
  const list: ConversationPages = {
    pages: [{ items: [conversation], nextCursor: null }],
    pageParams: [null],
  };
  const thread: TimelinePages = {
    pages: [{ items: [{ kind: 'message', at: message.createdAt, message }], nextCursor: null }],
    pageParams: [null],
  };
  client.setQueryData(queryKeys.conversationList(filters), list);
  client.setQueryData(queryKeys.timeline(conversation.id), thread);
  if (isOpen) {
    for (const queryKey of [queryKeys.conversationList(filters), queryKeys.timeline(conversation.id)]) {
      const observer = new QueryObserver(client, { queryKey, staleTime: Number.POSITIVE_INFINITY });
      stop.push(observer.subscribe(() => undefined));
    }
  }
  const updates = createLiveUpdates(client, 'user', (run) => queueMicrotask(run));
  stop.push(updates.stop);
  return { client, updates };
}

test('the ticks of a message move without asking the server', () => {
  const calls = serve(() => undefined);
  const { client, updates } = anInbox(false);
  updates.hear([
    event('message.status_changed', { messageId: message.id, status: 'delivered', previous: 'sent' }),
  ]);
  const item = findInTimeline(client, conversation.id, message.id);
  expect(item?.kind === 'message' && item.message.status).toBe('delivered');
  expect(calls).toEqual([]);
});

test('what the member read on another device is read here, and what a colleague read is not', () => {
  serve(() => undefined);
  const { client, updates } = anInbox(false);
  updates.hear([event('conversation.read', { userId: 'colleague', read: true })]);
  expect(findConversation(client, conversation.id)?.unread).toBe(true);
  updates.hear([event('conversation.read', { userId: 'user', read: true })]);
  expect(findConversation(client, conversation.id)?.unread).toBe(false);
});

test('a burst of a conversation costs one reading of it and one of its thread', async () => {
  const incoming = aMessage({ id: 'b', direction: 'inbound', createdAt: '2026-03-02T10:01:00.000Z' });
  const calls = serve(({ path }) =>
    path.includes('/timeline')
      ? {
          body: {
            items: [incoming, message].map((each) => ({
              kind: 'message',
              at: each.createdAt,
              message: each,
            })),
            nextCursor: null,
          },
        }
      : { body: { ...conversation, lastMessageAt: incoming.createdAt, messages: [], messagesCursor: null } },
  );
  const { client, updates } = anInbox(true);
  updates.hear(Array.from({ length: 20 }, () => event('message.received', { messageId: incoming.id })));
  await vi.waitFor(() => expect(findInTimeline(client, conversation.id, incoming.id)).toBeDefined());
  await vi.waitFor(() =>
    expect(findConversation(client, conversation.id)?.lastMessageAt).toBe(incoming.createdAt),
  );
  expect(calls.map(({ path }) => path.replace(/\?.*/, ''))).toEqual([
    `/api/v1/conversations/${conversation.id}`,
    `/api/v1/conversations/${conversation.id}/timeline`,
  ]);
});

test('a conversation that somebody else archived leaves the open list', async () => {
  serve(({ path }) =>
    path.includes('/timeline')
      ? { body: { items: [], nextCursor: null } }
      : { body: { ...conversation, status: 'archived', messages: [], messagesCursor: null } },
  );
  const { client, updates } = anInbox(true);
  updates.hear([event('conversation.changed', { changed: ['status'] })]);
  await vi.waitFor(() => {
    const list = client.getQueryData<ConversationPages>(queryKeys.conversationList(filters));
    expect(list?.pages[0]?.items).toEqual([]);
  });
});

test('the conversation of a contact who was erased leaves the list at once, and its thread is not kept', () => {
  serve(() => undefined);
  const { client, updates } = anInbox(false);
  const contactId = conversation.contact.id;
  updates.hear([event('contact.erased', { contactId, state: 'failed' })]);
  expect(findConversation(client, conversation.id)).toBeDefined();
  updates.hear([event('contact.erased', { contactId, state: 'done' })]);
  expect(findConversation(client, conversation.id)).toBeUndefined();
  expect(client.getQueryData(queryKeys.timeline(conversation.id))).toBeUndefined();
});
