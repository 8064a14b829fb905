// All sockets of this process: what is read from the log once goes to all who may see it, in frames that are made once for
// all with the same rights; who they are is asked again every few seconds.
import type { Duplex } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import type { LiveFrame } from '@parley/contract/realtime';
import type { Counter, Gauge } from 'prom-client';
import { newId } from '../identifiers.ts';
import type { Kernel } from '../kernel.ts';
import { NaturalBatch } from '../natural-batch.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import {
  type Credential,
  credentialsChanged,
  eventPermissions,
  type Holder,
  type Refusal,
  type SocketCredentials,
  saidFrames,
  socketCredentials,
} from './credentials.ts';
import { eventsFrame, frameOf, visibleTo } from './frames.ts';
import { livePort } from './live.ts';
import { type LogEntry, Tail, toEntry } from './tail.ts';

/** So soon a revoked session or key, and a changed role, is noticed, besides what the query takes. */
const judgeMs = 3000;
const beatMs = 5000;
/** Of one user in one workspace, or of one API key, in one process. */
const socketsPerHolderMax = 30;
/** Readers of pages that are no longer in memory: requests need connections to the database, too. */
const readersMax = 2;
/** After telling all sockets that it stops, a process waits no longer than this for them. */
const drainMsMax = 2000;
const spreadMsMax = 5000;

/** Connections with the same rights in one workspace. */
interface Group {
  readonly permissions: ReadonlySet<string>;
  readonly connections: Set<Connection>;
}

