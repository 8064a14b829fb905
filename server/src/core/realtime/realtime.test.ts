import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Event } from '@parley/contract/events';
import { type LiveFrame, type ServerFrame, serverFrame } from '@parley/contract/realtime';
import { closeCodes } from '@parley/contract/realtime-limits';
import type { Role } from '@parley/contract/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRealtime, type Realtime } from '../../../../web/src/lib/realtime.ts';
import { testDatabaseUrl } from '../../../test/database.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { Planter } from '../../../test/plant.ts';
import { modules } from '../../app.ts';
import { permissions } from '../../modules/tenancy/permissions.ts';
import { signInPort } from '../../modules/tenancy/sign-in-port.ts';
import { createWorkspace } from '../../modules/tenancy/tenancy.ts';
import { defineEvent } from '../events.ts';
import { newId } from '../identifiers.ts';
import { livePort } from './live.ts';

const counted = defineEvent({
  type: 'test.counted',
  doc: 'The test counted.',
  permission: 'events:read',
  payload: z.object({ number: z.number(), padding: z.string().optional() }),
});
const whispered = defineEvent({
  type: 'test.whispered',
  doc: 'The test said something for few.',
  permission: 'keys:manage',
  payload: z.object({ number: z.number() }),
});
const testModule = { name: 'test', events: [counted, whispered] };

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ modules: [testModule] });
});
afterAll(() => test.close());

const count = (workspace: TestWorkspace, ...numbers: number[]) =>
  workspace.ctx.transaction(async (tx) => {
    for (const number of numbers) tx.append(counted, { number });
  });
const numbersOf = (events: readonly Event[]) => events.map(({ payload }) => payload.number);

interface Peer {
  readonly frames: ServerFrame[];
  readonly events: Event[];
  readonly live: LiveFrame[];
  send(frame: unknown): void;
  /** Resolves when that holds. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** The close code. */
  closed(): Promise<number>;
  close(): void;
}

/** A socket as any program would open it. */
function open(app: TestApp, headers: Record<string, string> = {}, query = ''): Peer {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/v1/realtime${query}`, { headers });
  const frames: ServerFrame[] = [];
  const watchers = new Set<() => void>();
  const waiting: string[] = [];
  let code: number | undefined;
  const changed = () => {
    for (const watch of [...watchers]) watch();
  };
  socket.onopen = () => {
    for (const text of waiting.splice(0)) socket.send(text);
  };
  socket.onmessage = ({ data }) => {
    frames.push(serverFrame.parse(JSON.parse(String(data))));
    changed();
  };
  socket.onerror = () => undefined;
  socket.onclose = (event) => {
    code = event.code;
    changed();
  };
  const until = (what: string, holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const watch = () => {
        if (!holds()) return;
        clearTimeout(timer);
        watchers.delete(watch);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), 15_000);
      watchers.add(watch);
      watch();
    });
  return {
    frames,
    get events() {
      return frames.flatMap((frame) => (frame.type === 'events' ? frame.items : []));
    },
    get live() {
      return frames.flatMap((frame) => (frame.type === 'live' ? [frame.frame] : []));
    },
    send: (frame) => {
      const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
      else waiting.push(text);
    },
    until,
    closed: async () => {
      await until('the socket to be closed', () => code !== undefined);
      return code ?? 0;
    },
    close: () => socket.close(),
  };
}

async function subscribe(peer: Peer, after: number | null): Promise<Peer> {
  peer.send({ type: 'subscribe', after });
  await peer.until('the subscription', () => peer.frames.some(({ type }) => type === 'ready'));
  return peer;
}

const through = (peer: Peer) =>
  Math.max(0, ...peer.frames.flatMap((frame) => (frame.type === 'events' ? [frame.through] : [])));

async function openAs(workspace: TestWorkspace, role: Role, after: number | null = null): Promise<Peer> {
  return subscribe(open(test, await workspace.as(role).authorization()), after);
}

interface Member {
  readonly userId: string;
  readonly workspace: TestWorkspace;
  readonly headers: Record<string, string>;
}

/** Somebody who signed in, as the owner of a workspace. */
async function signIn(name: string): Promise<Member> {
  const email = `${name}@example.com`;
  const password = 'a long password';
  const { id: userId } = await test.kernel.use(signInPort).createUser({ email, password, name });
  const workspaceId = await createWorkspace(test.kernel, {
    name,
    defaultCountry: 'US',
    ownerId: userId,
  });
  const answer = await test.anonymous.post(
    '/api/auth/sign-in/email',
    { email, password },
    { origin: test.url },
  );
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const ctx = test.kernel.context({
    workspaceId,
    actor: { kind: 'system', id: null },
    requestId: 'test',
  });
  const workspace: TestWorkspace = { id: workspaceId, ctx, as: () => test.anonymous };
  return { userId, workspace, headers: { cookie, origin: test.url } };
}

/** A plain request for an upgrade. */
function upgrade(
  headers: Record<string, string>,
  path = '/api/v1/realtime',
): Promise<{ status: number; socket: Socket | null }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${test.url}${path}`, {
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('sixteen bytes !!').toString('base64'),
        ...headers,
      },
    });
    asked.on('upgrade', (_answer, socket) => resolve({ status: 101, socket: socket as Socket }));
    asked.on('response', (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, socket: null });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** RFC 6455, section 5.2: a text frame of a client, masked with zeros. */
