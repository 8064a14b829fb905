import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Attempt,
  createOutbox,
  type Outbox,
  type OutboxNews,
  type StoredEntry,
} from './outbox-queue.ts';
import { memoryStore, type OutboxStore } from './outbox-store.ts';

type Weather = 'fine' | 'lost before' | 'lost after' | 'refused' | 'failed' | 'signed out';

/** A browser with tabs, and a server that knows Idempotency-Keys. Time stands still until it is moved. */
function createWorld(store: OutboxStore = memoryStore()) {
  const tabs = new Map<Outbox, (() => void)[]>();
  const locks = new Map<string, Promise<void>>();
  const timers = new Set<{ atMs: number; run: () => void }>();
  const applied: { id: string; conversationId: string | null; body: unknown }[] = [];
  const weather: Weather[] = [];
  let nowMs = 1_000_000;
  let ids = 0;
  let calls = 0;
  const world = {
    isOnline: true,
    store,
    applied,
    weather,
    get calls() {
      return calls;
    },
    openTab: () => {
      const attempt = async (entry: StoredEntry): Promise<Attempt> => {
        calls += 1;
        const now = weather.shift() ?? 'fine';
        await Promise.resolve();
        if (now === 'lost before') return { kind: 'unreachable' };
        if (now === 'signed out') return { kind: 'hold' };
        if (now === 'refused')
          return { kind: 'refused', refusal: { code: 'opted_out', message: 'Said STOP.' } };
        if (now === 'failed')
          return { kind: 'failed', refusal: { code: 'internal_error', message: 'Failed.' } };
        if (!applied.some(({ id }) => id === entry.id))
          applied.push({ id: entry.id, conversationId: entry.conversationId, body: entry.body });
        return now === 'lost after'
          ? { kind: 'unreachable' }
          : { kind: 'sent', answer: { said: entry.body } };
      };
      const outbox: Outbox = createOutbox({
        store,
        attempt,
        exclusively: async (name, work) => {
          const mine = (locks.get(name) ?? Promise.resolve()).then(work);
          locks.set(
            name,
            mine.catch(() => undefined),
          );
          await mine;
        },
        isOnline: () => world.isOnline,
        tell: (news: OutboxNews) => {
          for (const other of tabs.keys()) if (other !== outbox) other.hear(structuredClone(news));
        },
        nowMs: () => nowMs,
        after: (delayMs, run) => {
          const timer = { atMs: nowMs + delayMs, run };
          timers.add(timer);
          return () => timers.delete(timer);
        },
        newId: () => `key-${++ids}`,
      });
      tabs.set(outbox, []);
      return outbox;
    },
    closeTab: (outbox: Outbox) => {
      outbox.close();
      tabs.delete(outbox);
    },
    /** Lets everything run that needs no time to pass. */
    settle: async () => {
      for (let round = 0; round < 200; round += 1) await Promise.resolve();
    },
    pass: async (durationMs: number) => {
      nowMs += durationMs;
      for (const timer of [...timers].filter(({ atMs }) => atMs <= nowMs)) {
        timers.delete(timer);
        timer.run();
      }
      await world.settle();
    },
  };
  return world;
}

const message = (body: string, conversationId = 'one') =>
  ({ kind: 'message', method: 'POST', path: '/api/v1/messages', body, conversationId }) as const;

