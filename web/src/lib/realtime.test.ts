import type { Event } from '@parley/contract/events';
import type { LiveFrame, ServerFrame } from '@parley/contract/realtime';
import { closeCodes, heartbeatMs } from '@parley/contract/realtime-limits';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRealtime, type Realtime, type RealtimeOptions, type Socket, type Timers } from './realtime.ts';

const id = '01890000-0000-7000-8000-000000000000';

const eventAt = (sequence: number): Event => ({
  sequence,
  id: `01890000-0000-7000-8000-${String(sequence).padStart(12, '0')}`,
  type: 'message.created',
  payload: { number: sequence },
  actor: { kind: 'contact', id: null },
  requestId: 'a request',
  occurredAt: '2026-01-05T12:00:00.000Z',
});

/** Time that passes when it is told to. */
function fakeTimers() {
  let now = 1_000_000;
  let waiting: { at: number; run: () => void }[] = [];
  const timers: Timers = {
    now: () => now,
    after: (delayMs, run) => {
      const entry = { at: now + delayMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((one) => one !== entry);
      };
    },
  };
  const pass = (milliseconds: number) => {
    const end = now + milliseconds;
    for (;;) {
      const next = waiting.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      waiting = waiting.filter((one) => one !== next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = end;
  };
  return { timers, pass };
}

interface Line extends Socket {
  readonly said: { type: string; after?: number | null; token?: string }[];
  readonly closedWith: (number | undefined)[];
  isOpen: boolean;
}

function newLine(): Line {
  const line: Line = {
    said: [],
    closedWith: [],
    isOpen: false,
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (text) => line.said.push(JSON.parse(text)),
    close: (code) => line.closedWith.push(code),
  };
  return line;
}

const say = (line: Line, frame: ServerFrame | object) => line.onmessage?.({ data: JSON.stringify(frame) });
const ready = (after: number, head: number) => ({ type: 'ready', workspaceId: id, after, head });
const eventsOf = (...sequences: number[]) => ({
  type: 'events',
  items: sequences.map(eventAt),
  through: Math.max(...sequences),
});

function start(options: Partial<RealtimeOptions> = {}) {
  const { timers, pass } = fakeTimers();
  const lines: Line[] = [];
  const client = createRealtime({
    url: 'ws://test/api/v1/realtime',
    timers,
    random: () => 1,
    webSocket: () => {
      const line = newLine();
      lines.push(line);
      return line;
    },
    ...options,
  });
  const states: string[] = [];
  const sequences: number[] = [];
  const throughs: number[] = [];
  client.onState(({ kind }) => states.push(kind));
  client.onEvents((events, through) => {
    sequences.push(...events.map(({ sequence }) => sequence));
    throughs.push(through);
  });
  const line = () => lines.at(-1) as Line;
  return { client, timers, pass, lines, line, states, sequences, throughs };
}

function goLive(test: ReturnType<typeof start>, after = 0): void {
  test.line().onopen?.();
  say(test.line(), ready(after, after));
}

it('it says who it is, asks for what it has not read, and is live once it has read what was there', () => {
  const test = start({ after: 3, token: 'pk_x' });
  expect(test.client.state.kind).toBe('connecting');
  test.line().onopen?.();
  expect(test.line().said).toEqual([
    { type: 'authenticate', token: 'pk_x' },
    { type: 'subscribe', after: 3 },
  ]);
  say(test.line(), ready(3, 5));
  expect(test.client.state.kind).toBe('catching_up');
  say(test.line(), eventsOf(4, 5));
  expect(test.states).toEqual(['catching_up', 'live']);
  expect(test.sequences).toEqual([4, 5]);
  say(test.line(), { type: 'events', items: [], through: 9 });
  expect(test.client.lastSequence).toBe(9);
  expect(test.throughs).toEqual([5, 9]);
});

it('an event that comes again is handed on once', () => {
  const test = start({ after: 0 });
  goLive(test);
  say(test.line(), eventsOf(1, 2));
  say(test.line(), eventsOf(1, 2, 3));
  expect(test.sequences).toEqual([1, 2, 3]);
});

it('after a lost connection it waits longer each time, up to ten seconds, and goes on where it was', () => {
  const test = start({ after: 0 });
  goLive(test);
  say(test.line(), eventsOf(1, 2, 3));
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    test.line().onclose?.({ code: 1006 });
    if (test.client.state.kind !== 'waiting') throw new Error('it does not wait');
    waits.push(test.client.state.retryAtMs - test.timers.now());
    test.pass(waits.at(-1) ?? 0);
    expect(test.client.state.kind).toBe('connecting');
  }
  expect(waits).toEqual([500, 750, 1125, 1688, 2531, 3797, 5695, 8543, 10_000, 10_000]);
  test.line().onopen?.();
  expect(test.line().said).toEqual([{ type: 'subscribe', after: 3 }]);
  say(test.line(), ready(3, 3));
  test.line().onclose?.({ code: 1006 });
  expect(test.client.state).toMatchObject({ retryAtMs: test.timers.now() + 500 });
});

it('waits are spread: every client chooses its own moment', () => {
  const test = start({ random: () => 0.25 });
  test.line().onclose?.({ code: 1006 });
  expect(test.client.state).toEqual({ kind: 'waiting', retryAtMs: test.timers.now() + 125 });
});

it('a server that stops says within which time to come back', () => {
  const test = start({ after: 0, random: () => 0.5 });
  goLive(test);
  say(test.line(), { type: 'leaving', spreadMs: 3000 });
  expect(test.client.state).toEqual({ kind: 'waiting', retryAtMs: test.timers.now() + 1500 });
});

it('it does not ask again by itself where it may not be, and does when it is woken', () => {
  for (const [code, kind] of [
    [closeCodes.unauthenticated, 'signed_out'],
    [closeCodes.forbidden, 'forbidden'],
  ] as const) {
    const test = start({ after: 7 });
    test.line().onclose?.({ code });
    expect(test.client.state).toEqual({ kind });
    test.pass(3_600_000);
    expect(test.lines.length).toBe(1);
    test.client.wake();
    test.line().onopen?.();
    expect(test.line().said).toEqual([{ type: 'subscribe', after: 7 }]);
  }
});

it('who had too many sockets waits as long as it ever waits', () => {
  const test = start();
  test.line().onclose?.({ code: closeCodes.excess });
  expect(test.client.state).toMatchObject({ retryAtMs: test.timers.now() + 10_000 });
});

it('a connection that has gone silent is left for a new one', () => {
  const test = start({ after: 0 });
  goLive(test);
  test.pass(heartbeatMs);
  expect(test.line().said.at(-1)).toEqual({ type: 'ping' });
  say(test.line(), { type: 'pong' });
  test.pass(2 * heartbeatMs - 1);
  expect(test.client.state.kind).toBe('live');
  test.pass(heartbeatMs + 1);
  expect(test.lines[0]?.closedWith).toEqual([1000]);
  expect(test.client.state.kind).not.toBe('live');
});

it('a connection that never comes to its subscription is given up', () => {
  const test = start();
  test.pass(10_000);
  expect(test.client.state.kind).toBe('waiting');
});

it('woken, it comes back at once, or leaves a connection that died while it slept', () => {
  const test = start({ after: 0 });
  test.line().onclose?.({ code: 1006 });
  test.client.wake();
  expect(test.client.state.kind).toBe('connecting');
  goLive(test);
  test.client.wake();
  say(test.line(), { type: 'pong' });
  test.pass(3000);
  expect(test.lines.length).toBe(2);
  test.pass(1);
  test.client.wake();
  test.pass(3000);
  expect(test.lines.length).toBe(3);
});

it('what a connection that was left still says is not heard', () => {
  const test = start({ after: 0 });
  goLive(test);
  const [left] = test.lines;
  const hear = left?.onmessage;
  test.line().onclose?.({ code: 1006 });
  test.pass(500);
  goLive(test);
  expect(left?.onmessage).toBeNull();
  expect(hear).not.toBeNull();
  expect(test.client.state.kind).toBe('live');
});

it('a log that is another one than before is told', () => {
  const test = start({ after: 50 });
  let resets = 0;
  test.client.onReset(() => {
    resets += 1;
  });
  goLive(test, 3);
  say(test.line(), eventsOf(4));
  expect([resets, test.sequences, test.client.lastSequence]).toEqual([1, [4], 4]);
});

it('live frames are handed on, typing is told while it is live, and what is unknown is passed over', () => {
  const test = start({ after: 0 });
  const frames: LiveFrame[] = [];
  test.client.onLive((frame) => frames.push(frame));
  test.client.sendTyping(id, true);
  goLive(test);
  const frame: LiveFrame = { kind: 'member_typing', conversationId: id, userId: 'ada', active: true };
  say(test.line(), { type: 'live', frame });
  say(test.line(), { type: 'live', frame: { kind: 'weather' } });
  say(test.line(), { type: 'news' });
  expect(frames).toEqual([frame]);
  test.client.sendTyping(id, false);
  expect(test.line().said.slice(1)).toEqual([{ type: 'typing', conversationId: id, active: false }]);
  expect(test.client.state.kind).toBe('live');
});

it('events that cannot be read are asked for again, and not passed over', () => {
  for (const data of ['{', JSON.stringify({ type: 'events', items: [{}], through: 2 })]) {
    const test = start({ after: 0 });
    goLive(test);
    test.line().onmessage?.({ data });
    expect(test.client.state.kind).toBe('waiting');
    expect(test.client.lastSequence).toBe(0);
  }
});

it('a listener that fails keeps neither the others nor the next event from being handed on', () => {
  const test = start({ after: 0 });
  const heard: number[] = [];
  test.client.onEvents(() => {
    throw new Error('a listener failed');
  });
  const forget = test.client.onEvents((events) => heard.push(...events.map(({ sequence }) => sequence)));
  goLive(test);
  say(test.line(), eventsOf(1));
  say(test.line(), eventsOf(2));
  forget();
  say(test.line(), eventsOf(3));
  expect(heard).toEqual([1, 2]);
  expect(() => test.pass(0)).toThrow('a listener failed');
});

it('stopped, it stays so', () => {
  const test = start({ after: 0 });
  goLive(test);
  test.client.stop();
  test.client.wake();
  test.pass(60_000);
  expect([test.client.state.kind, test.lines.length]).toEqual(['stopped', 1]);
});

/** A server with a log, of which a reader sees a part, and lines that break. */
class Server {
  readonly visible: number[] = [];
  #head = 0;
  #cursor = 0;
  #line: Line | null = null;
  readonly client: Realtime;
  readonly pass: (milliseconds: number) => void;
  readonly handed: number[] = [];

  constructor(random: () => number) {
    const { timers, pass } = fakeTimers();
    this.pass = pass;
    this.client = createRealtime({
      url: 'ws://test',
      after: 0,
      timers,
      random,
      webSocket: () => {
        this.#line = newLine();
        return this.#line;
      },
    });
    this.client.onEvents((events) => this.handed.push(...events.map(({ sequence }) => sequence)));
  }

  append(isVisible: boolean): void {
    this.#head += 1;
    if (isVisible) this.visible.push(this.#head);
  }

  /** Answers a subscription that was asked for. */
  accept(): void {
    const line = this.#line;
    if (!line || line.isOpen || !line.onopen) return;
    line.isOpen = true;
    line.onopen();
    const asked = line.said.find(({ type }) => type === 'subscribe');
    this.#cursor = asked?.after ?? this.#head;
    say(line, ready(this.#cursor, this.#head));
  }

  /** Sends the next `length` of the log, `again` of them for a second time. */
  deliver(length: number, again: number): void {
    const line = this.#line;
    if (!line?.isOpen) return;
    const from = Math.max(0, this.#cursor - again);
    const through = Math.min(this.#head, this.#cursor + length);
    this.#cursor = through;
    const items = this.visible.filter((sequence) => sequence > from && sequence <= through).map(eventAt);
    say(line, { type: 'events', items, through });
  }

  breakLine(code: number): void {
    const line = this.#line;
    this.#line = null;
    line?.onclose?.({ code });
  }

  leave(): void {
    if (this.#line?.isOpen) say(this.#line, { type: 'leaving', spreadMs: 1000 });
  }
}

it('whatever breaks, and whenever, every event that may be seen is handed on once and in order', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), isVisible: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('deliver' as const), length: fc.nat(4), again: fc.nat(3) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('accept' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('break' as const),
        code: fc.constantFrom(1001, 1006, 4408, 4429),
      }),
    },
    { arbitrary: fc.record({ kind: fc.constant('leave' as const) }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant('wake' as const) }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.nat(40_000) }), weight: 3 },
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (steps, chance) => {
        const server = new Server(() => chance);
        const isInOrder = () => expect(server.handed).toEqual(server.visible.slice(0, server.handed.length));
        for (const each of steps) {
          if (each.kind === 'append') server.append(each.isVisible);
          else if (each.kind === 'deliver') server.deliver(each.length, each.again);
          else if (each.kind === 'accept') server.accept();
          else if (each.kind === 'break') server.breakLine(each.code);
          else if (each.kind === 'leave') server.leave();
          else if (each.kind === 'wake') server.client.wake();
          else server.pass(each.milliseconds);
          isInOrder();
        }
        server.breakLine(1006);
        server.pass(10_000);
        server.accept();
        server.deliver(1000, 0);
        expect(server.handed).toEqual(server.visible);
        expect(server.client.state.kind).toBe('live');
        server.client.stop();
      },
    ),
    { numRuns: 300 },
  );
});
