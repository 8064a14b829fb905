// Keeps what anybody can do at will from flooding the audit: the first of a kind is written at once, the next ones are
// counted, and the count is written when a minute is over. Of each kind, that is one write a minute in each process.
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';

export type Write = (count: number) => Promise<void>;

const intervalMs = 60_000;
const sweepMs = 10_000;
/** So many kinds are remembered; what comes beyond them is logged and left out until some are over. */
const kindsMax = 10_000;

interface Known {
  writtenAt: number;
  count: number;
  write: Write;
}

export class Bounded {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #known = new Map<string, Known>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    this.#timer = setInterval(() => this.#sweep(), sweepMs);
    this.#timer.unref();
  }

  /** @param write is called now or later, with how often this was noted since the last time; the latest one counts. */
  note(kind: string, write: Write): void {
    const known = this.#known.get(kind);
    if (known) {
      known.count += 1;
      known.write = write;
      if (this.#isDue(known)) this.#write(known);
      return;
    }
    if (this.#known.size >= kindsMax) {
      this.#log.warn({ kinds: kindsMax }, 'the audit leaves out what comes in a flood of different kinds');
      return;
    }
    const fresh = { writtenAt: 0, count: 1, write };
    this.#known.set(kind, fresh);
    this.#write(fresh);
  }

  /** For what needs no bound: written in turn with the rest, and waited for at the end. */
  run(work: () => Promise<void>): void {
    this.#writing = this.#writing.then(work).catch((error: unknown) => {
      this.#log.error({ err: error }, 'an entry of the audit could not be written');
    });
  }

  #isDue = ({ writtenAt }: Known) => this.#clock.now() - writtenAt >= intervalMs;

  #write(known: Known): void {
    const { count, write } = known;
    known.count = 0;
    known.writtenAt = this.#clock.now();
    this.run(() => write(count));
  }

  #sweep(): void {
    for (const [kind, known] of this.#known) {
      if (!this.#isDue(known)) continue;
      if (known.count > 0) this.#write(known);
      else this.#known.delete(kind);
    }
  }

  /** Writes what was counted. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const known of this.#known.values()) if (known.count > 0) this.#write(known);
    let waited: Promise<void>;
    // What is written may note more.
    do {
      waited = this.#writing;
      await waited;
    } while (waited !== this.#writing);
  }
}
