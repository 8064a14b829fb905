// Jobs that nobody of this installation signed: told to the workspace whose name they bear, so that its owners are alerted.
import { z } from 'zod';
import { systemActor } from './context.ts';
import { defineEvent } from './events.ts';
import { newId } from './identifiers.ts';
import type { Kernel } from './kernel.ts';

export const jobRefused = defineEvent({
  type: 'job.refused',
  doc: 'A job that would act in the workspace was not signed by this installation, or was changed, and was not run: somebody else can write into the queue. Told at most once a minute.',
  permission: 'audit:read',
  payload: z.object({ job: z.string(), jobId: z.string(), count: z.number().int() }),
  audit: { target: 'job', id: 'job', result: 'refused', alerts: () => true },
});

const toldMsMin = 60_000;
/** A queue that is flooded names as many workspaces as it likes. */
const workspacesMax = 1000;
const named = z.object({ workspaceId: z.uuid() });

export class JobRefusals {
  readonly #kernel: Kernel;
  readonly #told = new Map<string, { at: number; since: number }>();
  readonly #count;
  #work: Promise<void> = Promise.resolve();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#count = kernel.metrics.counter(
      'parley_jobs_refused_total',
      'Jobs that were not run because nobody of this installation signed them as they are.',
      ['job'],
    );
  }

  note(job: string, jobId: string, data: unknown): void {
    this.#count.inc({ job });
    const workspaceId = named.safeParse(data).data?.workspaceId;
    if (!workspaceId) return;
    const now = performance.now();
    const told = this.#told.get(workspaceId);
    if (told && now - told.at < toldMsMin) {
      told.since += 1;
      return;
    }
    if (this.#told.size >= workspacesMax) this.#told.clear();
    this.#told.set(workspaceId, { at: now, since: 0 });
    this.#work = this.#work
      .then(() => this.#tell(workspaceId, { job, jobId, count: (told?.since ?? 0) + 1 }))
      // Most often, there is no such workspace.
      .catch((error: unknown) =>
        this.#kernel.log.warn({ err: error, job }, 'a forged job could not be told of'),
      );
  }

  /** What waits is written. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #tell(workspaceId: string, payload: z.infer<typeof jobRefused.payload>): Promise<void> {
    const ctx = this.#kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
    await ctx.transaction(async (tx) => tx.append(jobRefused, payload));
  }
}
