// The workers of one queue in this process. A worker brings its whole batch to an end before it takes the next: that makes
// for big batches, but a slow job would hold up what comes after it. When all workers have been busy for a while another
// one is hired, and let go when idle.

export interface CrewTools<Job, Result> {
  /** Starts one worker that takes batches. Returns its id. */
  hire(run: (jobs: Job[]) => Promise<Result>): Promise<string>;
  /** Lets a worker finish what it has, and go. */
  dismiss(id: string): Promise<void>;
  /** Makes a worker look for jobs now. */
  wake(id: string): void;
  onError(error: unknown): void;
}

interface Member {
  id: string;
  busy: boolean;
}

const idleMsMax = 15_000;
const busyMsMax = 200;

export class WorkerCrew<Job, Result> {
  readonly #tools: CrewTools<Job, Result>;
  readonly #run: (jobs: Job[]) => Promise<Result>;
  readonly #sizeMin: number;
  readonly #sizeMax: number;
  readonly #members = new Set<Member>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    tools: CrewTools<Job, Result>,
    size: { min: number; max: number },
    run: (jobs: Job[]) => Promise<Result>,
  ) {
    this.#tools = tools;
    this.#run = run;
    this.#sizeMin = size.min;
    this.#sizeMax = size.max;
  }

  async start(): Promise<void> {
    for (let count = 0; count < this.#sizeMin; count += 1) await this.#hire();
  }

  wake(): void {
    for (const member of this.#members) this.#tools.wake(member.id);
  }

  /** Hires nobody from now on; who is there is dismissed by the queue. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #hire(): Promise<void> {
    const member: Member = { id: '', busy: false };
    this.#members.add(member);
    try {
      member.id = await this.#tools.hire(async (jobs) => {
        member.busy = true;
        const patience = setTimeout(() => this.#growIfBusy(), busyMsMax);
        try {
          return await this.#run(jobs);
        } finally {
          clearTimeout(patience);
          member.busy = false;
          this.#shrinkLater();
        }
      });
    } catch (error) {
      this.#members.delete(member);
      throw error;
    }
  }

  #growIfBusy(): void {
    const idle = [...this.#members].some((member) => !member.busy);
    if (idle || this.#closed || this.#members.size >= this.#sizeMax) return;
    this.#hire().catch((error: unknown) => {
      if (!this.#closed) this.#tools.onError(error);
    });
  }

  #shrinkLater(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#members.size <= this.#sizeMin) return;
    this.#timer = setTimeout(() => {
      for (const member of this.#members) {
        if (this.#members.size <= this.#sizeMin) break;
        if (member.busy) continue;
        this.#members.delete(member);
        this.#tools.dismiss(member.id).catch((error: unknown) => this.#tools.onError(error));
      }
    }, idleMsMax);
    this.#timer.unref();
  }
}
