// Natural batching: one run in flight, what arrives meanwhile goes together with the next. Latency under little load,
// throughput under much, and never more than one connection held.

export class NaturalBatch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly #sizeMax: number;
  #queued: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #running = false;

  /** @param run answers for each item, in order; an Error for those that failed alone. Rejects when all failed. */
  constructor(run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>, sizeMax: number) {
    this.#run = run;
    this.#sizeMax = sizeMax;
  }

  /** Items that wait for their run to begin. */
  get waiting(): number {
    return this.#queued.length;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ item, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // What the same turn of the event loop still brings goes along.
      setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#queued.length > 0) {
      const batch = this.#queued.splice(0, this.#sizeMax);
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
    this.#running = false;
  }
}