export class Hub {
  readonly #kernel: Kernel;
  readonly #credentials: SocketCredentials;
  readonly #permissionOf: ReadonlyMap<string, string>;
  readonly #tail: Tail;
  readonly #connections = new Set<Connection>();
  readonly #rooms = new Map<string, Map<string, Group>>();
  readonly #groupOf = new Map<Connection, Group>();
  readonly #rights = new WeakMap<ReadonlySet<string>, string>();
  readonly #holders = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[];
  readonly #host: ConnectionHost;
  readonly #sockets: Gauge;
  readonly #frames: Counter;
  readonly #unlisten: () => void;
  readonly #unlistenEnded: () => void;
  #isJudging = false;
  /** Something ended while the others were asked. */
  #judgesAgain = false;
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#credentials = kernel.use(socketCredentials);
    this.#permissionOf = kernel.use(eventPermissions);
    this.#tail = new Tail(kernel.events, kernel.log, (page) => this.#fanOut(page));
    this.#sockets = kernel.metrics.gauge('parley_realtime_sockets', 'Realtime sockets that are open.');
    this.#frames = kernel.metrics.counter('parley_realtime_frames_total', 'Frames sent to joined sockets.');
    this.#unlisten = kernel.use(livePort).listen({
      hear: (workspaceId, frame, permission, userId) =>
        this.#fanOutLive(workspaceId, frame, permission, userId),
      isWanted: (workspaceId) => this.#rooms.has(workspaceId),
    });
    this.#unlistenEnded = kernel.bus.subscribe(credentialsChanged, () => void this.#judgeAll());
    this.#timers = [
      setInterval(() => void this.#judgeAll(), judgeMs).unref(),
      setInterval(() => this.#beat(), beatMs).unref(),
    ];
    this.#host = this.#createHost();
  }

  #createHost(): ConnectionHost {
    const { events, log } = this.#kernel;
    const reading = new Semaphore(readersMax);
    const asking = new NaturalBatch<null, number>(
      async (asked) => {
        const head = await events.head();
        return asked.map(() => head);
      },
      { sizeMax: 10_000 },
    );
    return {
      tail: this.#tail,
      permissionOf: this.#permissionOf,
      authenticate: (token, workspaceId) => this.#credentials.ofToken(token, workspaceId),
      admit: (holder) => {
        const key = holderKey(holder);
        const count = this.#holders.get(key) ?? 0;
        if (count >= socketsPerHolderMax) return false;
        this.#holders.set(key, count + 1);
        return true;
      },
      join: (connection) => this.#join(connection),
      leave: (connection) => this.#leave(connection),
      read: (workspaceId, after, limit) =>
        reading.run(async () => (await events.read(workspaceId, after, limit)).map(toEntry)),
      head: () => asking.add(null),
      say: async ({ principal }, frame) => {
        const { workspaceId, actor } = principal;
        await this.#kernel.use(saidFrames)(
          this.#kernel.context({ workspaceId, actor, requestId: newId() }),
          frame,
        );
      },
      failed: (error) => log.error({ err: error }, 'a realtime socket failed'),
    };
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Takes a socket whose upgrade was accepted. */
  open(
    socket: WebSocket,
    wire: Duplex,
    workspaceId: string | null,
    upgrade: Promise<Holder | Refusal | null>,
  ): void {
    const connection = new Connection(socket, wire, this.#host, workspaceId, upgrade);
    this.#connections.add(connection);
    this.#sockets.set(this.#connections.size);
    socket.once('close', () => {
      this.#connections.delete(connection);
      this.#sockets.set(this.#connections.size);
      if (this.#connections.size === 0) this.#onEmpty?.();
      const { holder } = connection;
      if (!holder) return;
      const key = holderKey(holder);
      const count = (this.#holders.get(key) ?? 1) - 1;
      if (count === 0) this.#holders.delete(key);
      else this.#holders.set(key, count);
    });
    if (this.#isDraining) connection.dismiss(spreadMsMax);
  }

  /** Sends everybody to another process, and resolves when they have gone. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#unlisten();
    this.#unlistenEnded();
    const spreadMs = Math.min(spreadMsMax, this.#connections.size);
    for (const connection of this.#connections) connection.dismiss(spreadMs);
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
        setTimeout(resolve, drainMsMax).unref();
      });
    }
    for (const connection of this.#connections) connection.terminate();
    await this.#tail.stop();
  }

  #join(connection: Connection): void {
    const { holder } = connection;
    if (!holder) return;
    const { workspaceId, actor } = holder.principal;
    const room = this.#rooms.get(workspaceId) ?? new Map<string, Group>();
    this.#rooms.set(workspaceId, room);
    const rights = this.#rightsOf(actor.permissions);
    const group = room.get(rights) ?? { permissions: actor.permissions, connections: new Set<Connection>() };
    room.set(rights, group);
    group.connections.add(connection);
    this.#groupOf.set(connection, group);
  }

  #leave(connection: Connection): void {
    const group = this.#groupOf.get(connection);
    const workspaceId = connection.holder?.principal.workspaceId;
    if (!group || !workspaceId) return;
    this.#groupOf.delete(connection);
    group.connections.delete(connection);
    if (group.connections.size > 0) return;
    const room = this.#rooms.get(workspaceId);
    room?.delete(this.#rightsOf(group.permissions));
    if (room?.size === 0) this.#rooms.delete(workspaceId);
  }

  #rightsOf(permissions: ReadonlySet<string>): string {
    const known = this.#rights.get(permissions) ?? [...permissions].sort().join(' ');
    this.#rights.set(permissions, known);
    return known;
  }

  #fanOut(page: readonly LogEntry[]): void {
    const through = page.at(-1)?.sequence ?? 0;
    for (const [workspaceId, entries] of Map.groupBy(page, (entry) => entry.workspaceId)) {
      for (const group of this.#rooms.get(workspaceId)?.values() ?? []) {
        const data = eventsFrame(visibleTo(group.permissions, this.#permissionOf, entries), through);
        for (const connection of group.connections) connection.deliver(data, through);
        this.#frames.inc(group.connections.size);
      }
    }
  }

  #fanOutLive(workspaceId: string, frame: LiveFrame, permission: string, userId: string | null): void {
    const room = this.#rooms.get(workspaceId);
    if (!room) return;
    const data = frameOf({ type: 'live', frame });
    for (const { permissions, connections } of room.values()) {
      if (!permissions.has(permission)) continue;
      for (const connection of connections) {
        if (userId !== null && !isOf(connection, userId)) continue;
        connection.deliverLive(data);
        this.#frames.inc();
      }
    }
  }

  #beat(): void {
    const now = performance.now();
    for (const connection of this.#connections) connection.beat(now);
  }

  /** Asks once for all sockets. While the database cannot be asked, nothing is told either: nobody is cut for that. */
  async #judgeAll(): Promise<void> {
    this.#judgesAgain = this.#isJudging;
    if (this.#isJudging) return;
    this.#isJudging = true;
    try {
      const held = new Map<string, { credential: Credential; connections: Connection[] }>();
      for (const connection of this.#connections) {
        if (!connection.holder) continue;
        const { credential } = connection.holder;
        const key = `${credential.kind} ${credential.id} ${credential.workspaceId} ${credential.expiresAt ?? ''}`;
        const entry = held.get(key) ?? { credential, connections: [] };
        entry.connections.push(connection);
        held.set(key, entry);
      }
      if (held.size === 0) return;
      const entries = [...held.values()];
      const judgements = await this.#credentials.judge(entries.map(({ credential }) => credential));
      for (const [index, { connections }] of entries.entries()) {
        const judgement = judgements[index] ?? 'unauthenticated';
        for (const connection of connections) {
          if (connection.holder?.principal.actor.permissions !== judgement) connection.judge(judgement);
        }
      }
    } catch (error) {
      this.#kernel.log.warn({ err: error }, 'who holds the realtime sockets could not be asked');
    } finally {
      this.#isJudging = false;
      if (this.#judgesAgain) void this.#judgeAll();
    }
  }
}

/** A key that the member made is a program's, and hears nothing of what is theirs alone. */
function isOf({ holder }: Connection, userId: string): boolean {
  return holder?.principal.actor.kind === 'member' && holder.principal.actor.id === userId;
}

function holderKey({ principal }: Holder): string {
  return `${principal.actor.kind} ${principal.actor.id} ${principal.workspaceId}`;
}

class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
