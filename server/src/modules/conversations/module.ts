import { type Module, subscribe } from '../../core/module.ts';
import { work, workTogether } from '../../core/queue.ts';
import { deliveryReceived } from '../channels/channels.ts';
import { memberRemoved } from '../tenancy/tenancy.ts';
import { reconcileMessage, sendMessage } from './attempts.ts';
import { codeTextPlace, forgetCodes, forgetCodeTexts, sendCode, sendCodeText } from './code-texts.ts';
import { contactDirectory } from './directory.ts';
import {
  aiConsentChanged,
  consentChanged,
  contactChanged,
  conversationChanged,
  conversationCreated,
  conversationRead,
  mediaSettled,
  messageCreated,
  messageEdited,
  messageReceived,
  messageStatusChanged,
  noteChanged,
  noteCreated,
  noteDeleted,
  quickReplyDeleted,
  quickReplySaved,
  viewDeleted,
  viewSaved,
} from './events.ts';
import { directoryProbe, link, linkDirectory, relink, relinkDirectory } from './link-directory.ts';
import { fetchMedia, fetchMedium } from './media.ts';
import { removeUnusedUploads, sweepUploads } from './media-upload.ts';
import { receive } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { releaseConversations, releaseOwned } from './release.ts';
import { searchIndexer } from './search-index.ts';
import { send } from './send.ts';
import { lookAtSending, sendingExceeded, watchSending } from './sending-volume.ts';
import { wake, wakeConversation } from './snooze.ts';
import { stored } from './stored.ts';
import { suppressionKeyPlace } from './suppressions.ts';
import { sweep, sweepMessages } from './sweep.ts';

export { tellTyping } from './typing.ts';

const byId = (table: string, column: string) => ({
  table,
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => `${table}.${column}:${row.id}`,
});

export const conversationsModule: Module = {
  name: 'conversations',
  webhooks: async (server, kernel) => (await import('./media-routes.ts')).registerMediaLinks(server, kernel),
  routes: async (server, kernel) => {
    await (await import('./routes.ts')).registerConversationRoutes(server);
    (await import('./search-routes.ts')).registerSearchRoutes(server, kernel.systemContext());
  },
  events: [
    conversationCreated,
    conversationChanged,
    messageCreated,
    messageEdited,
    messageReceived,
    messageStatusChanged,
    mediaSettled,
    consentChanged,
    aiConsentChanged,
    conversationRead,
    contactChanged,
    noteCreated,
    noteChanged,
    noteDeleted,
    viewSaved,
    viewDeleted,
    quickReplySaved,
    quickReplyDeleted,
    sendingExceeded,
  ],
  jobs: [
    workTogether(deliveryReceived, receive),
    work(sendMessage, send),
    work(reconcileMessage, reconcile),
    work(releaseConversations, releaseOwned),
    work(fetchMedia, fetchMedium),
    work(linkDirectory, link),
    work(relinkDirectory, relink),
    work(sweepMessages, sweep),
    work(watchSending, lookAtSending),
    work(sweepUploads, removeUnusedUploads),
    work(wakeConversation, wake),
    work(sendCodeText, sendCode),
    work(forgetCodeTexts, forgetCodes),
  ],
  subscriptions: [
    subscribe(memberRemoved, releaseConversations, ({ userId }) => ({ input: { userId } })),
    subscribe(conversationCreated, linkDirectory, ({ conversationId }, tx) =>
      tx.use(contactDirectory) ? { input: { conversationId }, options: { key: conversationId } } : null,
    ),
  ],
  schedules: [
    { job: sweepMessages, cron: '* * * * *', input: {} },
    { job: watchSending, cron: '4 * * * *', input: {} },
    { job: sweepUploads, cron: '17 * * * *', input: {} },
    { job: forgetCodeTexts, cron: '23 * * * *', input: {} },
    { job: relinkDirectory, cron: '*/5 * * * *', input: {} },
  ],
  followers: [searchIndexer],
  health: [directoryProbe],
  stored,
  sealed: [
    {
      table: 'search_indexes',
      column: 'key',
      key: ['workspace_id'],
      place: (row) => `search_indexes.key:${row.workspace_id}`,
    },
    { table: 'code_texts', column: 'content', key: ['id'], place: codeTextPlace },
    {
      table: 'suppression_keys',
      column: 'key',
      key: ['workspace_id'],
      place: (row) => suppressionKeyPlace(row.workspace_id ?? ''),
    },
    byId('contacts', 'name'),
    byId('conversations', 'directory_name'),
    byId('messages', 'content'),
    byId('message_media', 'provider_url'),
    byId('message_media', 'file_key'),
    byId('consent_events', 'reason'),
    byId('notes', 'body'),
    byId('quick_replies', 'body'),
  ],
};
