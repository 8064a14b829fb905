// The one reader of the event log in this process: what it reads, it keeps for a while, so that a socket that is a little
// behind (all of them, after a restart) is served from memory.
import { setImmediate as turn } from 'node:timers/promises';
import { toEvent } from '../event-routes.ts';
import type { EventLog, StoredEvent } from '../events.ts';
import type { Logger } from '../log.ts';

/** An event, serialised once for all who read it. */
export interface LogEntry {
  readonly sequence: number;
  readonly workspaceId: string;
  readonly type: string;
  readonly json: string;
}

/** A frame with many events keeps a reader's screen waiting. */
export const pageLengthMax = 200;
/** So many of the newest events are kept, of all workspaces together: about 2 MB. */
const entriesMax = 5000;

export class Tail {
  readonly #events: EventLog;
  readonly #log: Logger;
  readonly #onPage: (page: readonly LogEntry[]) => void;
  readonly #stopping = new AbortController();
  #entries: LogEntry[] = [];
  #start = 0;
  #cursor = 0;
  #started: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #waiting: (() => void)[] = [];

  /** @param onPage is called with every page after it became part of what is kept. */
  constructor(events: EventLog, log: Logger, onPage: (page: readonly LogEntry[]) => void) {
    this.#events = events;
    this.#log = log;
    this.#onPage = onPage;
  }

  /** The last sequence that was read. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Every event after this sequence, up to the cursor, is in memory. */
  get start(): number {
    return this.#start;
  }

  /** Begins to read, once; resolves when it has caught up with the log. */
  async begin(): Promise<void> {
    this.#started ??= this.#begin().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    await this.#started;
  }

  async #begin(): Promise<void> {
    const head = await this.#events.head();
    this.#start = Math.max(0, head - entriesMax);
    this.#cursor = this.#start;
    this.#running = this.#read().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#log.error({ err: error }, 'the event log is no longer read');
    });
    while (this.#cursor < head && !this.#stopping.signal.aborted) await this.nextPage();
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping;
    const pages = this.#events.followPages(null, this.#start, signal, 5 * pageLengthMax);
    for await (const read of oneAhead(pages)) {
      for (let at = 0; at < read.length && !signal.aborted; at += pageLengthMax) {
        this.#keep(read.slice(at, at + pageLengthMax).map(toEntry));
        // What was handed to the sockets leaves before there is more.
        await turn();
      }
    }
  }

  #keep(page: readonly LogEntry[]): void {
    this.#entries.push(...page);
    this.#cursor = page.at(-1)?.sequence ?? this.#cursor;
    if (this.#entries.length > 2 * entriesMax) {
      const dropped = this.#entries.splice(0, this.#entries.length - entriesMax);
      this.#start = dropped.at(-1)?.sequence ?? this.#start;
    }
    this.#onPage(page);
    this.#wake();
  }

  /** Resolves when more was read, or reading has ended. */
  async nextPage(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** What is kept of a workspace after a sequence between `start` and `cursor`; `lengthMax` entries of the log at most. */
  after(
    workspaceId: string,
    sequence: number,
    lengthMax: number,
  ): { entries: LogEntry[]; through: number; isAll: boolean } {
    const entries: LogEntry[] = [];
    for (let at = this.#indexAfter(sequence); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at] as LogEntry;
      if (entry.workspaceId !== workspaceId) continue;
      if (entries.length === lengthMax)
        return { entries, through: entries.at(-1)?.sequence ?? sequence, isAll: false };
      entries.push(entry);
    }
    return { entries, through: this.#cursor, isAll: true };
  }

  #indexAfter(sequence: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as LogEntry).sequence <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }
}

/** Asks for the next while one is worked on: under load, a page takes many turns of the event loop to arrive. */
async function* oneAhead<Item>(items: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let next = items.next();
  for (;;) {
    const { value, done } = await next;
    if (done) return;
    next = items.next();
    // Looked at when it is its turn.
    next.catch(() => undefined);
    yield value;
  }
}

export function toEntry(event: StoredEvent): LogEntry {
  const { sequence, workspaceId, type } = event;
  return { sequence, workspaceId, type, json: JSON.stringify(toEvent(event)) };
}
