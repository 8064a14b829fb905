import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyTemplate, type TestDatabase } from '../../test/database.ts';
import { testSigner } from '../../test/signer.ts';
import { type Bus, openBus } from './bus.ts';
import type { Database, Queries } from './database.ts';
import { appendEvents, EventLog, type NewEvent, type StoredEvent, sequenceEvents } from './events.ts';
import { newId } from './identifiers.ts';
import { createLogger } from './log.ts';

const log = createLogger('silent');
let copy: TestDatabase;
let database: Database;
/** Transactions that may be open at the same time: one connection is all that the embedded database has. */
let heldMax: number;
const workspaceId = newId();
const neighbourId = newId();
beforeAll(async () => {
  copy = await copyTemplate(() => undefined);
  database = await copy.open();
  heldMax = database.kind === 'postgres' ? 3 : 0;
  for (const id of [workspaceId, neighbourId]) {
    await database.asSystem((queries) =>
      queries.sql('insert into workspaces (workspace_id, name) values ($1, $2)', [id, 'events']),
    );
  }
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

function newEvent(): NewEvent {
  return {
    id: newId(),
    type: 'test.happened',
    payload: {},
    actor: { kind: 'system', id: null },
    requestId: 'test',
  };
}

const append = (queries: Queries, events: readonly NewEvent[], workspace = workspaceId) =>
  appendEvents(queries, workspace, events, new Date());

/** A transaction that has appended its events and waits for its end. */
class HeldTransaction {
  readonly ids: string[];
  readonly #done: Promise<unknown>;
  #end: (commit: boolean) => void = () => undefined;

  private constructor(events: NewEvent[], appended: () => void) {
    this.ids = events.map((event) => event.id);
    const gate = new Promise<boolean>((resolve) => {
      this.#end = resolve;
    });
    this.#done = database
      .inWorkspace(workspaceId, async (queries) => {
        await append(queries, events);
        appended();
        if (!(await gate)) throw new Error('rolled back');
      })
      .catch(() => undefined);
  }

  static async open(count: number): Promise<HeldTransaction> {
    return new Promise((resolve) => {
      const held: HeldTransaction = new HeldTransaction(Array.from({ length: count }, newEvent), () =>
        resolve(held),
      );
    });
  }

  async end(commit: boolean): Promise<void> {
    this.#end(commit);
    await this.#done;
  }
}

/** Reads the log in steps, and remembers what it saw. */
class Reader {
  readonly seen: StoredEvent[] = [];
  readonly #log: EventLog;
  readonly #from: number;

  constructor(eventLog: EventLog, from: number) {
    this.#log = eventLog;
    this.#from = from;
  }

  async step(limit: number): Promise<void> {
    this.seen.push(...(await this.#log.read(null, this.seen.at(-1)?.sequence ?? this.#from, limit)));
  }
}

const openLog = async (bus: Bus) => new EventLog(database, bus, log);

describe('the event log', () => {
  it('shows every reader every committed event once and in one order, whatever order transactions commit in', async () => {
    const bus = await openBus(database, undefined, log, testSigner);
    const eventLog = await openLog(bus);
    const command = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('open' as const), count: fc.integer({ min: 1, max: 3 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), commit: fc.boolean() }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('number' as const), times: fc.integer({ min: 1, max: 3 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('read' as const),
          reader: fc.nat({ max: 2 }),
          limit: fc.integer({ min: 1, max: 4 }),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        await sequenceEvents(database);
        const from = await eventLog.head();
        const readers = [0, 1, 2].map(() => new Reader(eventLog, from));
        const open: HeldTransaction[] = [];
        const committed: { ids: string[]; openedAt: number; committedAt: number }[] = [];
        const openedAt = new Map<HeldTransaction, number>();
        let now = 0;
        const end = async (held: HeldTransaction, commit: boolean) => {
          open.splice(open.indexOf(held), 1);
          await held.end(commit);
          now += 1;
          if (commit) committed.push({ ids: held.ids, openedAt: openedAt.get(held) ?? 0, committedAt: now });
        };
        for (const step of commands) {
          now += 1;
          if (step.do === 'open' && open.length <= heldMax) {
            const held = await HeldTransaction.open(step.count);
            openedAt.set(held, now);
            open.push(held);
            if (open.length > heldMax) await end(held, step.count !== 3);
          } else if (step.do === 'end') {
            const held = open[step.which % Math.max(1, open.length)];
            if (held) await end(held, step.commit);
          } else if (step.do === 'number') {
            await Promise.all(Array.from({ length: step.times }, () => sequenceEvents(database)));
          } else if (step.do === 'read') {
            await readers[step.reader]?.step(step.limit);
          }
        }
        for (const held of [...open]) await end(held, true);
        await sequenceEvents(database);
        const expected = new Set(committed.flatMap(({ ids }) => ids));
        for (const reader of readers) {
          await reader.step(10_000);
          expect(reader.seen.map((event) => event.sequence)).toEqual(
            reader.seen.map((_, index) => from + 1 + index),
          );
          expect(new Set(reader.seen.map((event) => event.id))).toEqual(expected);
          expect(reader.seen.map((event) => event.id)).toEqual(readers[0]?.seen.map((event) => event.id));
        }
        // Causes come before effects: what was appended after a commit has a higher number than what was committed.
        const sequences = new Map(readers[0]?.seen.map((event) => [event.id, event.sequence]));
        const numbers = committed.map((entry) => ({
          ...entry,
          sequences: entry.ids.map((id) => sequences.get(id) ?? 0),
        }));
        for (const entry of numbers) {
          expect(entry.sequences).toEqual([...entry.sequences].sort((a, b) => a - b));
          for (const later of numbers.filter((other) => other.openedAt > entry.committedAt)) {
            expect(Math.min(...later.sequences)).toBeGreaterThan(Math.max(...entry.sequences));
          }
        }
      }),
      { numRuns: 25 },
    );
    await bus.close();
  });

  it('followed by many while several processes write and number: nobody misses, doubles or reorders an event', async () => {
    const writers = 4;
    const transactions = 20;
    const others = database.kind === 'postgres' ? [await copy.open(), await copy.open()] : [];
    const processes = await Promise.all(
      [database, ...others].map(async (own) => {
        const bus = await openBus(own, undefined, log, testSigner);
        return { own, bus, eventLog: new EventLog(own, bus, log) };
      }),
    );
    await sequenceEvents(database);
    const [first] = processes;
    if (!first) throw new Error('there is a process');
    const from = await first.eventLog.head();
    const total = writers * transactions * 2;
    for (const { eventLog } of processes) eventLog.start();

    const follow = async (eventLog: EventLog, after: number, count: number) => {
      const stop = new AbortController();
      const seen: StoredEvent[] = [];
      for await (const event of eventLog.follow(null, after, stop.signal)) {
        seen.push(event);
        if (seen.length === count) stop.abort();
      }
      return seen;
    };
    const followers = processes.map(({ eventLog }) => follow(eventLog, from, total));
    const resuming = (async () => {
      const head = await follow(first.eventLog, from, 30);
      return [...head, ...(await follow(first.eventLog, head.at(-1)?.sequence ?? 0, total - 30))];
    })();

    const written: string[][] = [];
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const process = processes[writer % processes.length];
        for (let index = 0; index < transactions; index += 1) {
          const events = [newEvent(), newEvent()];
          await process?.own.inWorkspace(writer % 2 ? workspaceId : neighbourId, async (queries) => {
            await append(queries, events, writer % 2 ? workspaceId : neighbourId);
            for (let turn = 0; turn < (writer * 7 + index) % 5; turn += 1) await nextTurn();
          });
          written.push(events.map((event) => event.id));
          process?.eventLog.committed();
        }
      }),
    );
    const results = await Promise.all([...followers, resuming]);
    for (const seen of results) {
      expect(seen.map((event) => event.sequence)).toEqual(seen.map((_, index) => from + 1 + index));
      expect(seen.map((event) => event.id)).toEqual(results[0]?.map((event) => event.id));
      expect(new Set(seen.map((event) => event.id))).toEqual(new Set(written.flat()));
    }
    for (const { eventLog, bus, own } of processes) {
      await eventLog.close();
      await bus.close();
      if (own !== database) await own.close();
    }
  });

  it('shows a workspace its own events and no others', async () => {
    const bus = await openBus(database, undefined, log, testSigner);
    const eventLog = await openLog(bus);
    const [mine, theirs] = [newEvent(), newEvent()];
    await database.inWorkspace(workspaceId, async (queries) => append(queries, [mine]));
    await database.inWorkspace(neighbourId, async (queries) => append(queries, [theirs], neighbourId));
    await sequenceEvents(database);
    const seen = await eventLog.read(workspaceId, 0, 10_000);
    expect(seen.map((event) => event.id)).toContain(mine.id);
    expect(new Set(seen.map((event) => event.workspaceId))).toEqual(new Set([workspaceId]));
    await bus.close();
  });

  it('numbers a backlog of any length without a gap', async () => {
    await sequenceEvents(database);
    const bus = await openBus(database, undefined, log, testSigner);
    const eventLog = await openLog(bus);
    const from = await eventLog.head();
    await database.inWorkspace(workspaceId, async (queries) =>
      append(queries, Array.from({ length: 5500 }, newEvent)),
    );
    expect(await sequenceEvents(database)).toBe(5000);
    expect(await sequenceEvents(database)).toBe(500);
    expect(await sequenceEvents(database)).toBe(0);
    expect(await eventLog.head()).toBe(from + 5500);
    await bus.close();
  });

  it('numbers what was committed although its wake-up was lost', async () => {
    const bus = await openBus(database, undefined, log, testSigner);
    const eventLog = await openLog(bus);
    const event = newEvent();
    eventLog.start();
    await database.inWorkspace(workspaceId, async (queries) => append(queries, [event]));
    const stop = AbortSignal.timeout(10_000);
    for await (const seen of eventLog.follow(workspaceId, 0, stop)) {
      if (seen.id === event.id) break;
    }
    expect(stop.aborted).toBe(false);
    await eventLog.close();
    await bus.close();
  });
});