describe('the outbox', () => {
  test('online, what is written is sent at once and leaves', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    const sent: unknown[] = [];
    outbox.onSent((entry, answer) => sent.push(answer, outbox.entries().length, entry.body));
    await expect(outbox.send(message('hello'))).resolves.toEqual({ kind: 'sent', answer: { said: 'hello' } });
    await world.settle();
    expect(sent).toEqual([{ said: 'hello' }, 1, 'hello']);
    expect(outbox.entries()).toEqual([]);
    expect(await world.store.list()).toEqual([]);
  });

  test('offline it waits, survives a closed tab, and is sent once, in order, when back', async () => {
    const world = createWorld();
    world.isOnline = false;
    const first = world.openTab();
    const outcome = await first.send(message('one'));
    await first.send(message('two'));
    expect(outcome.kind).toBe('waiting');
    expect(first.entries().map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    expect(world.calls).toBe(0);
    world.closeTab(first);

    const second = world.openTab();
    const third = world.openTab();
    await world.settle();
    expect(second.entries()).toHaveLength(2);
    world.isOnline = true;
    second.wake();
    third.wake();
    await world.settle();
    expect(world.applied.map(({ body }) => body)).toEqual(['one', 'two']);
    expect(world.calls).toBe(2);
    expect([second.entries(), third.entries()]).toEqual([[], []]);
  });

  test('a call whose answer is lost is made again under the same key', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('lost after');
    await expect(outbox.send(message('hello'))).resolves.toMatchObject({ kind: 'waiting' });
    await world.pass(60_000);
    expect(world.calls).toBe(2);
    expect(world.applied).toHaveLength(1);
    expect(outbox.entries()).toEqual([]);
  });

  test('what the server may have already is neither changed nor dropped', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('lost after');
    await outbox.send(message('hello'));
    const id = outbox.entries()[0]?.id ?? '';
    expect(await outbox.drop(id)).toBe(false);
    expect(await outbox.change(id, 'other')).toBe(false);
    expect(outbox.entries()).toHaveLength(1);
  });

  test('a refused one stays with its reason, lets the next one pass, and can be changed and sent', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('refused');
    const refused = await outbox.send(message('one'));
    expect(refused).toMatchObject({ kind: 'refused', refusal: { code: 'opted_out' } });
    await outbox.send(message('two'));
    await world.settle();
    expect(outbox.entries()).toMatchObject([{ body: 'one', state: 'refused' }]);
    expect(await outbox.change(outbox.entries()[0]?.id ?? '', 'one, mended')).toBe(true);
    await world.settle();
    expect(world.applied.map(({ body }) => body)).toEqual(['two', 'one, mended']);
    expect(outbox.entries()).toEqual([]);
  });

  test('a refused one that is sent again unchanged keeps its key', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('refused');
    await outbox.send(message('one'));
    const id = outbox.entries()[0]?.id ?? '';
    await outbox.change(id);
    await world.settle();
    expect(world.applied).toEqual([{ id, conversationId: 'one', body: 'one' }]);
  });

  test('what waits can be dropped in one tab and is gone in the other', async () => {
    const world = createWorld();
    world.isOnline = false;
    const outbox = world.openTab();
    const other = world.openTab();
    await outbox.send(message('one'));
    await world.settle();
    expect(other.entries()).toHaveLength(1);
    expect(await other.drop(other.entries()[0]?.id ?? '')).toBe(true);
    await world.settle();
    expect([outbox.entries(), other.entries()]).toEqual([[], []]);
  });

  test('what waited too long for the server to know its key is left to a person', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('lost after');
    await outbox.send(message('hello'));
    world.isOnline = false;
    await world.pass(50 * 3600 * 1000);
    world.isOnline = true;
    outbox.wake();
    await world.settle();
    expect(outbox.entries()).toMatchObject([{ state: 'refused', refusal: { code: 'outbox.too_old' } }]);
    expect(world.applied).toHaveLength(1);
  });

  test('a server that fails at one entry for ever does not hold up the conversation', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('failed', 'failed', 'failed', 'failed', 'failed');
    await outbox.send(message('one'));
    await outbox.send(message('two'));
    for (let times = 0; times < 6; times += 1) await world.pass(60_000);
    expect(world.applied.map(({ body }) => body)).toEqual(['two']);
    expect(outbox.entries()).toMatchObject([{ body: 'one', state: 'refused' }]);
  });

  test('signed out, it waits for whoever wrote it and can still be dropped', async () => {
    const world = createWorld();
    const outbox = world.openTab();
    world.weather.push('signed out');
    await expect(outbox.send(message('hello'))).resolves.toMatchObject({ kind: 'waiting' });
    expect(await outbox.drop(outbox.entries()[0]?.id ?? '')).toBe(true);
    expect(world.applied).toEqual([]);
  });

  test('a device that keeps nothing still sends, and says so when it could not', async () => {
    const full = {
      ...memoryStore(),
      put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    };
    const world = createWorld(full);
    const outbox = world.openTab();
    await expect(outbox.send(message('one'))).resolves.toMatchObject({ kind: 'sent' });
    world.weather.push('lost before');
    await expect(outbox.send(message('two'))).resolves.toMatchObject({
      kind: 'refused',
      refusal: { code: 'outbox.not_kept' },
    });
    expect(outbox.entries()).toMatchObject([{ body: 'two', state: 'refused' }]);
  });

  test('on a device that is full by now, what is kept waits for room, says so, and then goes out once', async () => {
    const memory = memoryStore();
    let isFull = true;
    const world = createWorld({
      ...memory,
      put: (entry) =>
        isFull && entry.firstAttemptAtMs !== null
          ? Promise.reject(new DOMException('full', 'QuotaExceededError'))
          : memory.put(entry),
    });
    const outbox = world.openTab();
    await expect(outbox.send(message('hello'))).resolves.toMatchObject({ kind: 'waiting' });
    expect(outbox.entries()).toMatchObject([{ body: 'hello', state: 'waiting' }]);
    expect(world.calls).toBe(0);
    isFull = false;
    await world.pass(2000);
    expect(world.applied).toMatchObject([{ body: 'hello' }]);
    expect(outbox.entries()).toEqual([]);
  });

  test('whatever the network, the tabs and the order of things, all is sent once and in order', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write'), tab: fc.nat(2), conversation: fc.constantFrom('a', 'b') }),
      fc.record({ kind: fc.constant('reopen'), tab: fc.nat(2) }),
      fc.record({ kind: fc.constant('network'), isOnline: fc.boolean() }),
      fc.record({ kind: fc.constant('pass'), durationMs: fc.integer({ min: 1, max: 40_000 }) }),
      fc.record({
        kind: fc.constant('weather'),
        next: fc.array(fc.constantFrom<Weather>('fine', 'lost before', 'lost after', 'signed out'), {
          maxLength: 4,
        }),
      }),
      fc.record({ kind: fc.constant('settle') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const world = createWorld();
        const tabs = [world.openTab(), world.openTab(), world.openTab()];
        const written: { conversationId: string; body: string }[] = [];
        for (const each of steps) {
          if ('conversation' in each) {
            const body = `text ${written.length}`;
            written.push({ conversationId: each.conversation, body });
            void tabs[each.tab]?.send(message(body, each.conversation));
            await world.pass(1);
          } else if ('tab' in each) {
            const tab = tabs[each.tab];
            if (tab) world.closeTab(tab);
            tabs[each.tab] = world.openTab();
          } else if ('isOnline' in each) {
            world.isOnline = each.isOnline;
            if (each.isOnline) for (const tab of tabs) tab.wake();
          } else if ('durationMs' in each) await world.pass(each.durationMs);
          else if ('next' in each) world.weather.push(...each.next);
          else await world.settle();
        }
        world.weather.length = 0;
        world.isOnline = true;
        await world.pass(60_000);
        for (const tab of tabs) tab.wake();
        await world.pass(60_000);
        for (const conversationId of ['a', 'b']) {
          const bodies = (list: { conversationId: string | null; body: unknown }[]) =>
            list.filter((each) => each.conversationId === conversationId).map(({ body }) => body);
          expect(bodies(world.applied)).toEqual(bodies(written));
        }
        for (const tab of tabs) expect(tab.entries()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
