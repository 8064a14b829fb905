// The outbox's rules, without a browser: what a member wrote is kept before it is sent, goes out once and in the order of its
// conversation, waits while the server cannot be reached, and stays with its reason when it was refused.
import type { ApiPath } from '../api.ts';
import type { OutboxStore } from './outbox-store.ts';

/** A change that may wait: a call of the API that is safe to make later. */
export interface OutboxRequest {
  /** For the words on the screen. */
  readonly kind: 'message' | 'note' | 'change';
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: ApiPath;
  readonly body?: unknown;
  /** What is written in one conversation goes out in the order in which it was written. */
  readonly conversationId: string | null;
}

/** Why the server said no. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface StoredEntry extends OutboxRequest {
  /** Also its Idempotency-Key. */
  readonly id: string;
  /** Milliseconds since the Unix epoch; later than that of whatever was written before it on this screen. */
  readonly writtenAtMs: number;
  /** Since then the server may have it. */
  readonly firstAttemptAtMs: number | null;
  readonly refusal: Refusal | null;
}

export interface OutboxEntry extends StoredEntry {
  readonly state: 'waiting' | 'sending' | 'refused';
}

export type Outcome<Answer> =
  | { readonly kind: 'sent'; readonly answer: Answer }
  /** Kept; it goes out when the server can be reached. */
  | { readonly kind: 'waiting'; readonly id: string }
  /** Kept with its reason, until somebody changes or drops it. */
  | { readonly kind: 'refused'; readonly id: string; readonly refusal: Refusal };

