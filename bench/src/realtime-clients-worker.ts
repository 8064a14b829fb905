// Many clients of the realtime socket in a process of their own, over plain sockets: they cost little beside the server that
// is measured. Told what to do by the messages of its parent, and answers each.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { comeBack } from '@parley/contract/realtime-limits';

export interface ClientsOptions {
  readonly port: number;
  readonly path: string;
  /** One for each client; empty: nobody asks who they are. */
  readonly keys: readonly string[];
  readonly count: number;
  /** Connections that are being made at a time. */
  readonly openingMax: number;
  /** Whether a lost connection is made again, as the web client does it. */
  readonly returns: boolean;
}

export type Order =
  | { readonly kind: 'open'; readonly options: ClientsOptions }
  /** Forget what was counted. */
  | { readonly kind: 'reset' }
  /** Resolved when every client has received so many frames that hold `marker`, or has read through the sequence. */
  | { readonly kind: 'await'; readonly frames?: number; readonly through?: number }
  | { readonly kind: 'close' };

export interface Report {
  readonly clients: number;
  /** Frames of all clients since the last reset, and when the first and the last of them came (Unix, ms). */
  readonly frames: number;
  readonly bytes: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Of every frame with a `sentAt`, how long it took; ms. */
  readonly latenciesMs: readonly number[];
  /** Sequences that a client did not get, or got twice or out of order. */
  readonly wrong: number;
  /** The texts of the frames of the first client. */
  readonly texts: readonly string[];
}

let clients: Client[] = [];
let frames = 0;
let bytes = 0;
let firstAtMs = 0;
let lastAtMs = 0;
let latenciesMs: number[] = [];
let texts: string[] = [];
let wrong = 0;
let check: (() => void) | null = null;

function counted(client: Client, payload: Buffer): void {
  const now = performance.timeOrigin + performance.now();
  frames += 1;
  bytes += payload.length;
  firstAtMs ||= now;
  lastAtMs = now;
  if (client === clients[0]) texts.push(payload.toString());
}