function maskedFrame(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
}

describe('a subscription', () => {
  it('brings what came before it and what comes after it, once and in order, and nothing of another workspace', async () => {
    const workspace = await test.workspace();
    const other = await test.workspace();
    await count(workspace, 1, 2, 3);
    await test.settled();
    const peer = await openAs(workspace, 'viewer', 0);
    await count(other, 1000);
    await count(workspace, 4);
    await count(workspace, 5, 6);
    await peer.until('all', () => numbersOf(peer.events).includes(6));
    expect(numbersOf(peer.events)).toEqual([1, 2, 3, 4, 5, 6]);
    const sequences = peer.events.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    peer.close();
  });

  it('from now on brings only what comes', async () => {
    const workspace = await test.workspace();
    await count(workspace, 1, 2);
    await test.event(
      'test.counted',
      ({ workspaceId, payload }) => workspaceId === workspace.id && payload.number === 2,
    );
    const viewer = await workspace.as('viewer').authorization();
    await test.settled();
    const peer = await subscribe(open(test, viewer), null);
    await count(workspace, 3);
    await peer.until('the event', () => peer.events.length > 0);
    expect(numbersOf(peer.events)).toEqual([3]);
    expect(peer.frames[0]).toMatchObject({ type: 'ready', workspaceId: workspace.id });
    peer.close();
  });

  it('brings nothing that the reader may not see, and counts it as read all the same', async () => {
    const workspace = await test.workspace();
    const [viewer, admin] = [await openAs(workspace, 'viewer'), await openAs(workspace, 'admin')];
    await workspace.ctx.transaction(async (tx) => {
      tx.append(counted, { number: 1 });
      tx.append(whispered, { number: 2 });
    });
    await workspace.ctx.transaction(async (tx) => tx.append(whispered, { number: 3 }));
    await admin.until('both', () => numbersOf(admin.events).includes(3));
    const last = admin.events.at(-1)?.sequence ?? 0;
    await viewer.until('its place', () => through(viewer) >= last);
    expect(viewer.events.map(({ type }) => type)).not.toContain('test.whispered');
    expect(numbersOf(viewer.events.filter(({ type }) => type === 'test.counted'))).toEqual([1]);
    const late = await openAs(workspace, 'viewer', 0);
    await late.until('its place', () => through(late) >= last);
    expect(late.events.map(({ type }) => type)).not.toContain('test.whispered');
    for (const [role, sees] of [
      ['viewer', false],
      ['admin', true],
    ] as const) {
      const page = await workspace.as(role).get<{ items: Event[]; nextAfter: number }>('/api/v1/events');
      expect(page.body.items.some(({ type }) => type === 'test.whispered')).toBe(sees);
      expect(page.body.nextAfter).toBeGreaterThanOrEqual(last);
    }
    for (const peer of [viewer, admin, late]) peer.close();
  });

  it('while many write at the same time and commit in another order misses nothing and repeats nothing', async () => {
    const workspace = await test.workspace();
    const peer = await openAs(workspace, 'viewer');
    const start = await test.kernel.events.head();
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const isEmbedded = test.databaseUrl === undefined;
    const writers = gates.map(async ({ promise }, index) => {
      // The embedded database runs one transaction at a time: there, the order is the one of their beginning.
      if (isEmbedded) await promise;
      await workspace.ctx.transaction(async (tx) => {
        tx.append(counted, { number: index });
        if (!isEmbedded) await promise;
      });
    });
    const late = await openAs(workspace, 'viewer', start);
    for (const { resolve } of gates.toReversed()) resolve();
    await Promise.all([
      ...writers,
      ...Array.from({ length: 40 }, (_, index) => count(workspace, 100 + index)),
    ]);
    for (const each of [peer, late]) {
      const mine = () => each.events.filter(({ type }) => type === 'test.counted');
      await each.until('all', () => mine().length >= 44);
      expect(numbersOf(mine()).toSorted((a, b) => Number(a) - Number(b))).toEqual([
        0,
        1,
        2,
        3,
        ...Array.from({ length: 40 }, (_, index) => 100 + index),
      ]);
      const log = await test.kernel.events.read(workspace.id, start, 500);
      expect(mine().map(({ id }) => id)).toEqual(
        log.filter(({ type }) => type === 'test.counted').map(({ id }) => id),
      );
      each.close();
    }
  });

  it('that is further behind than what is kept in memory is served from the log', async () => {
    const workspace = await test.workspace();
    for (let batch = 0; batch < 11; batch += 1) {
      await count(workspace, ...Array.from({ length: 1000 }, (_, index) => batch * 1000 + index));
    }
    await test.settled();
    const peer = await openAs(workspace, 'viewer', 0);
    await peer.until('all', () => through(peer) > 0 && numbersOf(peer.events).includes(10_999));
    const numbers = numbersOf(peer.events.filter(({ type }) => type === 'test.counted'));
    expect(numbers).toEqual(Array.from({ length: 11_000 }, (_, index) => index));
    peer.close();
  });

  it('after a sequence that the log has never had starts at its end, and says so', async () => {
    const workspace = await test.workspace();
    await test.settled();
    const peer = await openAs(workspace, 'viewer', 9_000_000_000);
    const head = await test.kernel.events.head();
    expect(peer.frames[0]).toMatchObject({ type: 'ready', after: head });
    peer.close();
  });
});

