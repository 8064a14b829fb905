import { type Module, subscribe } from '../../core/module.ts';
import { work, workTogether } from '../../core/queue.ts';
import { deliveryReceived } from '../channels/channels.ts';
import { reconcileMessage, sendMessage } from './attempts.ts';
import { contactDirectory } from './directory.ts';
import {
  consentChanged,
  conversationChanged,
  conversationCreated,
  mediaSettled,
  messageCreated,
  messageReceived,
  messageStatusChanged,
} from './events.ts';
import { directoryProbe, link, linkDirectory, relink, relinkDirectory } from './link-directory.ts';
import { fetchMedia, fetchMedium } from './media.ts';
import { receive } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { send } from './send.ts';
import { sweep, sweepMessages } from './sweep.ts';

const byId = (table: string, column: string) => ({
  table,
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => `${table}.${column}:${row.id}`,
});

export const conversationsModule: Module = {
  name: 'conversations',
  routes: async (server) => (await import('./routes.ts')).registerConversationRoutes(server),
  events: [
    conversationCreated,
    conversationChanged,
    messageCreated,
    messageReceived,
    messageStatusChanged,
    mediaSettled,
    consentChanged,
  ],
  jobs: [
    workTogether(deliveryReceived, receive),
    work(sendMessage, send),
    work(reconcileMessage, reconcile),
    work(fetchMedia, fetchMedium),
    work(linkDirectory, link),
    work(relinkDirectory, relink),
    work(sweepMessages, sweep),
  ],
  subscriptions: [
    subscribe(conversationCreated, linkDirectory, ({ conversationId }, tx) =>
      tx.use(contactDirectory) ? { input: { conversationId }, options: { key: conversationId } } : null,
    ),
  ],
  schedules: [
    { job: sweepMessages, cron: '* * * * *', input: {} },
    { job: relinkDirectory, cron: '*/5 * * * *', input: {} },
  ],
  health: [directoryProbe],
  sealed: [
    byId('contacts', 'name'),
    byId('conversations', 'directory_name'),
    byId('messages', 'content'),
    byId('message_media', 'provider_url'),
    byId('message_media', 'file_key'),
    byId('consent_events', 'reason'),
  ],
};
