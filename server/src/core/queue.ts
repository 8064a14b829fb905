// Jobs, on pg-boss: enqueued by the transaction that makes them necessary, run at least once with the effect of once.
//
// A `database` job runs in a transaction that also records its completion, many jobs of one workspace in one. An
// `external` job calls outside; it gets a plain context, opens its own transactions, and its heartbeat tells the living
// from the dead. How they are run and settled is in job-runner.ts.
import type pg from 'pg';
import { fromPglite, type JobResult, PgBoss } from 'pg-boss';
import { z } from 'zod';
import type { Bus } from './bus.ts';
import type { Context, Origin, SystemContext, TransactionContext } from './context.ts';
import type { Database, Queries } from './database.ts';
import { type DeadLetter, deadLetterQueue, readDeadLetters, redriveDeadLetters } from './dead-letters.ts';
import type { ActorReference } from './events.ts';
import { newId } from './identifiers.ts';
import { type BossJob, JobRunner } from './job-runner.ts';
import { type Envelope, JobSigner } from './job-signatures.ts';
import type { Logger } from './log.ts';
import { inTransaction, onPool, openQueuePool, prepared } from './queue-connections.ts';
import type { Signer } from './signing.ts';
import { WorkerCrew } from './worker-crew.ts';

/**
 * - `database`: only writes to the database, in a transaction that also records the job's completion.
 * - `external`: calls outside or takes long, in one workspace.
 * - `system`: belongs to no single workspace.
 */
export type JobEffect = 'database' | 'external' | 'system';

export interface JobDefinition<Input = unknown, Effect extends JobEffect = JobEffect> {
  /** `module.verb` */
  readonly name: string;
  readonly doc: string;
  /** Ids only. */
  readonly input: z.ZodType<Input>;
  readonly effect: Effect;
  /** At most one job per key waits; what is asked for meanwhile is the same job. */
  readonly oneWaitingPerKey?: boolean;
  /** Tries after the first one. */
  readonly retries?: number;
  readonly retryDelaySeconds?: number;
  readonly retryDelaySecondsMax?: number;
  /** How many one worker runs at once (`external`), or how many share a transaction (`database`). */
  readonly concurrency?: number;
  /** How many workers take from its queue in one process, at most: each has `concurrency` of them at once. */
  readonly workersMax?: number;
  /** For `database`: how much one input asks for, where they differ, and how much may share a transaction. */
  readonly size?: { of(input: Input): number; readonly max: number };
  /** How long one run may take. */
  readonly timeoutSeconds?: number;
}

export function defineJob<Input, Effect extends JobEffect>(
  definition: JobDefinition<Input, Effect>,
): JobDefinition<Input, Effect> {
  return definition;
}

export interface EnqueueOptions {
  readonly startAfter?: Date;
  /** For `oneWaitingPerKey`. */
  readonly key?: string;
}

export interface JobRun {
  readonly id: string;
  /** 0 for the first try. */
  readonly attempt: number;
  readonly isLastAttempt: boolean;
  /** Aborts when the job's time is over or another process has it. */
  readonly signal: AbortSignal;
}

export interface JobHandler {
  readonly job: JobDefinition;
  readonly run: (context: never, input: never, run: JobRun) => Promise<void>;
  /** Does several jobs of one workspace in one transaction, in fewer statements than each by itself. */
  readonly together?: (items: readonly JobItem<never>[]) => Promise<void>;
}

type RunContext<Effect> = Effect extends 'database'
  ? TransactionContext
  : Effect extends 'external'
    ? Context
    : SystemContext;

/** Joins a job to the function that it runs. */
export function work<Input, Effect extends JobEffect>(
  job: JobDefinition<Input, Effect>,
  run: (context: RunContext<Effect>, input: Input, run: JobRun) => Promise<unknown>,
): JobHandler {
  return { job: job as never, run: run as never };
}

export interface JobItem<Input> {
  readonly tx: TransactionContext;
  readonly input: Input;
  readonly run: JobRun;
}

/** The same for a `database` job with a way of its own to do several in one transaction. */
export function workTogether<Input>(
  job: JobDefinition<Input, 'database'>,
  together: (items: readonly JobItem<Input>[]) => Promise<void>,
): JobHandler {
  return { ...work(job, (tx, input, run) => together([{ tx, input, run }])), together };
}

export interface PendingJob {
  readonly job: JobDefinition;
  readonly envelope: Envelope;
  readonly options: EnqueueOptions;
}

/** What the queue needs of the app to run a job. */
export interface JobHost {
  /** Runs work in one workspace's transaction; `settle` runs in it last, as the schema's owner. */
  runInTransaction(
    scope: { workspaceId: string; actor: ActorReference; requestId: string },
    work: (enter: (envelope: Envelope) => TransactionContext) => Promise<void>,
    settle: (queries: Queries) => Promise<void>,
  ): Promise<void>;
  context(scope: Envelope & { readonly origin: Origin }): Context;
  systemContext(): SystemContext;
  /** Hears of a job that is not signed, or not as it is. Must not wait, nor throw. @param data as it stood there */
  refused(jobName: string, jobId: string, data: unknown): void;
}