describe('a socket', () => {
  it('is opened with a key in the header, a key in the first frame, or the session of a page of ours', async () => {
    const { workspace, headers } = await signIn('ada');
    const byCookie = await subscribe(open(test, headers), null);
    expect(byCookie.frames[0]).toMatchObject({ type: 'ready', workspaceId: workspace.id });
    const keyed = await test.workspace();
    const { authorization = '' } = await keyed.as('viewer').authorization();
    const byFrame = open(test);
    byFrame.send({ type: 'authenticate', token: authorization.slice('Bearer '.length) });
    await subscribe(byFrame, null);
    expect(byFrame.frames[0]).toMatchObject({ type: 'ready', workspaceId: keyed.id });
    const chosen = await subscribe(open(test, headers, `?workspace=${workspace.id}`), null);
    for (const peer of [byCookie, byFrame, chosen]) peer.close();
  });

  it('of nobody, of a made-up key, and in a workspace of somebody else is closed, and told nothing', async () => {
    const { headers } = await signIn('bob');
    const theirs = await test.workspace();
    const mine = await test.workspace();
    const key = await mine.as('owner').authorization();
    const cases: [Record<string, string>, string, number][] = [
      [{}, '', closeCodes.unauthenticated],
      [{ authorization: 'Bearer pk_made-up' }, '', closeCodes.unauthenticated],
      [{ authorization: 'Basic b3duZXI6b3duZXI=' }, '', closeCodes.unauthenticated],
      [{ cookie: 'parley.session_token=made-up.made-up', origin: test.url }, '', closeCodes.unauthenticated],
      [headers, `?workspace=${theirs.id}`, closeCodes.forbidden],
      [headers, `?workspace=${newId()}`, closeCodes.forbidden],
      [headers, '?workspace=none', closeCodes.forbidden],
      [key, `?workspace=${theirs.id}`, closeCodes.forbidden],
    ];
    for (const [own, query, code] of cases) {
      const peer = open(test, own, query);
      peer.send({ type: 'subscribe', after: 0 });
      expect([own, query, await peer.closed()]).toEqual([own, query, code]);
      expect(peer.frames).toEqual([]);
    }
    const wrong = open(test);
    wrong.send({ type: 'authenticate', token: 'pk_made-up' });
    expect(await wrong.closed()).toBe(closeCodes.unauthenticated);
  });

  it('that a foreign page asks for is not opened, whatever the cookie', async () => {
    const { headers } = await signIn('carol');
    for (const origin of ['https://evil.example', 'null', `${test.url}.evil.example`]) {
      expect((await upgrade({ ...headers, origin })).status).toBe(403);
    }
    const { status, socket } = await upgrade(headers);
    expect(status).toBe(101);
    socket?.destroy();
  });

  it('is opened nowhere else: an upgrade of another path is answered as if it had not been asked for', async () => {
    expect(await upgrade({}, '/livez')).toMatchObject({ status: 200, socket: null });
  });

  it('that says what cannot be read, too much at once, or too often is closed with the reason', async () => {
    const workspace = await test.workspace();
    const key = await workspace.as('viewer').authorization();
    const cases: [unknown[], number][] = [
      [['{'], closeCodes.malformed],
      [[{ type: 'sing' }], closeCodes.malformed],
      [[{ type: 'subscribe', after: -1 }], closeCodes.malformed],
      [
        [
          { type: 'subscribe', after: 0 },
          { type: 'subscribe', after: 0 },
        ],
        closeCodes.malformed,
      ],
      [['x'.repeat(5000)], 1009],
      [Array.from({ length: 100 }, () => ({ type: 'ping' })), closeCodes.excess],
    ];
    for (const [frames, code] of cases) {
      const peer = open(test, key);
      for (const frame of frames) peer.send(frame);
      expect(await peer.closed()).toBe(code);
    }
  });

  it('is one of thirty at most with one key', async () => {
    const workspace = await test.workspace();
    const peers: Peer[] = [];
    for (let index = 0; index < 30; index += 1) peers.push(await openAs(workspace, 'viewer'));
    const oneMore = open(test, await workspace.as('viewer').authorization());
    expect(await oneMore.closed()).toBe(closeCodes.excess);
    peers[0]?.close();
    await peers[0]?.closed();
    await test.until('its place to be free', async () => {
      const again = open(test, await workspace.as('viewer').authorization());
      again.send({ type: 'subscribe', after: null });
      await again.until('an answer', () => again.frames.length > 0).catch(() => undefined);
      const isIn = again.frames.length > 0;
      again.close();
      return isIn;
    });
    for (const peer of peers) peer.close();
  });

  it('is answered when it asks for a sign of life', async () => {
    const workspace = await test.workspace();
    const peer = await openAs(workspace, 'viewer');
    peer.send({ type: 'ping' });
    await peer.until('the answer', () => peer.frames.some(({ type }) => type === 'pong'));
    peer.close();
  });

  it('that reads too slowly is closed, and goes on where it was when it comes back', async () => {
    const workspace = await test.workspace();
    const key = await workspace.as('viewer').authorization();
    await test.settled();
    const start = await test.kernel.events.head();
    const { socket } = await upgrade(key);
    if (!socket) throw new Error('the socket was not opened');
    const ready = Promise.withResolvers<void>();
    socket.once('data', () => ready.resolve());
    socket.write(maskedFrame({ type: 'subscribe', after: start }));
    await ready.promise;
    socket.pause();
    const fast = await openAs(workspace, 'admin', start);
    const padding = 'x'.repeat(100_000);
    for (let number = 0; number < 300; number += 1) {
      await workspace.ctx.transaction(async (tx) => tx.append(counted, { number, padding }));
      await fast.until('the event', () => numbersOf(fast.events).includes(number));
    }
    const bytes: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => bytes.push(chunk));
    const ended = Promise.withResolvers<void>();
    socket.on('close', () => ended.resolve());
    socket.resume();
    await ended.promise;
    const said = Buffer.concat(bytes);
    const code = said.lastIndexOf(Buffer.from([closeCodes.overrun >> 8, closeCodes.overrun & 0xff]));
    expect(code).toBeGreaterThan(said.length - 100);
    const read = Number(/.*"through":(\d+)}/s.exec(said.toString('latin1'))?.[1]);
    expect(read).toBeGreaterThan(start);
    const again = await subscribe(open(test, key), read);
    await again.until('the rest', () => numbersOf(again.events).includes(299));
    const rest = fast.events.filter(({ sequence, type }) => sequence > read && type === 'test.counted');
    expect(numbersOf(again.events.filter(({ type }) => type === 'test.counted'))).toEqual(numbersOf(rest));
    for (const peer of [fast, again]) peer.close();
  });
});

