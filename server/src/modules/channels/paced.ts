// Gathers small news in memory and writes them together, at most so often: what may be lost must also cost little.

export class Paced {
  readonly #intervalMs: number;
  readonly #flush: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #lastAt = 0;
  #closed = false;

  constructor(intervalMs: number, flush: () => Promise<void>, onError: (error: unknown) => void) {
    this.#intervalMs = intervalMs;
    this.#flush = flush;
    this.#onError = onError;
  }

  /** Says that there is something to write: soon when the last write is long ago, else at the end of the interval. */
  touch(): void {
    if (this.#timer || this.#closed) return;
    const waitMs = Math.max(soonMs, this.#lastAt + this.#intervalMs - Date.now());
    this.#timer = setTimeout(() => void this.#write(), waitMs);
    this.#timer.unref();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastAt = Date.now();
    this.#running = (this.#running ?? Promise.resolve()).then(this.#flush).catch(this.#onError);
    return this.#running;
  }

  /** Writes what there is, and nothing afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#write();
  }
}

const soonMs = 20;
