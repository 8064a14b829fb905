// One socket: who holds it, what it has been sent, how much it may say. It reads the log by itself until it has caught up,
// and then gets what everybody gets.
import type { Duplex } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import { type ClientFrame, clientFrame } from '@parley/contract/realtime';
import { closeCodes, heartbeatMs } from '@parley/contract/realtime-limits';
import type { Holder, Refusal, SaidFrame } from './credentials.ts';
import { eventsFrame, frameOf, visibleTo } from './frames.ts';
import { type LogEntry, pageLengthMax, type Tail } from './tail.ts';

/** A joined socket with more than this unsent reads too slowly. The bytes are shared by all sockets that wait for them. */
const unsentBytesMax = 4 * 1024 * 1024;
/** With more than this unsent, live frames are left out: they would be old when they arrive. */
const unsentBytesForLiveMax = 64 * 1024;
/** Who says nothing about themselves for this long is sent away. */
const authenticateMsMax = 5000;
const framesPerSecond = 20;
const framesAtOnce = 60;
/** After a close that nobody answers, the socket is destroyed. */
const closeMsMax = 15_000;

/** What a connection needs of the hub. */
export interface ConnectionHost {
  readonly tail: Tail;
  readonly permissionOf: ReadonlyMap<string, string>;
  authenticate(token: string, workspaceId: string | null): Promise<Holder | Refusal>;
  /** Whether the holder may have one socket more. */
  admit(holder: Holder): boolean;
  /** Everything up to the tail's cursor was sent: from now on the connection gets what everybody gets. */
  join(connection: Connection): void;
  leave(connection: Connection): void;
  /** Pages of the log that are no longer in memory. */
  read(workspaceId: string, after: number, limit: number): Promise<LogEntry[]>;
  /** The highest sequence that any process has given. */
  head(): Promise<number>;
  say(holder: Holder, frame: SaidFrame): Promise<void>;
  failed(error: unknown): void;
}

export class Connection {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #host: ConnectionHost;
  readonly #workspaceId: string | null;
  readonly #patience: NodeJS.Timeout;
  #holder: Holder | null = null;
  #work: Promise<void>;
  #isSubscribed = false;
  #isJoined = false;
  #isOver = false;
  /** What was sent, or may not be seen. */
  #cursor = 0;
  #framesLeft = framesAtOnce;
  #framesCountedAt = performance.now();
  #heardAt = performance.now();

  /**
   * @param wire what the socket writes to.
   * @param upgrade who the upgrade request came from.
   */
  constructor(
    socket: WebSocket,
    wire: Duplex,
    host: ConnectionHost,
    workspaceId: string | null,
    upgrade: Promise<Holder | Refusal | null>,
  ) {
    this.#socket = socket;
    this.#wire = wire;
    this.#host = host;
    this.#workspaceId = workspaceId;
    this.#patience = setTimeout(() => {
      if (!this.#holder) this.close(closeCodes.unauthenticated, 'sign in first');
    }, authenticateMsMax);
    this.#patience.unref();
    this.#work = upgrade
      .then((found) => {
        if (found) this.#enter(found);
      })
      .catch((error) => this.#fail(error));
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => {
      this.#heardAt = performance.now();
    });
    socket.on('close', () => this.#end());
  }

  get holder(): Holder | null {
    return this.#holder;
  }

  /** Sends a page of the log that everybody with the same rights gets. */
  deliver(data: Buffer, through: number): void {
    if (this.#socket.bufferedAmount > unsentBytesMax) {
      this.close(closeCodes.overrun, 'it reads too slowly');
      return;
    }
    this.#cursor = through;
    this.#send(data);
  }

