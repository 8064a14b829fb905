// Runs the jobs that a worker took, and says of each how it ended.
//
// `database` jobs of one workspace share a transaction; when it fails or takes too long, its jobs run again one by one,
// so that a bad one harms no neighbour. Every run has a time limit within the queue's own: the queue knows batches only,
// and would fail the neighbours of a job that hangs together with it.
//
// A job that ends its process (a crash, an endless loop, no memory left) takes those that run beside it along. What was
// lost with its process is therefore run one after the other when the rest is done, and what ran when a process was lost
// comes last of all: the poison alone uses up its tries and ends in the dead letters.
import type { Job, JobResult, JobWithMetadata } from 'pg-boss';
import { z } from 'zod';
import { jobOrigin } from './audit.ts';
import type { Queries } from './database.ts';
import { type Envelope, type JobSigner, type SignedEnvelope, signedEnvelope } from './job-signatures.ts';
import { type Logger, serializeError } from './log.ts';
import type { JobHandler, JobHost, JobRun } from './queue.ts';

export type BossJob = Pick<JobWithMetadata<unknown>, 'retryLimit' | 'expireInSeconds' | 'output'> &
  Job<unknown>;

export interface RunnerTools {
  readonly log: Logger;
  readonly signer: JobSigner;
  readonly observe: (job: string, outcome: 'completed' | 'failed', seconds: number) => void;
  /** Records the completion of claimed jobs in an open transaction. Returns of how many the claim still held. */
  readonly complete: (
    queries: Queries,
    name: string,
    claims: { id: string; retryCount: number }[],
  ) => Promise<number>;
  /** Sets `suspect` in a job's envelope, for its next try. */
  readonly suspect: (name: string, id: string) => Promise<void>;
}

/** What was enqueued cannot be understood: no later try will. */
class UnreadableJobError extends Error {
  override readonly name = 'UnreadableJobError';
}

/** No process of ours has enqueued it, or somebody changed it. */
class ForgedJobError extends Error {
  override readonly name = 'ForgedJobError';
  readonly code = 'job.signature_invalid';
  constructor() {
    super('the job is not signed by this installation as it is');
  }
}

interface ReadJob {
  readonly job: BossJob;
  readonly data: Envelope;
  readonly input: unknown;
}

/** Shares of the time that the queue gives a batch: for all, for their common transaction, for one job alone. */
const shares = { all: 0.8, together: 0.4, alone: 0.3 } as const;
const aloneMsMin = 250;

export class JobRunner {
  readonly #tools: RunnerTools;

  constructor(tools: RunnerTools) {
    this.#tools = tools;
  }

  /** Runs jobs that were taken together, of any kind. */
  async run(handler: JobHandler, jobs: readonly BossJob[], host: JobHost): Promise<JobResult[]> {
    const run = (some: readonly BossJob[]) =>
      handler.job.effect === 'database'
        ? this.#runBatch(handler, some, host)
        : this.#runEach(handler, some, host);
    const lost = jobs.filter(wasLost);
    if (lost.length === 0) return run(jobs);
    const results = await run(jobs.filter((job) => !lost.includes(job)));
    for (const job of lost.toSorted((one, other) => Number(isSuspect(one)) - Number(isSuspect(other)))) {
      if (!isSuspect(job)) await this.#tools.suspect(handler.job.name, job.id);
      results.push(...(await run([job])));
    }
    return results;
  }