describe('within five seconds', () => {
  const timely = async (started: number, closed: Promise<number>) => {
    const code = await closed;
    expect(performance.now() - started).toBeLessThan(5000);
    return code;
  };

  it('a session that signed out is cut', async () => {
    const { headers } = await signIn('dora');
    const peer = await subscribe(open(test, headers), null);
    const started = performance.now();
    expect((await test.anonymous.post('/api/auth/sign-out', {}, headers)).status).toBe(200);
    expect(await timely(started, peer.closed())).toBe(closeCodes.unauthenticated);
  });

  it('a key that was revoked is cut', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const created = await admin.post<{ id: string; key: string }>('/api/v1/api-keys', {
      name: 'one',
      role: 'viewer',
    });
    const peer = await subscribe(open(test, { authorization: `Bearer ${created.body.key}` }), null);
    const started = performance.now();
    await admin.delete(`/api/v1/api-keys/${created.body.id}`);
    expect(await timely(started, peer.closed())).toBe(closeCodes.unauthenticated);
  });

  it('a member who was removed is cut, and one whose role changed sees what the new one may', async () => {
    const { headers, userId, workspace } = await signIn('erin');
    const peer = await subscribe(open(test, headers), null);
    const change = (sql: string) => workspace.ctx.transaction((tx) => tx.sql(sql, [workspace.id, userId]));
    await change("update members set role = 'viewer' where workspace_id = $1 and user_id = $2");
    const started = performance.now();
    let number = 0;
    await test.until('the new role to hold', async () => {
      number += 1;
      const now = number;
      await workspace.ctx.transaction(async (tx) => {
        tx.append(whispered, { number: now });
        tx.append(counted, { number: now });
      });
      const heard = (type: string) =>
        peer.events.some((event) => event.type === type && event.payload.number === now);
      await peer.until('the event', () => heard('test.counted'));
      return !heard('test.whispered');
    });
    expect(performance.now() - started).toBeLessThan(5000);
    await change('delete from members where workspace_id = $1 and user_id = $2');
    const removed = performance.now();
    expect(await timely(removed, peer.closed())).toBe(closeCodes.forbidden);
  });
});

