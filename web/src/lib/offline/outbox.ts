// The outbox of whoever is signed in, for features to write into and to show. Its rules and types are in outbox-queue.ts.
import { useMemo, useSyncExternalStore } from 'react';
import { newIdempotencyKey } from '../api.ts';
import { type OfflineScope, openOfflineDatabase, scopeName } from './database.ts';
import { withLock } from './locks.ts';
import { noticeMiss, onBackOnline } from './network.ts';
import { callForOutbox, findsUser } from './outbox-calls.ts';
import type { Attempt, OutboxRequest, Outcome, StoredEntry } from './outbox-queue.ts';
import { createOutbox, type Outbox, type OutboxEntry, type OutboxNews } from './outbox-queue.ts';
import { databaseStore, lateStore, memoryStore } from './outbox-store.ts';

/** What is older was written in another sitting: whose session the browser has now is asked before it is sent. */
const freshMsMax = 30_000;

let current: Outbox | null = null;
let closeCurrent: () => void = () => undefined;
const noEntries: readonly OutboxEntry[] = [];
const changeListeners = new Set<() => void>();
const sentListeners = new Set<(entry: StoredEntry, answer: unknown) => void>();
const tellChange = () => {
  for (const listener of [...changeListeners]) listener();
};

/**
 * Keeps a change on this device, sends it as soon as the server can be reached, and never twice. The promise settles once
 * it is known whether it was sent, waits or was refused, and does not reject for any of them; `useOutbox` shows it from the
 * first moment until it was sent.
 */
export async function sendThroughOutbox<Answer = unknown>(request: OutboxRequest): Promise<Outcome<Answer>> {
  if (!current) throw new Error('nobody is signed in');
  return (await current.send(request)) as Outcome<Answer>;
}

/** What waits, is on its way or was refused in a conversation, oldest first; without one: all of it. */
export function useOutbox(conversationId?: string): readonly OutboxEntry[] {
  const entries = useSyncExternalStore(subscribe, outboxEntries);
  return useMemo(
    () =>
      conversationId === undefined
        ? entries
        : entries.filter((entry) => entry.conversationId === conversationId),
    [entries, conversationId],
  );
}

export const outboxEntries = (): readonly OutboxEntry[] => current?.entries() ?? noEntries;
const subscribe = (listener: () => void) => {
  changeListeners.add(listener);
  return () => {
    changeListeners.delete(listener);
  };
};

/** Called with what was sent and its answer, before it leaves the list: also what another tab or an earlier visit wrote. */
export function onOutboxSent(listener: (entry: StoredEntry, answer: unknown) => void): () => void {
  sentListeners.add(listener);
  return () => {
    sentListeners.delete(listener);
  };
}

/** Sends a refused one again, or changes one that waits. False when the server may have it already. */
export const changeOutboxEntry = async (id: string, body?: unknown): Promise<boolean> =>
  (await current?.change(id, body)) ?? false;

/** Takes one out. False when the server may have it already. */
export const dropOutboxEntry = async (id: string): Promise<boolean> => (await current?.drop(id)) ?? false;

/** Makes what takes all of it off this device, also once the member has left; for one who said that this is right. */
export function outboxEmptier(): () => Promise<void> {
  const outbox = current;
  return async () => outbox?.empty();
}

/** Opens the outbox of whoever signed in, and sends what waits in it. Returns how to close it. */
export function openOutbox(scope: OfflineScope): () => void {
  closeCurrent();
  const name = scopeName(scope);
  const channel =
    typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`parley-outbox:${name}`);
  const outbox = createOutbox({
    store: lateStore(
      openOfflineDatabase().then((database) => (database ? databaseStore(database, name) : memoryStore())),
    ),
    attempt: async (entry): Promise<Attempt> => {
      if (Date.now() - entry.writtenAtMs > freshMsMax) {
        const user = await findsUser(scope.userId);
        if (user !== 'same') return { kind: user };
      }
      const attempt = await callForOutbox(entry);
      if (attempt.kind === 'unreachable') noticeMiss();
      return attempt;
    },
    exclusively: (lane, work) => withLock(`parley-outbox:${name}:${lane}`, work),
    isOnline: () => navigator.onLine,
    tell: (news) => channel?.postMessage(news),
    nowMs: () => Date.now(),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    newId: newIdempotencyKey,
  });
  if (channel) channel.onmessage = ({ data }: MessageEvent<OutboxNews>) => outbox.hear(data);
  outbox.onChange(tellChange);
  outbox.onSent((entry, answer) => {
    for (const listener of [...sentListeners]) listener(entry, answer);
  });
  const onVisible = () => document.visibilityState === 'visible' && outbox.wake();
  const stopWaiting = onBackOnline(outbox.wake);
  document.addEventListener('visibilitychange', onVisible);

  const close = () => {
    stopWaiting();
    document.removeEventListener('visibilitychange', onVisible);
    channel?.close();
    outbox.close();
    if (current === outbox) current = null;
    tellChange();
  };
  current = outbox;
  closeCurrent = close;
  tellChange();
  return close;
}