  /** Runs `external` and `system` jobs side by side. */
  async #runEach(handler: JobHandler, jobs: readonly BossJob[], host: JobHost): Promise<JobResult[]> {
    return Promise.all(
      jobs.map((job) =>
        this.#settle(handler, job, host, async () => {
          const { data, input } = this.#read(handler, job);
          const context =
            handler.job.effect === 'system'
              ? host.systemContext()
              : host.context({ ...data, origin: jobOrigin });
          const limitMs = Math.max(job.expireInSeconds * 1000 * shares.all, (job.expireInSeconds - 1) * 1000);
          await withLimit(limitMs, job.signal, (signal) =>
            handler.run(context as never, input as never, describeRun(job, signal)),
          );
        }),
      ),
    );
  }

  /** Runs `database` jobs, those of a workspace in one transaction. */
  async #runBatch(handler: JobHandler, jobs: readonly BossJob[], host: JobHost): Promise<JobResult[]> {
    const started = performance.now();
    const allMs = Math.min(...jobs.map((job) => job.expireInSeconds)) * 1000;
    const leftMs = () => started + allMs * shares.all - performance.now();
    const results: JobResult[] = [];
    for (const group of portions(handler, jobs)) {
      if (group.length > 1) {
        const since = performance.now();
        const limitMs = Math.min(leftMs(), allMs * shares.together);
        const together = await this.#inTransaction(handler, group, host, limitMs).then(
          () => true,
          (error: unknown) => {
            this.#tools.log.info(
              { err: error, job: handler.job.name, jobs: group.length },
              'jobs that failed together are run one by one',
            );
            return false;
          },
        );
        if (together) {
          const seconds = (performance.now() - since) / 1000;
          for (const { id } of group) {
            this.#tools.observe(handler.job.name, 'completed', seconds / group.length);
            results.push({ id, status: 'completed' });
          }
          continue;
        }
      }
      for (const job of group) {
        const limitMs = jobs.length === 1 ? leftMs() : Math.min(leftMs(), allMs * shares.alone);
        results.push(
          await this.#settle(handler, job, host, () =>
            this.#inTransaction(handler, [job], host, Math.max(aloneMsMin, limitMs)),
          ),
        );
      }
    }
    return results;
  }

  /** Runs jobs of one workspace and records their completion, all in one transaction or not at all. */
  async #inTransaction(
    handler: JobHandler,
    jobs: readonly BossJob[],
    host: JobHost,
    limitMs: number,
  ): Promise<void> {
    const runs = jobs.map((job) => this.#read(handler, job));
    const first = runs[0]?.data;
    if (!first?.workspaceId) throw new UnreadableJobError('the job names no workspace');
    await host.runInTransaction(
      { workspaceId: first.workspaceId, actor: first.actor, requestId: first.requestId },
      (enter) =>
        withLimit(limitMs, undefined, async (limit) => {
          const items = runs.map(({ job, data, input }) => ({
            tx: enter(data),
            input: input as never,
            run: describeRun(job, AbortSignal.any([job.signal, limit])),
          }));
          if (handler.together && items.length > 1) await handler.together(items);
          // Side by side, so that their statements travel together.
          else await Promise.all(items.map(({ tx, input, run }) => handler.run(tx as never, input, run)));
        }),
      async (queries) => {
        const claims = jobs.map(({ id, retryCount }) => ({ id, retryCount }));
        const completed = await this.#tools.complete(queries, handler.job.name, claims);
        if (completed !== jobs.length) throw new Error('another process took the job over');
      },
    );
  }

  /** @throws ForgedJobError, UnreadableJobError */
  #read(handler: JobHandler, job: BossJob): ReadJob {
    let data: SignedEnvelope;
    try {
      data = signedEnvelope.parse(job.data);
    } catch (cause) {
      throw new UnreadableJobError('the job cannot be read', { cause });
    }
    if (!this.#tools.signer.isOurs(handler.job.name, job.id, data)) throw new ForgedJobError();
    try {
      return { job, data, input: handler.job.input.parse(data.input) };
    } catch (cause) {
      throw new UnreadableJobError('the job’s input cannot be read', { cause });
    }
  }

  async #settle(
    handler: JobHandler,
    job: BossJob,
    host: JobHost,
    run: () => Promise<void>,
  ): Promise<JobResult> {
    const started = performance.now();
    const observe = (outcome: 'completed' | 'failed') =>
      this.#tools.observe(handler.job.name, outcome, (performance.now() - started) / 1000);
    try {
      await run();
      observe('completed');
      return { id: job.id, status: 'completed' };
    } catch (error) {
      observe('failed');
      const forged = error instanceof ForgedJobError;
      if (forged) host.refused(handler.job.name, job.id, job.data);
      const unreadable = forged || error instanceof UnreadableJobError;
      const final = unreadable || job.retryCount >= job.retryLimit;
      this.#tools.log[final ? 'error' : 'warn'](
        {
          err: error,
          job: handler.job.name,
          job_id: job.id,
          attempt: job.retryCount,
          request_id: (job.data as Partial<Envelope> | null)?.requestId,
        },
        final
          ? 'a job failed for the last time and went to the dead letters'
          : 'a job failed and will be tried again',
      );
      return { id: job.id, status: unreadable ? 'deadletter' : 'failed', output: describeFailure(error) };
    }
  }
}

/** Jobs of one workspace each, as many as may share a transaction. */
function portions({ job: { size, input } }: JobHandler, jobs: readonly BossJob[]): BossJob[][] {
  const groups = [...Map.groupBy(jobs, workspaceOf).values()];
  if (!size) return groups;
  const sizeOf = (job: BossJob) => {
    const parsed = input.safeParse((job.data as Partial<Envelope> | null)?.input);
    return parsed.success ? size.of(parsed.data) : 1;
  };
  const cut: BossJob[][] = [];
  for (const group of groups) {
    let room = 0;
    for (const job of group) {
      const own = sizeOf(job);
      if (own > room) {
        cut.push([]);
        room = size.max;
      }
      cut.at(-1)?.push(job);
      room -= own;
    }
  }
  return cut;
}

/** Gives up on work after a time: its signal aborts, and how it ends later counts for nothing. */
async function withLimit(
  limitMs: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`the job took longer than ${Math.round(limitMs)} ms`);
      limit.abort(error);
      reject(error);
    }, limitMs);
  });
  try {
    await Promise.race([run(outer ? AbortSignal.any([outer, limit.signal]) : limit.signal), over]);
  } finally {
    clearTimeout(timer);
  }
}

function describeRun(job: BossJob, signal: AbortSignal): JobRun {
  return { id: job.id, attempt: job.retryCount, isLastAttempt: job.retryCount >= job.retryLimit, signal };
}

function describeFailure(error: unknown): object {
  const { message, type, code, stack } = serializeError(error);
  return { message: `${type}: ${message}`, code, stack };
}

const lostOutput = z.object({
  value: z.object({ message: z.enum(['job timed out', 'job heartbeat timeout']) }),
});

/** Whether its last try ended without a word: pg-boss then writes one of these as its output (failJobsByTimeout). */
function wasLost(job: BossJob): boolean {
  return job.retryCount > 0 && lostOutput.safeParse(job.output).success;
}

function isSuspect(job: BossJob): boolean {
  return (job.data as Partial<Envelope> | null)?.suspect === true;
}

function workspaceOf(job: BossJob): string {
  return String((job.data as Partial<Envelope> | null)?.workspaceId);
}