describe('a live frame', () => {
  const typing = (conversationId: string) => ({
    kind: 'member_typing' as const,
    conversationId,
    userId: 'somebody',
    active: true,
  });

  it('reaches the sockets of its workspace whose holder has the permission, and no log', async () => {
    const workspace = await test.workspace();
    const stranger = await openAs(await test.workspace(), 'owner');
    const [viewer, admin] = [await openAs(workspace, 'viewer'), await openAs(workspace, 'admin')];
    const live = test.kernel.use(livePort);
    const [first, second] = [newId(), newId()];
    live.publish(workspace.id, typing(first), 'keys:manage');
    live.publish(workspace.id, typing(second), 'conversations:read');
    for (const peer of [viewer, admin]) {
      await peer.until('the frame', () =>
        peer.live.some((frame) => 'conversationId' in frame && frame.conversationId === second),
      );
    }
    expect(admin.live).toEqual([typing(first), typing(second)]);
    expect(viewer.live).toEqual([typing(second)]);
    expect(stranger.live).toEqual([]);
    const log = await test.kernel.events.read(workspace.id, 0, 500);
    expect(log.map(({ type }) => type)).not.toContain('member_typing');
    for (const peer of [viewer, admin, stranger]) peer.close();
  });

  it('says that a member types, in a conversation of theirs only', async () => {
    const { headers, userId, workspace } = await signIn('fred');
    const [writer, reader] = [
      await subscribe(open(test, headers), null),
      await subscribe(open(test, headers), null),
    ];
    const conversationId = await plantConversation(workspace.id);
    const elsewhere = await plantConversation((await test.workspace()).id);
    for (const id of [newId(), elsewhere, conversationId]) {
      writer.send({ type: 'typing', conversationId: id, active: true });
    }
    await reader.until('the frame', () => reader.live.length > 0);
    expect(reader.live).toEqual([{ kind: 'member_typing', conversationId, userId, active: true }]);
    for (const peer of [writer, reader]) peer.close();
  });
});

async function plantConversation(workspaceId: string): Promise<string> {
  const planted = await (await Planter.read(test.kernel.database)).plantWorkspace(workspaceId);
  return String(planted.get('conversations')?.id);
}

