// Rings in the browser when somebody wrote and nobody looks: says who wrote, and never what.
import type { Conversation } from '@parley/contract/conversations';
import type { Event } from '@parley/contract/events';
import { isQuiet } from '@parley/contract/quiet-hours';
import type { Preferences } from '@parley/contract/tenancy';
import type { QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../../lib/query.ts';
import { currentTexts } from '../../lib/texts.ts';
import { workspaceOptions } from '../../lib/workspace.ts';
import { nameOfContact } from '../conversations/names.ts';
import { readConversation } from '../conversations/queries.ts';
import { notificationsTexts } from './texts.ts';

/** What is older was missed while offline: the inbox tells of it. */
const freshMsMax = 60_000;

export interface Ringer {
  readonly client: QueryClient;
  readonly userId: string;
  /** Shows a conversation, in this window. */
  readonly show: (conversationId: string) => void;
}

/** Call it with what the realtime socket brings. */
export function ringFor(ringer: Ringer, events: readonly Event[]): void {
  if (!mayRing()) return;
  for (const event of events) {
    if (event.type !== 'message.received' || Date.now() - Date.parse(event.occurredAt) > freshMsMax) continue;
    const { conversationId } = event.payload;
    if (typeof conversationId === 'string') void ring(ringer, conversationId);
  }
}

function mayRing(): boolean {
  const isLookedAt = document.visibilityState === 'visible' && document.hasFocus();
  return !isLookedAt && 'Notification' in window && Notification.permission === 'granted';
}

/** Also where the page is seen beside another window. */
const isSeen = (conversationId: string): boolean =>
  document.visibilityState === 'visible' && location.pathname === `/inbox/${conversationId}`;

async function ring({ client, userId, show }: Ringer, conversationId: string): Promise<void> {
  const preferences = client.getQueryData<Preferences>(queryKeys.preferences);
  if (!preferences || preferences.notify === 'none' || isSeen(conversationId)) return;
  if (await isQuietNow(client, preferences)) return;
  // Rather once too often than not at all: what cannot be read rings, without a name.
  const conversation = await readConversation(conversationId).catch(() => null);
  if (preferences.notify === 'mine' && conversation && !concerns(conversation, userId)) return;
  const texts = currentTexts(notificationsTexts);
  // One for each conversation: a burst of messages rings once and replaces itself.
  const notification = new Notification(conversation ? nameOfContact(conversation) : texts.somebody, {
    body: texts.body,
    tag: conversationId,
    icon: '/icon.svg',
  });
  notification.onclick = () => {
    window.focus();
    show(conversationId);
    notification.close();
  };
}

/** Where the workspace's clock stands is read for who has quiet hours and no zone of their own. */
async function isQuietNow(client: QueryClient, { quietHours, timeZone }: Preferences): Promise<boolean> {
  if (!quietHours) return false;
  const workspace = timeZone === null ? await client.fetchQuery(workspaceOptions).catch(() => null) : null;
  const zone =
    timeZone ??
    workspace?.timeZone ??
    workspace?.installationTimeZone ??
    new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return isQuiet(quietHours, zone, new Date());
}

/** Their own conversations, and those that wait for any person. */
const concerns = ({ owner, status }: Conversation, userId: string): boolean =>
  owner.id === userId || owner.kind === 'nobody' || status === 'flagged_for_review';
