// Natural batching: one run in flight (two where many wait), what arrives meanwhile goes together with the next. Latency
// under little load, throughput under much, and no more connections held than there are runs.

interface Queued<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface NaturalBatchLimits {
  /** Items in one run. */
  readonly sizeMax: number;
  /** When so many wait, a second run begins: one is made ready while the other waits for the disk. Never when absent. */
  readonly secondAt?: number;
}

export class NaturalBatch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly #limits: NaturalBatchLimits;
  #queued: Queued<Item, Result>[] = [];
  #runs = 0;

  /** @param run answers for each item, in order; an Error for those that failed alone. Rejects when all failed. */
  constructor(
    run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
    limits: NaturalBatchLimits,
  ) {
    this.#run = run;
    this.#limits = limits;
  }

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#runs === 0 && this.#queued.length === 0;
  }

  /** Items that wait for their run to begin. */
  get waiting(): number {
    return this.#queued.length;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ item, resolve, reject });
      const second =
        this.#runs === 1 && this.#queued.length >= (this.#limits.secondAt ?? Number.POSITIVE_INFINITY);
      if (this.#runs > 0 && !second) return;
      this.#runs += 1;
      // What the same turn of the event loop still brings goes along.
      setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#queued.length > 0) {
      const batch = this.#queued.splice(0, this.#limits.sizeMax);
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const result = results[index];
          if (result instanceof Error) reject(result);
          else resolve(result as Result);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#runs -= 1;
  }
}