/** RFC 6455, section 5: a text frame of a client, masked with zeros. */
function masked(text: string): Buffer {
  const body = Buffer.from(text);
  const head =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

/** What every WebSocket answers to a ping (RFC 6455, section 5.5.3). */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

interface EventsRead {
  readonly payload: Buffer;
  readonly through: number;
  /** Numbers of the first and the last event; null where there is none. */
  readonly first: number | null;
  readonly last: number | null;
  /** Of the last event; 0: it is not asked. */
  readonly sentAt: number;
}

/** Newest first: clients are at most a few frames apart. */
let eventsRead: EventsRead[] = [];

/** Reads a frame once for all clients that get the same bytes: reading it for each would be measured as the server's time. */
function readOnce(payload: Buffer): EventsRead {
  const known = eventsRead.find((read) => read.payload.equals(payload));
  if (known) return known;
  const text = payload.toString('latin1');
  const events = [...text.matchAll(/"number":(\d+),"sentAt":([\d.]+)/g)].map((match) => ({
    number: Number(match[1]),
    sentAt: Number(match[2]),
  }));
  wrong += events.filter(({ number }, index) => number !== (events[0]?.number ?? 0) + index).length;
  const read = {
    payload: Buffer.from(payload),
    through: Number(text.slice(text.lastIndexOf(':') + 1, -1)),
    first: events[0]?.number ?? null,
    last: events.at(-1)?.number ?? null,
    sentAt: events.at(-1)?.sentAt ?? 0,
  };
  eventsRead = [read, ...eventsRead.slice(0, 31)];
  return read;
}

class Client {
  readonly #options: ClientsOptions;
  readonly #key: string | undefined;
  #socket: Socket | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isUpgraded = false;
  #failures = 0;
  #isClosed = false;
  #ready: (() => void) | null = null;
  /** What it has read; null before it first subscribed. */
  through: number | null = null;
  framesRead = 0;
  /** Numbers of its workspace's events, which rise by one. */
  #number: number | null = null;

  constructor(options: ClientsOptions, key: string | undefined) {
    this.#options = options;
    this.#key = key;
  }

  /** Resolves when it is connected, and subscribed where that is a matter. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#ready = resolve;
      this.#connect();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    const { port, path } = this.#options;
    const socket = connect(port, '127.0.0.1').setNoDelay(true);
    this.#socket = socket;
    this.#isUpgraded = false;
    this.#waiting = [];
    this.#waitingBytes = 0;
    socket.on('connect', () => {
      const lines = [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        ...(this.#key ? [`Authorization: Bearer ${this.#key}`] : []),
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#isClosed || !this.#options.returns) return;
      const spreadMs = Math.min(comeBack.msMax, comeBack.firstMsMax * comeBack.growth ** this.#failures);
      this.#failures += 1;
      setTimeout(() => this.#connect(), Math.random() * spreadMs);
    });
  }

  #take(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (!this.#isUpgraded) {
      const all = Buffer.concat(this.#waiting);
      const end = all.indexOf('\r\n\r\n');
      if (end === -1) return;
      if (!all.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        this.#socket?.destroy();
        return;
      }
      this.#isUpgraded = true;
      this.#waiting = [all.subarray(end + 4)];
      this.#waitingBytes = all.length - end - 4;
      if (this.#key) this.#socket?.write(masked(JSON.stringify({ type: 'subscribe', after: this.through })));
      else this.#isReady();
    }
    this.#readFrames();
  }

  #isReady(): void {
    this.#failures = 0;
    this.#ready?.();
    this.#ready = null;
  }

  #readFrames(): void {
    while (this.#waitingBytes >= 2) {
      const first = this.#gathered(10);
      const short = (first[1] ?? 0) & 0x7f;
      const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (this.#waitingBytes < headLength) return;
      const length =
        short < 126 ? short : short === 126 ? first.readUInt16BE(2) : Number(first.readBigUInt64BE(2));
      if (this.#waitingBytes < headLength + length) return;
      const all = this.#gathered(headLength + length);
      const opcode = (all[0] ?? 0) & 0x0f;
      this.#waiting[0] = all.subarray(headLength + length);
      this.#waitingBytes -= headLength + length;
      if (opcode === 9) this.#socket?.write(pong);
      if (opcode === 1) this.#read(all.subarray(headLength, headLength + length));
    }
  }

  /** The first bytes in one piece, as far as they are there. */
  #gathered(length: number): Buffer {
    while ((this.#waiting[0]?.length ?? 0) < length && this.#waiting.length > 1) {
      this.#waiting = [Buffer.concat(this.#waiting)];
    }
    return this.#waiting[0] ?? Buffer.alloc(0);
  }

  #read(payload: Buffer): void {
    const head = payload.toString('latin1', 0, 16);
    if (head.startsWith('{"type":"ready"')) {
      this.through ??= (JSON.parse(payload.toString()) as { after: number }).after;
      this.#isReady();
      return;
    }
    if (head.startsWith('{"type":"pong"')) return;
    this.framesRead += 1;
    counted(this, payload);
    if (head.startsWith('{"type":"events"')) this.#follow(readOnce(payload));
    check?.();
  }

  #follow({ through, first, last, sentAt }: EventsRead): void {
    this.through = through;
    if (first === null || last === null) return;
    if (this.#number !== null && first !== this.#number + 1) wrong += 1;
    this.#number = last;
    if (sentAt > 0) latenciesMs.push(performance.timeOrigin + performance.now() - sentAt);
  }
}

function report(): Report {
  return { clients: clients.length, frames, bytes, firstAtMs, lastAtMs, latenciesMs, wrong, texts };
}

function reset(): void {
  frames = bytes = firstAtMs = lastAtMs = wrong = 0;
  latenciesMs = [];
  texts = [];
  for (const client of clients) client.framesRead = 0;
}

async function obey(order: Order): Promise<void> {
  if (order.kind === 'open') {
    const { options } = order;
    const queue = Array.from(
      { length: options.count },
      (_, index) => new Client(options, options.keys[index]),
    );
    clients = [...queue];
    const openOne = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) await next.open();
    };
    await Promise.all(Array.from({ length: options.openingMax }, openOne));
  } else if (order.kind === 'reset') reset();
  else if (order.kind === 'close') {
    for (const client of clients) client.close();
    clients = [];
  } else {
    const { frames: framesAsked = 0, through = 0 } = order;
    await new Promise<void>((resolve) => {
      // The last client to be looked at is the one that was not there yet: looking at all of them each time would cost more.
      let at = 0;
      check = () => {
        for (; at < clients.length; at += 1) {
          const client = clients[at];
          if (client && (client.framesRead < framesAsked || (client.through ?? 0) < through)) return;
        }
        check = null;
        resolve();
      };
      check();
    });
  }
}

process.on('message', (order: Order) => {
  void obey(order).then(() => process.send?.(report()));
});
process.send?.('ready');
