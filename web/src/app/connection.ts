// Joins the realtime socket to what the app remembers: events become updates of the query cache, live frames go to lib/live.ts.
import type { Event } from '@parley/contract/events';
import type { QueryClient } from '@tanstack/react-query';
import { proposalsKey } from '../features/assistant/knowledge-queries.ts';
import { createKnowledgeUpdates } from '../features/assistant/knowledge-updates.ts';
import { createChatUpdates } from '../features/chat/chat-updates.ts';
import { createLiveUpdates } from '../features/conversations/live-updates.ts';
import { ringFor } from '../features/notifications/ring.ts';
import { connectTyping, forgetOld, hearLiveFrame, setConnection } from '../lib/live.ts';
import { noticeReached } from '../lib/offline/network.ts';
import { queryKeys } from '../lib/query.ts';
import { createReadAgain } from '../lib/read-again.ts';
import { createRealtime } from '../lib/realtime.ts';
import { readAhead } from './read-ahead.ts';

/** What is read anew when such a thing happens, by the noun of the event. Conversations and knowledge have updates of their own. */
const readAnew: Readonly<Record<string, readonly (readonly string[])[]>> = {
  answer_case: [queryKeys.cases],
  api_key: [queryKeys.apiKeys],
  assistant: [queryKeys.assistant],
  budget: [queryKeys.spending],
  case_check: [queryKeys.cases],
  channel: [queryKeys.channels],
  confirmation: [queryKeys.confirmations],
  ghost_number: [queryKeys.channels],
  intent_model: [queryKeys.intents],
  intents: [queryKeys.intents],
  invitation: [queryKeys.invitations],
  knowledge_proposal: [proposalsKey],
  learning: [proposalsKey],
  look_through: [proposalsKey],
  // Whoever accepted an invitation is a member.
  member: [queryKeys.members, queryKeys.invitations, queryKeys.me],
  model: [queryKeys.assistant],
  quick_reply: [queryKeys.quickReplies],
  role: [queryKeys.roles, queryKeys.members, queryKeys.me],
  routing: [queryKeys.assistant],
  run: [queryKeys.runs, queryKeys.spending],
  security: [queryKeys.securityAlerts],
  security_alert: [queryKeys.securityAlerts],
  shadow_run: [queryKeys.shadowRuns],
  tool: [queryKeys.assistant],
  view: [queryKeys.savedViews],
  webhook: [queryKeys.channels],
};

/** @returns hangs up */
export function connect(
  client: QueryClient,
  userId: string,
  workspaceId: string,
  show: (conversationId: string) => void,
): () => void {
  const address = new URL('/api/v1/realtime', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('workspace', workspaceId);
  const updates = createLiveUpdates(client, userId);
  const knowledge = createKnowledgeUpdates(client);
  const readAgain = createReadAgain(client);
  const chats = createChatUpdates(client);
  const realtime = createRealtime({ url: address.href });
  let hasBeenLive = false;
  let sweeper: ReturnType<typeof setInterval> | null = null;

  const hear = (events: readonly Event[]) => {
    updates.hear(events);
    knowledge.hear(events);
    ringFor({ client, userId, show }, events);
    const keys = new Set(events.flatMap(({ type }) => readAnew[type.split('.', 1)[0] ?? ''] ?? []));
    for (const queryKey of keys) void readAgain(queryKey);
  };
  const stops = [
    realtime.onEvents(hear),
    realtime.onReset(() => {
      updates.refresh();
      knowledge.refresh();
      chats.refresh();
      for (const queryKey of new Set(Object.values(readAnew).flat()))
        void client.invalidateQueries({ queryKey });
    }),
    realtime.onState(({ kind }) => {
      setConnection(kind);
      // What was read, or kept from the last visit, before the first subscription stood may have changed unheard.
      if (kind === 'live' && !hasBeenLive) {
        hasBeenLive = true;
        updates.refresh();
        void client.invalidateQueries({ queryKey: queryKeys.me });
      }
      if (kind === 'live') {
        noticeReached();
        // What is live and was missed is told by nobody.
        chats.refresh();
      }
      if (kind === 'signed_out' || kind === 'forbidden')
        void client.invalidateQueries({ queryKey: queryKeys.me });
    }),
    realtime.onLive((frame) => {
      if (frame.kind === 'phone_changed') {
        void client.invalidateQueries({ queryKey: queryKeys.phone });
        return;
      }
      if (frame.kind === 'chat_writing' || frame.kind === 'chat_changed') return chats.hear(frame);
      hearLiveFrame(frame, Date.now());
      sweeper ??= setInterval(() => {
        if (forgetOld(Date.now()) || !sweeper) return;
        clearInterval(sweeper);
        sweeper = null;
      }, 1000);
    }),
    connectTyping(realtime.sendTyping),
    readAhead(client),
  ];
  const wake = () => {
    if (document.visibilityState === 'visible') realtime.wake();
  };
  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  return () => {
    window.removeEventListener('online', wake);
    document.removeEventListener('visibilitychange', wake);
    if (sweeper) clearInterval(sweeper);
    for (const stop of stops) stop();
    updates.stop();
    chats.stop();
    realtime.stop();
  };
}
