// The client of the realtime socket: stays connected, comes back by itself, and hands on every event of the log once and in
// order. It knows no framework and no browser beyond a WebSocket and timers, so that every app of ours can use it.
import type { Event } from '@parley/contract/events';
import type { ClientFrame, LiveFrame, ServerFrame } from '@parley/contract/realtime';
import { closeCodes, comeBack, heartbeatMs } from '@parley/contract/realtime-limits';

export type RealtimeState =
  | { readonly kind: 'connecting' }
  /** Connected, and reading what happened while it was not. */
  | { readonly kind: 'catching_up' }
  | { readonly kind: 'live' }
  /** `retryAtMs`: milliseconds since the Unix epoch. */
  | { readonly kind: 'waiting'; readonly retryAtMs: number }
  | { readonly kind: 'signed_out' }
  /** The workspace is not, or no longer, open to this user. */
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'stopped' };

/** What is used of a WebSocket. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  onclose: ((close: { readonly code: number }) => void) | null;
  onerror: (() => void) | null;
}

export interface Timers {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls once after a time. Returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

export interface RealtimeOptions {
  /** `wss://…/api/v1/realtime?workspace=…` */
  readonly url: string;
  /** The sequence that was read last; null: from now on. */
  readonly after?: number | null;
  /** For apps without cookies: an API key. */
  readonly token?: string;
  readonly webSocket?: (url: string) => Socket;
  readonly timers?: Timers;
  /** From 0 to 1. */
  readonly random?: () => number;
}

export interface Realtime {
  readonly state: RealtimeState;
  /** Everything up to it was handed on; null before the first connection from now on. */
  readonly lastSequence: number | null;
  /** Each returns how to stop. `through`: what is read with the events, also when there is none to see. */
  onEvents(listener: (events: readonly Event[], through: number) => void): () => void;
  onLive(listener: (frame: LiveFrame) => void): () => void;
  onState(listener: (state: RealtimeState) => void): () => void;
  /** The log is another one than before (a backup was restored): throw away what came from it. */
  onReset(listener: () => void): () => void;
  /** Tells the others that the member is writing; call it again every few seconds. Dropped while not connected. */
  sendTyping(conversationId: string, active: boolean): void;
  /** The network or the screen is back, or somebody signed in: looks at once whether the connection stands. */
  wake(): void;
  stop(): void;
}

/** A connection that has not come to its subscription by then is given up. */
const connectMsMax = 10_000;
/** After waking, the server has this long to say something. */
const wakeMsMax = 3000;