/** What one call came to. `unreachable`: nobody knows whether it arrived; `hold`: not now (signed out, somebody else's). */
export type Attempt =
  | { readonly kind: 'sent'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unreachable'; readonly retryAfterMs?: number }
  /** The server is there and could not do it. */
  | { readonly kind: 'failed'; readonly refusal: Refusal; readonly retryAfterMs?: number }
  | { readonly kind: 'hold' };

/** What tabs tell each other. */
export type OutboxNews =
  | { readonly kind: 'changed' }
  | { readonly kind: 'settled'; readonly entry: StoredEntry; readonly outcome: Outcome<unknown> };

export interface OutboxOptions {
  readonly store: OutboxStore;
  /** Makes the call with the entry's id as Idempotency-Key. Never throws. */
  readonly attempt: (entry: StoredEntry) => Promise<Attempt>;
  /** Runs the work while no other tab runs work of the same name. */
  readonly exclusively: (name: string, work: () => Promise<void>) => Promise<void>;
  readonly isOnline: () => boolean;
  /** Tells the other tabs. */
  readonly tell: (news: OutboxNews) => void;
  readonly nowMs: () => number;
  /** Calls once after a time; returns how to call it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly newId: () => string;
}

export interface Outbox {
  /** Oldest first; the same array until something changed. */
  readonly entries: () => readonly OutboxEntry[];
  readonly onChange: (listener: () => void) => () => void;
  /** Called before the entry leaves the list, so that what replaces it on the screen can be there already. */
  readonly onSent: (listener: (entry: StoredEntry, answer: unknown) => void) => () => void;
  readonly onRefused: (listener: (entry: StoredEntry, refusal: Refusal) => void) => () => void;
  readonly send: (request: OutboxRequest) => Promise<Outcome<unknown>>;
  /** Sends a refused one again, or one that still waits with another body. Returns whether it could be changed. */
  readonly change: (id: string, body?: unknown) => Promise<boolean>;
  /** Takes it out. Returns whether it could: not what the server may have already. */
  readonly drop: (id: string) => Promise<boolean>;
  /** Takes everything out, whatever became of it. */
  readonly empty: () => Promise<void>;
  /** The network is back, somebody signed in, the screen is looked at again. */
  readonly wake: () => void;
  readonly hear: (news: OutboxNews) => void;
  readonly close: () => void;
}

/** The server remembers an Idempotency-Key for 48 hours; after that a repetition could be a second message. */
const repeatableMsMax = 47 * 3600 * 1000;
const firstWaitMs = 1000;
const waitMsMax = 30_000;
/** A server that failed so often at one entry would do so for ever, and the rest of the conversation waits behind it. */
const serverFailuresMax = 5;

/** Whether a person may still change or drop it: it was refused, or no call of it was ever made. */
export function isChangeable(entry: StoredEntry): boolean {
  return entry.refusal !== null || entry.firstAttemptAtMs === null;
}

/** Reads what is kept and begins to send it. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store } = options;
  const changeListeners = new Set<() => void>();
  const sentListeners = new Set<(entry: StoredEntry, answer: unknown) => void>();
  const refusedListeners = new Set<(entry: StoredEntry, refusal: Refusal) => void>();
  const callers = new Map<string, (outcome: Outcome<unknown>) => void>();
  /** What the store has, and what is on its way into it. */
  let known: StoredEntry[] = [];
  let shown: readonly OutboxEntry[] = [];
  const sending = new Set<string>();
  const serverFailures = new Map<string, number>();
  /** A lane is a conversation: one entry of it at a time. */
  const running = new Set<string>();
  const again = new Set<string>();
  let failures = 0;
  let notBeforeMs = 0;
  /** Until somebody signs in, or the screen is looked at again. */
  let isHeld = false;
  let stopTimer: (() => void) | null = null;
  let lastWrittenAtMs = 0;
  let closed = false;

  const laneOf = (entry: StoredEntry) => entry.conversationId ?? 'workspace';
  const publish = () => {
    known.sort((one, other) => one.writtenAtMs - other.writtenAtMs);
    shown = known.map((entry) => ({
      ...entry,
      state: entry.refusal ? 'refused' : sending.has(entry.id) ? 'sending' : 'waiting',
    }));
    for (const listener of [...changeListeners]) listener();
  };
  const remember = (entry: StoredEntry) => {
    known = [...known.filter(({ id }) => id !== entry.id), entry];
  };
  const forget = (id: string) => {
    known = known.filter((entry) => entry.id !== id);
  };
  const save = async (entry: StoredEntry) => {
    remember(entry);
    await store.put(entry);
  };
  const answerCaller = (id: string, outcome: Outcome<unknown>) => {
    callers.get(id)?.(outcome);
    callers.delete(id);
  };
  const settle = (entry: StoredEntry, outcome: Outcome<unknown>) => {
    if (outcome.kind === 'sent') for (const listener of [...sentListeners]) listener(entry, outcome.answer);
    if (outcome.kind === 'refused')
      for (const listener of [...refusedListeners]) listener(entry, outcome.refusal);
    answerCaller(entry.id, outcome);
  };
  const refuse = async (entry: StoredEntry, refusal: Refusal) => {
    const refused = { ...entry, refusal };
    await save(refused);
    const outcome: Outcome<unknown> = { kind: 'refused', id: entry.id, refusal };
    settle(refused, outcome);
    options.tell({ kind: 'settled', entry: refused, outcome });
  };

  /** Other tabs write to the store too. */
  const reload = async () => {
    const stored = await store.list();
    if (closed) return;
    const storedIds = new Set(stored.map(({ id }) => id));
    // What is not stored yet has a caller who waits for it here.
    known = [...stored, ...known.filter(({ id }) => !storedIds.has(id) && callers.has(id))];
    publish();
  };

  const waitAWhile = (retryAfterMs = 0) => {
    failures += 1;
    const delayMs = Math.max(
      retryAfterMs,
      Math.min(waitMsMax, firstWaitMs * 2 ** Math.min(failures - 1, 10)),
    );
    notBeforeMs = options.nowMs() + delayMs;
    stopTimer?.();
    stopTimer = options.after(delayMs, runAll);
  };

  const sendOne = async (entry: StoredEntry): Promise<void> => {
    if (entry.firstAttemptAtMs !== null && options.nowMs() - entry.firstAttemptAtMs > repeatableMsMax) {
      // Nobody can tell any more whether it arrived; a person looks at the conversation and decides.
      await refuse(entry, { code: 'outbox.too_old', message: 'It may have been sent days ago.' });
      publish();
      return;
    }
    sending.add(entry.id);
    const attempted = { ...entry, firstAttemptAtMs: entry.firstAttemptAtMs ?? options.nowMs() };
    try {
      await save(attempted);
    } catch {
      // A device that is full cannot note the call, and what may have been sent could then be changed: it waits for room.
      remember(entry);
      sending.delete(entry.id);
      waitAWhile();
      publish();
      return;
    }
    publish();
    const attempt = await options.attempt(attempted);
    sending.delete(entry.id);
    switch (attempt.kind) {
      case 'sent': {
        failures = 0;
        await store.remove(entry.id);
        const outcome: Outcome<unknown> = { kind: 'sent', answer: attempt.answer };
        settle(attempted, outcome);
        options.tell({ kind: 'settled', entry: attempted, outcome });
        forget(entry.id);
        break;
      }
      case 'refused':
        failures = 0;
        await refuse(attempted, attempt.refusal);
        break;
      case 'unreachable':
        waitAWhile(attempt.retryAfterMs);
        break;
      case 'failed': {
        const count = (serverFailures.get(entry.id) ?? 0) + 1;
        serverFailures.set(entry.id, count);
        if (count < serverFailuresMax) waitAWhile(attempt.retryAfterMs);
        else {
          failures = 0;
          await refuse(attempted, attempt.refusal);
        }
        break;
      }
      case 'hold':
        // No call was made in this member's name, so it is as if it had never been tried.
        isHeld = true;
        await save(entry);
        break;
    }
    publish();
  };

  const mayGo = () => !closed && !isHeld && options.isOnline() && options.nowMs() >= notBeforeMs;
  const runLane = async (lane: string) => {
    if (running.has(lane)) {
      again.add(lane);
      return;
    }
    running.add(lane);
    try {
      if (mayGo())
        await options.exclusively(lane, async () => {
          while (mayGo()) {
            const waiting = (await store.list()).filter((entry) => laneOf(entry) === lane && !entry.refusal);
            const next = waiting.sort((one, other) => one.writtenAtMs - other.writtenAtMs)[0];
            if (!next) return;
            await sendOne(next);
          }
        });
    } finally {
      running.delete(lane);
    }
    if (again.delete(lane)) return runLane(lane);
    // Whoever still waits here is told that it is kept; another tab may have sent it meanwhile.
    await reload();
    for (const entry of known)
      if (laneOf(entry) === lane && !entry.refusal && !running.has(lane))
        answerCaller(entry.id, { kind: 'waiting', id: entry.id });
  };
  const runAll = () => {
    for (const lane of new Set(known.filter(({ refusal }) => !refusal).map(laneOf))) void runLane(lane);
  };

  /** No tab may begin to send it meanwhile. */
  const whileChangeable = async (id: string, work: (entry: StoredEntry) => Promise<void>) => {
    const listed = known.find((entry) => entry.id === id);
    if (!listed) return false;
    let isDone = false;
    await options.exclusively(laneOf(listed), async () => {
      const entry = (await store.list()).find((each) => each.id === id);
      if (!entry || !isChangeable(entry)) return;
      await work(entry);
      isDone = true;
    });
    await reload();
    options.tell({ kind: 'changed' });
    void runLane(laneOf(listed));
    return isDone;
  };

  void reload().then(runAll);

  return {
    entries: () => shown,
    onChange: (listener) => listen(changeListeners, listener),
    onSent: (listener) => listen(sentListeners, listener),
    onRefused: (listener) => listen(refusedListeners, listener),
    send: (request) => {
      lastWrittenAtMs = Math.max(options.nowMs(), lastWrittenAtMs + 1);
      const entry: StoredEntry = {
        ...request,
        id: options.newId(),
        writtenAtMs: lastWrittenAtMs,
        firstAttemptAtMs: null,
        refusal: null,
      };
      return new Promise((resolve) => {
        callers.set(entry.id, resolve);
        remember(entry);
        publish();
        store.put(entry).then(
          () => {
            options.tell({ kind: 'changed' });
            void runLane(laneOf(entry));
          },
          // The device keeps nothing (it is full, or forbids it): then only a call at once is honest.
          async () => {
            const attempt = await options.attempt(entry);
            forget(entry.id);
            if (attempt.kind === 'sent') settle(entry, attempt);
            else {
              const refusal =
                attempt.kind === 'refused'
                  ? attempt.refusal
                  : { code: 'outbox.not_kept', message: 'This device could not keep it.' };
              remember({ ...entry, refusal });
              settle(entry, { kind: 'refused', id: entry.id, refusal });
            }
            publish();
          },
        );
      });
    },
    change: (id, body) =>
      whileChangeable(id, async (entry) => {
        // The same words keep their key, so that a first call that did arrive is not repeated; other words need another.
        const isOther = body !== undefined || entry.refusal?.code === 'outbox.too_old';
        const fresh: StoredEntry = {
          ...entry,
          ...(body === undefined ? {} : { body }),
          ...(isOther ? { id: options.newId(), firstAttemptAtMs: null } : {}),
          refusal: null,
        };
        serverFailures.delete(id);
        await store.put(fresh);
        if (isOther) await store.remove(id);
      }),
    drop: (id) => whileChangeable(id, () => store.remove(id)),
    empty: async () => {
      for (const { id } of known) await store.remove(id);
      await reload();
      options.tell({ kind: 'changed' });
    },
    wake: () => {
      notBeforeMs = 0;
      isHeld = false;
      runAll();
    },
    hear: (news) => {
      if (news.kind === 'settled') {
        settle(news.entry, news.outcome);
        if (news.outcome.kind === 'sent') forget(news.entry.id);
        publish();
      }
      void reload().then(runAll);
    },
    close: () => {
      closed = true;
      stopTimer?.();
      for (const id of [...callers.keys()]) answerCaller(id, { kind: 'waiting', id });
    },
  };
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