const schema = 'pgboss';
const topic = 'jobs';
/** A `database` job is short; one that is still active after this was lost with its process. */
const databaseTimeoutSeconds = 5;
const heartbeatSeconds = 10;
/** Workers per queue: a `database` job holds a connection while it runs, an `external` one mostly waits. */
const crewSizes = { database: { min: 1, max: 2 }, external: { min: 1, max: 5 } } as const;

function crewSizeOf({ effect, workersMax }: JobDefinition): { min: number; max: number } {
  const { min, max } = effect === 'database' ? crewSizes.database : crewSizes.external;
  return { min, max: Math.min(max, workersMax ?? max) };
}

const completionSchema = z.object({ affected: z.number() });

export interface QueueFigures {
  readonly name: string;
  readonly waiting: number;
  /** Of the waiting ones, those that are due. */
  readonly runnable: number;
  readonly active: number;
  readonly failed: number;
  /** Seconds that the oldest job that could run has waited. */
  readonly lagSeconds: number;
}

export class Queue {
  readonly #database: Database;
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #boss: PgBoss;
  /** Null: the embedded database has one connection. */
  readonly #pool: pg.Pool | null;
  readonly #crews = new Map<string, WorkerCrew<BossJob, JobResult[]>>();
  readonly #runner: JobRunner;
  readonly #signer: JobSigner;
  #names: string[] = [];
  #started = false;
  #unsubscribe: (() => void) | undefined;