const systemTimers: Timers = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Connects at once. */
export function createRealtime(options: RealtimeOptions): Realtime {
  const { url, token, timers = systemTimers, random = Math.random } = options;
  const open = options.webSocket ?? ((at: string): Socket => new WebSocket(at) as Socket);
  const events = createListeners<[readonly Event[], number]>(timers);
  const live = createListeners<[LiveFrame]>(timers);
  const states = createListeners<[RealtimeState]>(timers);
  const resets = createListeners<[]>(timers);

  let state: RealtimeState = { kind: 'connecting' };
  let lastSequence = options.after ?? null;
  let head = 0;
  let socket: Socket | null = null;
  /** Connections in a row that did not become live. */
  let failures = 0;
  let heardAtMs = 0;
  /** Of the connection, or of the wait for the next one. */
  let timer: (() => void) | null = null;

  const enter = (next: RealtimeState) => {
    if (next.kind === state.kind && next.kind !== 'waiting') return;
    state = next;
    states.call(next);
  };
  const later = (delayMs: number, run: () => void) => {
    timer?.();
    timer = timers.after(delayMs, run);
  };
  const send = (frame: ClientFrame) => socket?.send(JSON.stringify(frame));

  /** Leaves the connection without waiting for its end, which may never be told. */
  const drop = () => {
    timer?.();
    timer = null;
    const left = socket;
    socket = null;
    if (!left) return;
    left.onopen = left.onmessage = left.onclose = null;
    // A WebSocket that is closed while it connects says so as an error.
    left.onerror = () => undefined;
    left.close(1000);
  };
  const retryWithin = (spreadMs: number) => {
    drop();
    const delayMs = Math.round(random() * spreadMs);
    later(delayMs, connect);
    enter({ kind: 'waiting', retryAtMs: timers.now() + delayMs });
  };
  const retry = () => {
    const spreadMs = Math.min(
      comeBack.msMax,
      comeBack.firstMsMax * comeBack.growth ** Math.min(failures, 20),
    );
    failures += 1;
    retryWithin(spreadMs);
  };

  const connect = () => {
    drop();
    enter({ kind: 'connecting' });
    let opened: Socket;
    try {
      opened = open(url);
    } catch {
      retry();
      return;
    }
    socket = opened;
    opened.onopen = () => {
      if (token !== undefined) send({ type: 'authenticate', token });
      send({ type: 'subscribe', after: lastSequence });
    };
    opened.onmessage = ({ data }) => {
      heardAtMs = timers.now();
      const frame = readFrame(data);
      if (frame === 'broken') retry();
      else if (frame) obey(frame);
    };
    opened.onclose = ({ code }) => {
      if (code === closeCodes.unauthenticated) end({ kind: 'signed_out' });
      else if (code === closeCodes.forbidden) end({ kind: 'forbidden' });
      else {
        if (code === closeCodes.excess) failures = Number.POSITIVE_INFINITY;
        retry();
      }
    };
    opened.onerror = () => undefined;
    later(connectMsMax, retry);
  };
  const end = (last: RealtimeState) => {
    drop();
    failures = 0;
    enter(last);
  };

  const beat = () => {
    const silentMs = timers.now() - heardAtMs;
    if (silentMs >= 2 * heartbeatMs) return retry();
    send({ type: 'ping' });
    later(heartbeatMs, beat);
  };

  const obey = (frame: ServerFrame) => {
    switch (frame.type) {
      case 'ready': {
        const isOther = lastSequence !== null && frame.after < lastSequence;
        lastSequence = frame.after;
        head = frame.head;
        later(heartbeatMs, beat);
        enter({ kind: 'catching_up' });
        if (isOther) resets.call();
        return arrive();
      }
      case 'events': {
        if (lastSequence === null) return;
        const fresh: Event[] = [];
        for (const event of frame.items) {
          if (event.sequence <= lastSequence) continue;
          fresh.push(event);
          lastSequence = event.sequence;
        }
        const isFurther = frame.through > lastSequence;
        lastSequence = Math.max(lastSequence, frame.through);
        if (fresh.length > 0 || isFurther) events.call(fresh, lastSequence);
        return arrive();
      }
      case 'live':
        return live.call(frame.frame);
      case 'leaving':
        failures = 0;
        return retryWithin(frame.spreadMs);
      case 'pong':
        return;
    }
  };
  const arrive = () => {
    if (state.kind !== 'catching_up' || lastSequence === null || lastSequence < head) return;
    failures = 0;
    enter({ kind: 'live' });
  };

  connect();
  return {
    get state() {
      return state;
    },
    get lastSequence() {
      return lastSequence;
    },
    onEvents: events.add,
    onLive: live.add,
    onState: states.add,
    onReset: resets.add,
    sendTyping: (conversationId, active) => {
      if (state.kind === 'live') send({ type: 'typing', conversationId, active });
    },
    wake: () => {
      if (state.kind === 'stopped' || state.kind === 'connecting') return;
      if (state.kind !== 'live' && state.kind !== 'catching_up') return connect();
      const askedAtMs = timers.now();
      send({ type: 'ping' });
      later(wakeMsMax, () => (heardAtMs >= askedAtMs ? beat() : connect()));
    },
    stop: () => end({ kind: 'stopped' }),
  };
}

/**
 * Null for what a newer server may say and this client does not know; `broken` where events may have been lost with it.
 * By hand and only as deep as it is relied on here: a schema library would be a seventh of the app's first script.
 */
function readFrame(data: unknown): ServerFrame | 'broken' | null {
  let message: unknown;
  try {
    message = JSON.parse(String(data));
  } catch {
    return 'broken';
  }
  if (!isRecord(message)) return null;
  const frame = message as unknown as ServerFrame;
  switch (message.type) {
    case 'ready':
      return isSequence(message.after) && isSequence(message.head) ? frame : 'broken';
    case 'events':
      return isSequence(message.through) && Array.isArray(message.items) && message.items.every(isEvent)
        ? frame
        : 'broken';
    case 'live':
      return isRecord(message.frame) && liveKinds.has(message.frame.kind) ? frame : null;
    case 'leaving':
      return typeof message.spreadMs === 'number' && message.spreadMs >= 0 ? frame : null;
    case 'pong':
      return frame;
    default:
      return null;
  }
}

const liveKinds: ReadonlySet<unknown> = new Set<LiveFrame['kind']>([
  'member_typing',
  'assistant_writing',
  'phone_changed',
  'chat_writing',
  'chat_changed',
]);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isEvent = (value: unknown) =>
  isRecord(value) &&
  isSequence(value.sequence) &&
  typeof value.type === 'string' &&
  typeof value.occurredAt === 'string' &&
  isRecord(value.payload) &&
  isRecord(value.actor);

function createListeners<Parameters extends unknown[]>(timers: Timers) {
  const listeners = new Set<(...parameters: Parameters) => void>();
  return {
    add: (listener: (...parameters: Parameters) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    call: (...parameters: Parameters) => {
      for (const listener of [...listeners]) {
        try {
          listener(...parameters);
        } catch (error) {
          // It must not keep the others, or what comes next, from being handed on; it is told all the same.
          timers.after(0, () => {
            throw error;
          });
        }
      }
    },
  };
}
