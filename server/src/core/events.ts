// The event log: the one record of what was committed, appended in the transaction that did it and read by sequence.
//
// Ids are taken before a commit, so they do not tell the order of commits. An event is therefore appended without a
// sequence; the sequencer, one at a time by a row lock, numbers what it can see committed. What it numbers was
// committed before it looked, what it cannot see gets a higher number, so a reader that has read up to N has read
// every event up to N for ever. Causes come before effects, because positions within one look are in append order.
import type { z } from 'zod';
import type { Bus } from './bus.ts';
import type { Database, Queries } from './database.ts';
import type { Logger } from './log.ts';

/** What the workspace's audit keeps of an event: its type as the action, its payload as the details. */
export interface AuditRule<Payload = unknown> {
  /** What it was done to: `member`, `channel`. */
  readonly target: string;
  /** The field of the payload that has the target's id; null where the workspace has only one of that kind. */
  readonly id: string | null;
  /** `done` when absent. */
  readonly result?: 'done' | 'refused' | 'failed';
  /** Which of the events have an entry; all when absent. */
  when?(payload: Payload): boolean;
  /** Which of the entries owners and admins are alerted to; none when absent. */
  alerts?(payload: Payload): boolean;
}

export interface EventDefinition<Payload = unknown> {
  /** `noun.past_participle` */
  readonly type: string;
  readonly doc: string;
  /** Who may read it: a permission of the table. */
  readonly permission: string;
  /** Ids, states and figures; never content. */
  readonly payload: z.ZodType<Payload>;
  /** Without it, the audit has no entry of it: what is done many times a minute, and news of work that goes on. */
  readonly audit?: AuditRule<Payload>;
}

export function defineEvent<Payload>(definition: EventDefinition<Payload>): EventDefinition<Payload> {
  return definition;
}

export interface ActorReference {
  readonly kind: 'member' | 'api_key' | 'assistant' | 'contact' | 'system';
  readonly id: string | null;
}

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
  readonly actor: ActorReference;
  readonly requestId: string;
}

export interface StoredEvent {
  readonly sequence: number;
  readonly id: string;
  readonly workspaceId: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
  readonly actor: ActorReference;
  readonly requestId: string;
  readonly occurredAt: Date;
}

const insertEvents = {
  name: 'events_insert',
  text: `insert into events (id, workspace_id, type, payload, actor_kind, actor_id, request_id, occurred_at)
    select e.id, $2, e.type, e.payload, e.actor_kind, e.actor_id, e.request_id, $3
    from jsonb_to_recordset($1::jsonb)
      as e(id uuid, type text, payload jsonb, actor_kind text, actor_id text, request_id text)`,
};

/** Appends at the end of a workspace's open transaction, in the order given. */
export function appendEvents(
  queries: Queries,
  workspaceId: string,
  events: readonly NewEvent[],
  occurredAt: Date,
): void {
  const records = events.map(({ actor, requestId, ...event }) => ({
    ...event,
    actor_kind: actor.kind,
    actor_id: actor.id,
    request_id: requestId,
  }));
  queries.last(insertEvents, [JSON.stringify(records), workspaceId, occurredAt]);
}

interface EventRow {
  sequence: string | number;
  id: string;
  workspace_id: string;
  type: string;
  payload: Record<string, unknown>;
  actor_kind: ActorReference['kind'];
  actor_id: string | null;
  request_id: string;
  occurred_at: Date | string;
}

const batchMax = 5000;

const lockHead = {
  name: 'event_head_lock',
  text: 'select sequence from event_head where only_row for update',
};
const readPending = {
  name: 'events_pending',
  text: `select position from events where sequence is null order by position limit ${batchMax}`,
};
const numberPending = {
  name: 'events_number',
  text: `update events e set sequence = $2 + p.rank
    from unnest($1::bigint[]) with ordinality as p(position, rank) where e.position = p.position`,
};
const advanceHead = {
  name: 'event_head_advance',
  text: 'update event_head set sequence = sequence + $1 where only_row',
};