  constructor(
    database: Database,
    bus: Bus,
    log: Logger,
    observe: (job: string, outcome: 'completed' | 'failed', seconds: number) => void,
    options: { readonly supervise: boolean; readonly signer: Signer },
  ) {
    this.#database = database;
    this.#bus = bus;
    this.#log = log;
    const { engine } = database;
    this.#pool = engine.kind === 'postgres' ? openQueuePool(engine.url, log) : null;
    this.#boss = new PgBoss({
      ...(this.#pool ? { db: onPool(this.#pool) } : {}),
      ...(engine.kind === 'embedded' ? { db: fromPglite(engine.pglite), backend: 'pglite' as const } : {}),
      schema,
      // The bus wakes: a NOTIFY would make the commits of all connections wait for one another's flush to disk.
      useListenNotify: false,
      supervise: options.supervise,
      schedule: options.supervise,
      superviseIntervalSeconds: 1,
      monitorIntervalSeconds: 1,
      queueCacheIntervalSeconds: 30,
      cronMonitorIntervalSeconds: 30,
      cronWorkerIntervalSeconds: 5,
      maintenanceIntervalSeconds: 60,
    });
    this.#boss.on('error', (error) => log.error({ err: error }, 'the job queue reports an error'));
    this.#boss.on('warning', (warning) => log.warn({ warning: warning.message }, 'the job queue warns'));
    this.#signer = new JobSigner(options.signer);
    this.#runner = new JobRunner({
      log,
      signer: this.#signer,
      observe,
      complete: async (queries, name, claims) => {
        const completion = await this.#boss.complete(name, claims, undefined, { db: inTransaction(queries) });
        return completionSchema.parse(completion).affected;
      },
      suspect: async (name, id) => {
        await database.asOwner((queries) =>
          queries.sql(
            `update ${schema}.job set data = jsonb_set(data, '{suspect}', 'true') where name = $1 and id = $2`,
            [name, id],
          ),
        );
      },
    });
  }

  /** Makes the queue's own tables and every queue, and reads their settings so that no transaction has to. */
  async start(jobs: readonly JobDefinition[]): Promise<void> {
    await this.#boss.start();
    this.#started = true;
    await this.#boss.createQueue(deadLetterQueue, { retentionSeconds: 365 * 86_400 });
    for (const job of jobs) {
      const options = {
        retryLimit: job.retries ?? 8,
        retryDelay: job.retryDelaySeconds ?? 1,
        retryDelayMax: job.retryDelaySecondsMax ?? 300,
        retryBackoff: true,
        expireInSeconds: job.timeoutSeconds ?? (job.effect === 'database' ? databaseTimeoutSeconds : 120),
        deleteAfterSeconds: 60,
        notify: false,
        deadLetter: deadLetterQueue,
        ...(job.effect === 'database' ? {} : { heartbeatSeconds }),
      };
      await this.#boss.createQueue(job.name, {
        ...options,
        policy: job.oneWaitingPerKey ? 'short' : 'standard',
      });
      await this.#boss.updateQueue(job.name, options);
    }
    this.#names = jobs.map((job) => job.name);
    await this.#database.asOwner((queries) => this.#signer.begin(queries));
    for (const job of jobs)
      await this.#boss.findJobs(job.name, { id: '00000000-0000-0000-0000-000000000000' });
  }

  /** Inserts jobs at the end of an open transaction whose role is the schema's owner. */
  async insert(queries: Queries, jobs: readonly PendingJob[]): Promise<void> {
    const db = {
      executeSql: async (text: string, values?: unknown[]) => {
        queries.last(prepared(text), values);
        return { rows: [] };
      },
    };
    // Always in the same order: two transactions that ask for the same keys would otherwise wait for one another.
    const ordered = jobs.toSorted(
      (a, b) => compare(a.job.name, b.job.name) || compare(a.options.key ?? '', b.options.key ?? ''),
    );
    for (const [name, group] of Map.groupBy(ordered, (pending) => pending.job.name)) {
      await this.#boss.insert(
        name,
        group.map(({ envelope, options }) => {
          const id = newId();
          return {
            id,
            data: this.#signer.sign(name, id, envelope),
            ...(options.startAfter ? { startAfter: options.startAfter } : {}),
            ...(options.key ? { singletonKey: options.key } : {}),
          };
        }),
        { db },
      );
    }
  }

  /** Tells the workers of every process that there are new jobs. Call it after the commit. */
  wake(jobNames: Iterable<string>): void {
    for (const name of new Set(jobNames)) this.#bus.publish(topic, name);
  }

  /** Wakes this process's workers for a job that is due later than now but sooner than they would look. */
  wakeAt(jobName: string, moment: Date): void {
    const crew = this.#crews.get(jobName);
    const delayMs = moment.getTime() - Date.now();
    if (!crew || delayMs > 60_000) return;
    setTimeout(() => crew.wake(), Math.max(0, delayMs) + 2).unref();
  }

  #onWake = (jobName: string): void => {
    if (jobName === '') for (const crew of this.#crews.values()) crew.wake();
    else this.#crews.get(jobName)?.wake();
  };

  /** Starts working off a job's queue. */
  async work(handler: JobHandler, host: JobHost): Promise<void> {
    const { job } = handler;
    const batch = job.effect === 'database';
    const options = {
      batchSize: job.concurrency ?? (batch ? 50 : 10),
      perJobResults: true,
      includeMetadata: true,
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 1,
    } as const;
    const crew = new WorkerCrew<BossJob, JobResult[]>(
      {
        hire: (run) => this.#boss.work(job.name, options, run),
        dismiss: (id) => this.#boss.offWork(job.name, { id, wait: false }),
        wake: (id) => this.#boss.notifyWorker(id),
        onError: (error) =>
          this.#log.error({ err: error, job: job.name }, 'a worker could not be started or stopped'),
      },
      crewSizeOf(job),
      (jobs) => this.#runner.run(handler, jobs, host),
    );
    await crew.start();
    if (this.#crews.size === 0) this.#unsubscribe = this.#bus.subscribe(topic, this.#onWake);
    this.#crews.set(job.name, crew);
  }

  /** Runs a job by the clock (cron, UTC). */
  async schedule(job: JobDefinition, cron: string, input: unknown): Promise<void> {
    const data: Envelope = {
      workspaceId: null,
      actor: { kind: 'system', id: null },
      requestId: `schedule:${job.name}`,
      input,
    };
    await this.#boss.schedule(job.name, cron, this.#signer.signSchedule(job.name, data));
  }

  async deadLetters(limit = 100): Promise<DeadLetter[]> {
    return this.#database.asOwner((queries) => readDeadLetters(queries, limit));
  }

  /** Puts dead letters that are ours back into their queues: all, or those named. Returns how many. */
  async redrive(ids?: readonly string[]): Promise<number> {
    const queues = new Set(this.#names);
    const count = await this.#database.asOwner((queries) =>
      redriveDeadLetters(queries, this.#boss, this.#signer, queues, ids ?? null),
    );
    this.wake(this.#names);
    return count;
  }

  /** After another secret: signs with it what waits. Returns how many jobs. */
  async signAnew(): Promise<number> {
    return this.#database.asOwner((queries) => this.#signer.signWaiting(queries));
  }

  async figures(): Promise<QueueFigures[]> {
    const rows = await this.#database.asOwner((queries) =>
      queries.sql<{
        name: string;
        waiting: number;
        runnable: number;
        active: number;
        failed: number;
        lag: number | string | null;
      }>(
        `select name, count(*) filter (where state < 'active')::int as waiting,
           count(*) filter (where state < 'active' and start_after <= now())::int as runnable,
           count(*) filter (where state = 'active')::int as active,
           count(*) filter (where state = 'failed')::int as failed,
           extract(epoch from now() - min(start_after) filter (where state < 'active' and start_after <= now()))::float8 as lag
         from ${schema}.job where state <> 'completed' and state <> 'cancelled' and name = any($1) group by name`,
        [this.#names],
      ),
    );
    return rows.map(({ lag, ...row }) => ({ ...row, lagSeconds: Math.max(0, Number(lag ?? 0)) }));
  }

  /** Stops taking jobs, lets running ones finish, and gives back those that do not. */
  async stop(timeoutMs = 20_000): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    this.#unsubscribe?.();
    for (const crew of this.#crews.values()) crew.close();
    await this.#boss.stop({ graceful: true, timeout: timeoutMs });
    await this.#pool?.end();
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
