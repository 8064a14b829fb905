// Follows the event log workspace by workspace, with a cursor that the follower keeps in a table of its own: what must
// happen once for every event, soon but not in the transaction that appends it.
//
// Every worker follows. Who brings a workspace up holds a lock of its cursor, so one of them does; the others hear that it
// is busy and look again later, in case that one died. Nothing is lost with a wake-up or a process: the cursors say all.
import { setTimeout as elapse } from 'node:timers/promises';
import type { Context } from './context.ts';
import type { Queries } from './database.ts';
import type { Kernel } from './kernel.ts';

/** `more`: it stopped at the end of a batch; `busy`: another process is at it. */
export type Progress = 'done' | 'more' | 'busy';

export interface Follower {
  readonly name: string;
  /** The types of the events that it wants. */
  readonly events: readonly string[];
  /** The workspaces that may be behind, found by its cursors; asked for once, at the start. */
  readonly behind: (queries: Queries) => Promise<string[]>;
  /** Does one batch of a workspace: of what lies between its cursor and `head`. A batch that fails is done again. */
  readonly catchUp: (ctx: Context, head: number) => Promise<Progress>;
}

/** How soon events are noticed whose wake-up was lost, and a busy workspace is looked at again. */
const lookAgainMs = 1000;
/** Between two rounds: what happens meanwhile is done together. */
const restMsMin = 100;
const failedMsMin = 1000;
const failedMsMax = 600_000;

const discover = {
  name: 'follower_discover',
  text: `select h.sequence as head, e.workspace_id from event_head h left join lateral (
      select distinct workspace_id from events
      where sequence > $1 and sequence <= h.sequence and type = any($2)
    ) e on true`,
};

interface Waiting {
  /** By the monotonic clock. */
  notBeforeMs: number;
  failures: number;
}

export class Following {
  readonly #kernel: Kernel;
  readonly #follower: Follower;
  readonly #waiting = new Map<string, Waiting>();
  #head = 0;
  readonly #closing = new AbortController();
  #woken = false;
  #wake: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(kernel: Kernel, follower: Follower) {
    this.#kernel = kernel;
    this.#follower = follower;
  }

  start(): void {
    this.#unsubscribe = this.#kernel.bus.subscribe('events', () => {
      this.#woken = true;
      this.#wake?.();
    });
    this.#running = this.#run();
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#closing.abort();
    this.#unsubscribe?.();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    let found = false;
    while (!this.#closing.signal.aborted) {
      this.#woken = false;
      try {
        if (!found) await this.#findBehind();
        found = true;
        await this.#discover();
      } catch (error) {
        if (!this.#closing.signal.aborted)
          this.#warn(error, 'the event log could not be followed and will be again');
      }
      const more = await this.#round();
      if (this.#closing.signal.aborted) return;
      await this.#pause(restMsMin);
      if (!more && !this.#woken) await this.#sleep();
    }
  }

  /** The head is read before the cursors: what is behind is behind that. */
  async #findBehind(): Promise<void> {
    const head = await this.#kernel.events.head();
    const behind = await this.#kernel.database.asSystem((queries) => this.#follower.behind(queries));
    this.#head = head;
    for (const workspaceId of behind) this.#waiting.set(workspaceId, { notBeforeMs: 0, failures: 0 });
  }

  async #discover(): Promise<void> {
    const rows = await this.#kernel.database.asSystem((queries) =>
      queries.sql<{ head: string | number; workspace_id: string | null }>(discover, [
        this.#head,
        this.#follower.events,
      ]),
    );
    this.#head = Number(rows[0]?.head ?? this.#head);
    for (const { workspace_id: workspaceId } of rows) {
      if (workspaceId && !this.#waiting.has(workspaceId))
        this.#waiting.set(workspaceId, { notBeforeMs: 0, failures: 0 });
    }
  }

  /** Returns whether a workspace has more to do at once. */
  async #round(): Promise<boolean> {
    let more = false;
    for (const [workspaceId, waiting] of [...this.#waiting]) {
      if (this.#closing.signal.aborted) return false;
      if (waiting.notBeforeMs > performance.now()) continue;
      const startedMs = performance.now();
      const progress = await this.#catchUp(workspaceId, waiting);
      const tookMs = performance.now() - startedMs;
      if (progress === 'done') this.#waiting.delete(workspaceId);
      if (progress === 'busy') waiting.notBeforeMs = performance.now() + lookAgainMs;
      if (progress === 'more') {
        more = true;
        // Who follows never takes more than half of a core from those who answer people.
        await this.#pause(tookMs);
      }
    }
    return more;
  }

  async #catchUp(workspaceId: string, waiting: Waiting): Promise<Progress | 'failed'> {
    try {
      const progress = await this.#follower.catchUp(
        this.#kernel.systemContext().workspace(workspaceId),
        this.#head,
      );
      waiting.failures = 0;
      return progress;
    } catch (error) {
      waiting.notBeforeMs =
        performance.now() + Math.min(failedMsMax, failedMsMin * 2 ** Math.min(waiting.failures, 20));
      waiting.failures += 1;
      if (!this.#closing.signal.aborted)
        this.#warn(error, 'a workspace could not be followed and will be again', workspaceId);
      return 'failed';
    }
  }

  #warn(error: unknown, sentence: string, workspaceId?: string): void {
    this.#kernel.log.warn({ err: error, follower: this.#follower.name, workspace_id: workspaceId }, sentence);
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookAgainMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#woken || this.#closing.signal.aborted) this.#wake();
    });
    this.#wake = undefined;
  }

  async #pause(durationMs: number): Promise<void> {
    await elapse(durationMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}