  deliverLive(data: Buffer): void {
    if (this.#socket.bufferedAmount <= unsentBytesForLiveMax) this.#send(data);
  }

  /** What the holder may do from now on; ends the connection where it is nothing. */
  judge(permissions: ReadonlySet<string> | Refusal): void {
    if (!this.#holder || this.#refuse(permissions) || typeof permissions === 'string') return;
    const { principal, credential } = this.#holder;
    const wasJoined = this.#isJoined;
    if (wasJoined) this.#host.leave(this);
    this.#holder = { credential, principal: { ...principal, actor: { ...principal.actor, permissions } } };
    if (wasJoined) this.#host.join(this);
  }

  /** Called every few seconds: asks who was silent for a heartbeat, and ends what was silent for two. */
  beat(now: number): void {
    const silentMs = now - this.#heardAt;
    if (silentMs > 2 * heartbeatMs) this.#socket.terminate();
    else if (silentMs > heartbeatMs && this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  /** Says that this process stops. */
  dismiss(spreadMs: number): void {
    this.#send(frameOf({ type: 'leaving', spreadMs }));
    this.close(1001, 'this process stops');
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#end();
    this.#socket.close(code, reason);
    const impatience = setTimeout(() => this.#socket.terminate(), closeMsMax);
    impatience.unref();
    this.#socket.once('close', () => clearTimeout(impatience));
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #send(data: Buffer, sent?: (error?: Error | null) => void): void {
    // After its close frame a socket says nothing more.
    if (this.#socket.readyState === this.#socket.OPEN) this.#wire.write(data, sent);
    else sent?.();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isJoined = false;
    clearTimeout(this.#patience);
    this.#host.leave(this);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#host.failed(error);
    // "Internal error": the client comes back.
    this.close(1011, 'something failed');
  }

  #enter(found: Holder | Refusal): void {
    if (this.#isOver) return;
    if (this.#refuse(typeof found === 'string' ? found : found.principal.actor.permissions)) return;
    if (typeof found === 'string' || !this.#host.admit(found)) {
      this.close(closeCodes.excess, 'too many sockets');
      return;
    }
    clearTimeout(this.#patience);
    this.#holder = found;
  }

  /** Closes where the holder may not read the log, and says whether it did. */
  #refuse(permissions: ReadonlySet<string> | Refusal): boolean {
    if (permissions === 'unauthenticated') this.close(closeCodes.unauthenticated, 'sign in again');
    else if (permissions === 'forbidden' || !permissions.has('events:read'))
      this.close(closeCodes.forbidden, 'this workspace is not open to you');
    return this.#isOver;
  }

  #hear(data: unknown, isBinary: boolean): void {
    this.#heardAt = performance.now();
    if (this.#isOver) return;
    const frame = isBinary ? null : parse(String(data));
    if (!this.#mayHear()) this.close(closeCodes.excess, 'too many frames');
    else if (!frame) this.close(closeCodes.malformed, 'a frame could not be read');
    else if (frame.type === 'ping') this.#answerPing();
    // One after the other: what a frame asks for may need what the one before it brings.
    else this.#work = this.#work.then(() => this.#obey(frame)).catch((error) => this.#fail(error));
  }

  #mayHear(): boolean {
    const now = performance.now();
    const earned = ((now - this.#framesCountedAt) / 1000) * framesPerSecond;
    this.#framesLeft = Math.min(framesAtOnce, this.#framesLeft + earned) - 1;
    this.#framesCountedAt = now;
    return this.#framesLeft >= 0;
  }

  #answerPing(): void {
    // A workspace in which nothing happens would fall behind the log of all of them.
    const { cursor } = this.#host.tail;
    if (this.#isJoined && this.#cursor < cursor) this.deliver(eventsFrame([], cursor), cursor);
    this.#send(frameOf({ type: 'pong' }));
  }

  async #obey(frame: Exclude<ClientFrame, { type: 'ping' }>): Promise<void> {
    if (this.#isOver) return;
    if (frame.type === 'authenticate') {
      if (this.#holder) this.close(closeCodes.malformed, 'who you are is known');
      else this.#enter(await this.#host.authenticate(frame.token, this.#workspaceId));
    } else if (!this.#holder) this.close(closeCodes.unauthenticated, 'sign in first');
    else if (frame.type === 'subscribe') await this.#subscribe(this.#holder, frame.after);
    else await this.#host.say(this.#holder, frame);
  }

  async #subscribe({ principal: { workspaceId } }: Holder, asked: number | null): Promise<void> {
    if (this.#isSubscribed) {
      this.close(closeCodes.malformed, 'there is a subscription');
      return;
    }
    this.#isSubscribed = true;
    const { tail } = this.#host;
    await tail.begin();
    const head = asked !== null && asked > tail.cursor ? await this.#host.head() : tail.cursor;
    this.#cursor = Math.min(asked ?? tail.cursor, head);
    this.#send(
      frameOf({ type: 'ready', workspaceId, after: this.#cursor, head: Math.max(head, this.#cursor) }),
    );
    // Not awaited: who is behind may say something all the same.
    void this.#catchUp(workspaceId).catch((error) => this.#fail(error));
  }

  async #catchUp(workspaceId: string): Promise<void> {
    const { tail } = this.#host;
    while (!this.#isOver) {
      if (this.#cursor > tail.cursor) {
        // Another process told it more than this one has read.
        await tail.nextPage();
        continue;
      }
      if (this.#cursor < tail.start) {
        const known = tail.cursor;
        const entries = await this.#host.read(workspaceId, this.#cursor, pageLengthMax);
        const last = entries.at(-1)?.sequence ?? this.#cursor;
        // Less than asked for: that is all there was when it was read, and `known` had been committed before.
        await this.#hand(entries, entries.length < pageLengthMax ? Math.max(last, known) : last);
        continue;
      }
      const { entries, through, isAll } = tail.after(workspaceId, this.#cursor, pageLengthMax);
      const handed = this.#hand(entries, through);
      if (isAll) {
        // In the same turn as the look: no page can come between.
        this.#isJoined = true;
        this.#host.join(this);
        return;
      }
      await handed;
    }
  }

  /** Sends a page of its own, and resolves when it has left. */
  async #hand(entries: readonly LogEntry[], through: number): Promise<void> {
    if (this.#isOver || !this.#holder) return;
    if (entries.length === 0 && through === this.#cursor) return;
    const { permissions } = this.#holder.principal.actor;
    const data = eventsFrame(visibleTo(permissions, this.#host.permissionOf, entries), through);
    this.#cursor = through;
    await new Promise<void>((resolve) => this.#send(data, () => resolve()));
  }
}

function parse(text: string): ClientFrame | null {
  try {
    return clientFrame.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