const follow = async (app: TestApp, workspace: TestWorkspace, after: number | null) => {
  const { authorization = '' } = await workspace.as('admin').authorization();
  const events: Event[] = [];
  const client = createRealtime({
    url: `${app.url.replace('http', 'ws')}/api/v1/realtime`,
    token: authorization.slice('Bearer '.length),
    after,
  });
  client.onEvents((page) => events.push(...page));
  return { client, events };
};
const isLive = (client: Realtime) =>
  test.until('the client to be live', async () => client.state.kind === 'live');

describe('the client', () => {
  it('follows the log over a real socket, and stops', async () => {
    const workspace = await test.workspace();
    await count(workspace, 1, 2);
    const { client, events } = await follow(test, workspace, 0);
    await isLive(client);
    await count(workspace, 3);
    await test.until('the event', async () => numbersOf(events).includes(3));
    expect(numbersOf(events.filter(({ type }) => type === 'test.counted'))).toEqual([1, 2, 3]);
    client.stop();
    expect(client.state).toEqual({ kind: 'stopped' });
  });
});

if (testDatabaseUrl === undefined) {
  it('two processes are tried on PostgreSQL only, because the embedded database serves one', () => {
    expect(testDatabaseUrl).toBeUndefined();
  });
} else {
  describe('two processes on one database', () => {
    it('tell each other every event, once and in order, and what is live', async () => {
      const other = await startTestApp({ modules: [testModule], databaseUrl: test.databaseUrl });
      const workspace = await test.workspace();
      const there = await subscribe(open(other, await workspace.as('admin').authorization()), null);
      const here = await openAs(workspace, 'viewer');
      const elsewhere = other.kernel.context({
        workspaceId: workspace.id,
        actor: { kind: 'system', id: null },
        requestId: 'test',
      });
      await Promise.all(
        Array.from({ length: 50 }, (_, number) =>
          (number % 2 === 0 ? workspace.ctx : elsewhere).transaction(async (tx) =>
            tx.append(counted, { number }),
          ),
        ),
      );
      const mine = (peer: Peer) => peer.events.filter(({ type }) => type === 'test.counted');
      for (const peer of [here, there]) await peer.until('all', () => mine(peer).length >= 50);
      expect(mine(here).map(({ id }) => id)).toEqual(mine(there).map(({ id }) => id));
      expect(new Set(numbersOf(mine(here))).size).toBe(50);
      const conversationId = newId();
      const frame: LiveFrame = {
        kind: 'assistant_writing',
        conversationId,
        runId: newId(),
        text: 'We are open | until 6',
        active: true,
      };
      test.kernel.use(livePort).publish(workspace.id, frame, 'conversations:read');
      for (const peer of [here, there]) await peer.until('the frame', () => peer.live.length > 0);
      expect([here.live, there.live]).toEqual([[frame], [frame]]);
      for (const peer of [here, there]) peer.close();
      await other.close();
    });

    it('are one to a client: it is told when its process stops, comes back to the next, and has missed nothing', async () => {
      const first = await startTestApp({ modules: [testModule], databaseUrl: test.databaseUrl });
      const workspace = await test.workspace();
      const { client, events } = await follow(first, workspace, 0);
      await isLive(client);
      await count(workspace, 1);
      await test.until('the event', async () => numbersOf(events).includes(1));
      const states: string[] = [];
      client.onState(({ kind }) => states.push(kind));
      await first.close();
      await test.until('the client to wait', async () => states[0] === 'waiting');
      await count(workspace, 2, 3);
      const second = await startTestApp({
        modules: [testModule],
        databaseUrl: test.databaseUrl,
        environment: { PORT: new URL(first.url).port, PUBLIC_URL: first.url },
      });
      await test.until('the events', async () => numbersOf(events).includes(3));
      expect(numbersOf(events.filter(({ type }) => type === 'test.counted'))).toEqual([1, 2, 3]);
      client.stop();
      await second.close();
    });
  });
}

it('every event names a permission of the table that reads it', () => {
  const known = new Set(Object.keys(permissions));
  const events = modules.flatMap((module) => module.events ?? []);
  expect(events.length).toBeGreaterThan(15);
  for (const { type, permission } of events) expect([type, known.has(permission)]).toEqual([type, true]);
});