/** Numbers what is committed. Returns how many events it numbered. */
export async function sequenceEvents(database: Database): Promise<number> {
  return database.asSystem(async (queries) => {
    // The second statement takes its snapshot only once the first has the lock.
    const [[head], pending] = await Promise.all([
      queries.sql<{ sequence: string | number }>(lockHead),
      queries.sql<{ position: string | number }>(readPending),
    ]);
    if (pending.length === 0) return 0;
    queries.last(numberPending, [pending.map(({ position }) => position), Number(head?.sequence ?? 0)]);
    queries.last(advanceHead, [pending.length]);
    return pending.length;
  });
}

/** After this long a numbering follows one during which events were committed, unless more are committed sooner. */
const intervalMsMin = 15;
/** How soon an event is numbered whose wake-up was lost. */
const intervalMsMax = 1000;

export class EventLog {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(database: Database, bus: Bus, log: Logger) {
    this.#database = database;
    this.#bus = bus;
    this.#log = log;
  }

  /** Starts numbering, now and whenever events were committed. */
  start(): void {
    this.#schedule(0);
  }

  /** Says that this process committed events. */
  committed(): void {
    if (this.#running) this.#again = true;
    else this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    if (this.#closed || this.#running) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#number().finally(() => {
        this.#running = undefined;
        this.#schedule(this.#again ? intervalMsMin : intervalMsMax);
        this.#again = false;
      });
    }, delayMs);
    this.#timer.unref();
  }

  async #number(): Promise<void> {
    try {
      let count = 0;
      do {
        count = await sequenceEvents(this.#database);
        if (count > 0) this.#bus.publish('events');
      } while (count === batchMax);
    } catch (error) {
      if (!this.#closed) this.#log.error({ err: error }, 'events could not be numbered');
    }
  }

  /** Events after a sequence number, in order, of one workspace or (null) of all. */
  async read(workspaceId: string | null, after: number, limit: number): Promise<StoredEvent[]> {
    const read = (queries: Queries) =>
      queries.sql<EventRow>(
        `select sequence, id, workspace_id, type, payload, actor_kind, actor_id, request_id, occurred_at
         from events where sequence > $1 ${workspaceId ? 'and workspace_id = $3' : ''} order by sequence limit $2`,
        workspaceId ? [after, limit, workspaceId] : [after, limit],
      );
    const rows = await (workspaceId
      ? this.#database.inWorkspace(workspaceId, read)
      : this.#database.asSystem(read));
    return rows.map((row) => ({
      sequence: Number(row.sequence),
      id: row.id,
      workspaceId: row.workspace_id,
      type: row.type,
      payload: row.payload,
      actor: { kind: row.actor_kind, id: row.actor_id },
      requestId: row.request_id,
      occurredAt: new Date(row.occurred_at),
    }));
  }

  /** The highest number given so far. */
  async head(): Promise<number> {
    const [row] = await this.#database.asSystem((queries) =>
      queries.sql<{ sequence: string | number }>('select sequence from event_head'),
    );
    return Number(row?.sequence ?? 0);
  }

  /**
   * Follows the log from a sequence number until the signal aborts: every event once, in order.
   * @param workspaceId null follows all workspaces.
   */
  async *follow(workspaceId: string | null, after: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    for await (const page of this.followPages(workspaceId, after, signal)) {
      for (const event of page) {
        if (signal.aborted) return;
        yield event;
      }
    }
  }

  /** As `follow`, by what was read at once: one event or more, `pageLengthMax` at most. */
  async *followPages(
    workspaceId: string | null,
    after: number,
    signal: AbortSignal,
    pageLengthMax = 500,
  ): AsyncGenerator<readonly StoredEvent[]> {
    let cursor = after;
    let wake: (() => void) | undefined;
    let woken = false;
    const unsubscribe = this.#bus.subscribe('events', () => {
      woken = true;
      wake?.();
    });
    const onAbort = () => wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        woken = false;
        const events = await this.read(workspaceId, cursor, pageLengthMax).catch((error: unknown) => {
          // A database that restarts must not end what follows the log: it goes on where it was.
          if (this.#closed) throw error;
          this.#log.warn({ err: error }, 'the event log could not be read and will be read again');
          return [];
        });
        cursor = events.at(-1)?.sequence ?? cursor;
        if (events.length > 0) yield events;
        if (events.length > 0 || woken) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, intervalMsMax);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (woken || signal.aborted) wake();
        });
      }
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
