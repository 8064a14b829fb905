// Turns the workspace's events into what the inbox shows: at once where an event says it all, by reading again where it only
// says that something changed. Many events of a moment cost one reading; of a conversation there is one reading at a time.
import type { Event } from '@parley/contract/events';
import type { ViewFilters } from '@parley/contract/inbox';
import type { MessageStatus } from '@parley/contract/messages';
import type { QueryClient } from '@tanstack/react-query';
import { endWriting } from '../../lib/live.ts';
import { queryKeys } from '../../lib/query.ts';
import {
  findInTimeline,
  knownConversations,
  patchConversation,
  putConversation,
  refreshTimeline,
  removeFromTimeline,
  replaceInTimeline,
} from './cache.ts';
import { forgetConversation, showStatus, threadsWith } from './live-changes.ts';
import { type ConversationPages, firstPageOf, type TimelinePages } from './pages.ts';
import { messageOptions, readConversation, readListPage, timelinePageSize } from './queries.ts';

/** More conversations than this that changed in a moment: one page of the list costs less than each by itself. */
const singlyMax = 6;
/** The places are counted at most this often. */
const countEveryMs = 1500;

export interface LiveUpdates {
  /** Events in the order of the log. */
  hear(events: readonly Event[]): void;
  /** Everything may have changed: it was not told for a while, or the log is another one. */
  refresh(): void;
  stop(): void;
}

const text = (payload: Event['payload'], name: string): string | null => {
  const value = payload[name];
  return typeof value === 'string' ? value : null;
};

