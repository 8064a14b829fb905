// Wake-ups between processes: "there are new events", "forget what you cached of this channel". A lost one costs
// time and never truth, so nothing durable depends on it. Redis when REDIS_URL is set, LISTEN/NOTIFY otherwise. Each is
// signed: others may speak on a Redis that is shared. One that is said again does no more than wake again.
import { EventEmitter } from 'node:events';
import { Redis } from 'ioredis';
import type { Database, Listener } from './database.ts';
import type { HealthResult } from './health.ts';
import type { Logger } from './log.ts';
import type { Signer } from './signing.ts';

export interface Bus {
  /** Tells every process, this one at once. `payload` is short and holds ids only. */
  publish(topic: string, payload?: string): void;
  /** An empty payload, on topics that have one: the connection came back, and anything may have been missed. */
  subscribe(topic: string, listener: (payload: string) => void): () => void;
  /** Whether wake-ups reach other processes. */
  check(): Promise<HealthResult>;
  close(): Promise<void>;
}

const channel = 'parley';
/** The first wake-up leaves at once; those of one topic that follow within this time leave as one. */
const coalesceMs = 10;
/** While the way to the other processes is down, it is said this often. */
const warnMsMin = 30_000;

/** Several installations may share a Redis: what each keeps there carries its name, the same in all of its processes. */
export async function nameInstallation(database: Database): Promise<string> {
  const [row] = await database.asOwner((queries) =>
    queries.sql<{ name: string }>(
      `select current_database() || ':' || oid as name from pg_database where datname = current_database()`,
    ),
  );
  return row?.name ?? '';
}

export async function openBus(
  database: Database,
  redisUrl: string | undefined,
  log: Logger,
  signer: Signer,
): Promise<Bus> {
  const local = new EventEmitter().setMaxListeners(0);
  const own = Math.random().toString(36).slice(2, 10);
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let warnedAt = Number.NEGATIVE_INFINITY;
  const warn = (error: unknown) => {
    if (performance.now() - warnedAt < warnMsMin) return;
    warnedAt = performance.now();
    log.warn({ err: error }, 'wake-ups between the processes do not arrive');
  };

  const receive = (message: string) => {
    const [sender = '', topic = '', payload = '', signature = ''] = message.split('|');
    if (topic === '' || sender === own) return;
    if (signer.isSignature(signature, `${sender}|${topic}|${payload}`)) local.emit(topic, payload);
    // Of a process that is being replaced by this version, or has another secret: what it says is found without it.
    else warn(new Error('a wake-up was not signed by this installation'));
  };
  const cameBack = () => {
    for (const topic of local.eventNames()) local.emit(topic, '');
  };

  let send: ((message: string) => Promise<unknown>) | undefined;
  let listener: Listener | undefined;
  let check = async (): Promise<HealthResult> => ({ status: 'ok' });
  if (redisUrl) {
    const shared = `${channel}:${await nameInstallation(database)}`;
    const publisher = new Redis(redisUrl, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      lazyConnect: true,
      connectTimeout: 2000,
    });
    const subscriber = new Redis(redisUrl, {
      maxRetriesPerRequest: null,
      lazyConnect: true,
      autoResubscribe: false,
      connectTimeout: 2000,
    });
    for (const client of [publisher, subscriber]) client.on('error', warn);
    subscriber.on('message', (_channel, message) => receive(message));
    // At every connection, the first one too: waiting for it here would keep Parley from starting while Redis is down.
    subscriber.on('ready', () => void subscriber.subscribe(shared).then(cameBack, warn));
    await Promise.all([publisher.connect(), subscriber.connect()]).catch(warn);
    send = (message) => publisher.publish(shared, message);
    check = async () => {
      await publisher.ping();
      return { status: 'ok' };
    };
    listener = {
      close: async () => {
        publisher.disconnect();
        subscriber.disconnect();
      },
    };
  } else if (database.kind === 'postgres') {
    listener = await database.listen(channel, (message) => (message === '' ? cameBack() : receive(message)));
    send = (message) => database.notify(channel, message);
  }

  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    for (const message of waiting) {
      const said = `${own}|${message}`;
      void send?.(`${said}|${signer.sign(said)}`).catch(warn);
    }
    waiting.clear();
    timer = setTimeout(flush, coalesceMs);
  };

  return {
    publish: (topic, payload = '') => {
      local.emit(topic, payload);
      if (!send) return;
      waiting.add(`${topic}|${payload}`);
      if (!timer) flush();
    },
    subscribe: (topic, onMessage) => {
      local.on(topic, onMessage);
      return () => local.off(topic, onMessage);
    },
    check: () => check(),
    close: async () => {
      clearTimeout(timer);
      flush();
      clearTimeout(timer);
      await listener?.close();
      local.removeAllListeners();
    },
  };
}