/** @param schedule calls once, soon: the next frame of the screen, or a moment later where nobody looks. */
export function createLiveUpdates(
  client: QueryClient,
  userId: string,
  schedule: (run: () => void) => void = nextFrame,
): LiveUpdates {
  const conversations = new Set<string>();
  const threads = new Set<string>();
  /** Messages that changed, with their conversations: what is older than the thread's newest page is read by itself. */
  const messages = new Map<string, string>();
  let isScheduled = false;
  let isReading = false;
  let isStopped = false;
  let countTimer: ReturnType<typeof setTimeout> | null = null;

  const isOpen = (key: readonly unknown[]) =>
    client
      .getQueryCache()
      .findAll({ queryKey: key })
      .some((query) => query.isActive());

  /** What nobody looks at is read again when somebody does: its first page, however far it was scrolled. */
  const ageIdleLists = () => {
    for (const query of client.getQueryCache().findAll({ queryKey: queryKeys.conversationLists })) {
      if (query.isActive() || query.state.isInvalidated || !query.state.data) continue;
      client.setQueryData<ConversationPages>(query.queryKey, (pages) => pages && firstPageOf(pages));
      query.invalidate();
    }
  };
  const ageThread = (conversationId: string) => {
    const key = queryKeys.timeline(conversationId);
    if (isOpen(key)) threads.add(conversationId);
    else if (client.getQueryData(key)) {
      client.setQueryData<TimelinePages>(key, (pages) => pages && firstPageOf(pages));
      void client.invalidateQueries({ queryKey: key, refetchType: 'none' });
    }
  };
  const countSoon = () => {
    countTimer ??= setTimeout(() => {
      countTimer = null;
      void client.invalidateQueries({ queryKey: queryKeys.inboxCounts });
    }, countEveryMs);
  };

  const hearOne = ({ type, payload }: Event) => {
    const conversationId = text(payload, 'conversationId');
    switch (type) {
      case 'conversation.read': {
        if (!conversationId || text(payload, 'userId') !== userId) return;
        const unread = payload.read === false;
        patchConversation(client, conversationId, (before) => ({ ...before, unread }), {
          userId,
          keepsRead: true,
        });
        return countSoon();
      }
      case 'message.status_changed': {
        const messageId = text(payload, 'messageId');
        if (!conversationId || !messageId) return;
        const status = payload.status as MessageStatus;
        const wasDraft = payload.previous === 'draft';
        showStatus(client, { conversationId, messageId, status, userId });
        messages.set(messageId, conversationId);
        ageThread(conversationId);
        if (wasDraft || status === 'canceled') {
          conversations.add(conversationId);
          countSoon();
        }
        return;
      }
      case 'note.deleted': {
        const noteId = text(payload, 'noteId');
        if (conversationId && noteId) removeFromTimeline(client, conversationId, noteId);
        return countSoon();
      }
      case 'note.changed':
      case 'message.edited':
        if (conversationId) ageThread(conversationId);
        return;
      case 'message.understood':
      case 'message.corrected': {
        const messageId = text(payload, 'messageId');
        if (messageId) void client.invalidateQueries({ queryKey: queryKeys.insight(messageId) });
        return;
      }
      case 'message.media_settled': {
        const messageId = text(payload, 'messageId');
        for (const id of threadsWith(client, messageId)) ageThread(id);
        return;
      }
      case 'contact.changed':
      case 'consent.changed': {
        const contactId = text(payload, 'contactId');
        const pointId = text(payload, 'contactPointId');
        for (const { id } of knownConversations(
          client,
          ({ contact }) => contact.id === contactId || contact.pointId === pointId,
        )) {
          conversations.add(id);
          ageThread(id);
          void client.invalidateQueries({ queryKey: queryKeys.consent(id) });
        }
        return;
      }
      case 'contact.erased': {
        if (payload.state !== 'done') return;
        const contactId = text(payload, 'contactId');
        for (const gone of knownConversations(client, ({ contact }) => contact.id === contactId)) {
          forgetConversation(client, gone);
        }
        return countSoon();
      }
      default:
        if (!conversationId) return;
        if (!/^(conversation|message|note)\./.test(type)) return;
        if (type === 'message.created' && payload.senderKind === 'assistant') endWriting(conversationId);
        conversations.add(conversationId);
        ageThread(conversationId);
        ageIdleLists();
        countSoon();
    }
  };

  const flushSoon = () => {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    schedule(() => {
      isScheduled = false;
      void flush();
    });
  };
  const flush = async () => {
    // What comes meanwhile is read afterwards, together.
    if (isReading || isStopped) return;
    isReading = true;
    try {
      while (!isStopped && conversations.size + threads.size + messages.size > 0) {
        const changed = take(conversations);
        const open = take(threads);
        const touched = new Map(messages);
        messages.clear();
        await Promise.all([
          readConversations(changed),
          ...open.map((id) => quietly(() => refreshTimeline(client, id))),
        ]);
        await Promise.all(
          [...touched].map(([id, conversationId]) => quietly(() => readOlder(id, conversationId))),
        );
      }
    } finally {
      isReading = false;
    }
  };

  const readConversations = async (ids: readonly string[]) => {
    const lists = client
      .getQueryCache()
      .findAll({ queryKey: queryKeys.conversationLists })
      .filter((query) => query.isActive());
    const shown = ids.filter((id) => lists.length > 0 || isOpen(queryKeys.conversation(id)));
    if (shown.length <= singlyMax) {
      await Promise.all(
        shown.map((id) =>
          quietly(async () =>
            putConversation(client, await readConversation(id), { userId, keepsRead: true }),
          ),
        ),
      );
      return;
    }
    await Promise.all(
      lists.map((query) =>
        quietly(async () => {
          const page = await readListPage(query.queryKey[2] as ViewFilters, null);
          for (const conversation of page.items) {
            putConversation(client, conversation, { userId, keepsRead: true });
          }
        }),
      ),
    );
  };

  /** A message's price, and why it failed, are not in the event. */
  const readOlder = async (messageId: string, conversationId: string) => {
    void client.invalidateQueries({ queryKey: queryKeys.message(messageId) });
    const known = findInTimeline(client, conversationId, messageId);
    if (known?.kind !== 'message' || !isOpen(queryKeys.timeline(conversationId))) return;
    const newest = client.getQueryData<TimelinePages>(queryKeys.timeline(conversationId))?.pages[0]?.items;
    if (newest?.slice(0, timelinePageSize).includes(known)) return;
    const {
      events: _events,
      attempts: _attempts,
      ...message
    } = await client.fetchQuery({
      ...messageOptions(messageId),
      staleTime: 0,
    });
    replaceInTimeline(client, conversationId, { kind: 'message', at: message.createdAt, message });
  };

  return {
    hear: (events) => {
      for (const event of events) hearOne(event);
      flushSoon();
    },
    refresh: () => {
      void client.invalidateQueries({ queryKey: queryKeys.insights });
      ageIdleLists();
      for (const query of client.getQueryCache().findAll({ queryKey: ['conversations', 'timeline'] })) {
        ageThread(String(query.queryKey[2]));
      }
      for (const query of client.getQueryCache().findAll({ queryKey: queryKeys.conversationLists })) {
        if (!query.isActive() || !query.state.data) continue;
        client.setQueryData<ConversationPages>(query.queryKey, (pages) => pages && firstPageOf(pages));
        void query.fetch().catch(() => undefined);
      }
      void client.invalidateQueries({ queryKey: ['conversations', 'one'] });
      countSoon();
      flushSoon();
    },
    stop: () => {
      isStopped = true;
      if (countTimer) clearTimeout(countTimer);
    },
  };
}

function take(ids: Set<string>): string[] {
  const taken = [...ids];
  ids.clear();
  return taken;
}

/** What cannot be read now is told again, or read when somebody opens it; a failed reading must not stop the others. */
async function quietly(read: () => Promise<unknown>): Promise<void> {
  await read().catch(() => undefined);
}

function nextFrame(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(run);
  else setTimeout(run, 250);
}
