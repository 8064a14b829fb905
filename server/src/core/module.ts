// What a feature brings to the app. The composition root holds the explicit list of them.
import type { FastifyInstance } from 'fastify';
import type { TransactionContext } from './context.ts';
import type { EventDefinition } from './events.ts';
import type { Follower } from './follower.ts';
import type { HealthProbe } from './health.ts';
import type { Kernel } from './kernel.ts';
import type { EnqueueOptions, JobDefinition, JobHandler } from './queue.ts';
import type { InstallationColumn, SealedColumn } from './rotation.ts';
import type { StoredTable } from './stored-tables.ts';

export interface Subscription {
  readonly event: EventDefinition;
  /** Called in the transaction that appends the event; enqueues durable work and nothing else. */
  readonly enqueue: (tx: TransactionContext, payload: never) => void;
}

/** Joins an event to a job: the job is enqueued by the transaction that appends the event. */
export function subscribe<Payload, Input>(
  event: EventDefinition<Payload>,
  job: JobDefinition<Input>,
  map: (payload: Payload, tx: TransactionContext) => { input: Input; options?: EnqueueOptions } | null,
): Subscription {
  return {
    event: event as EventDefinition,
    enqueue: (tx, payload) => {
      const mapped = map(payload, tx);
      if (mapped) tx.enqueue(job, mapped.input, mapped.options);
    },
  };
}

export interface Schedule {
  readonly job: JobDefinition;
  /** Five fields, UTC. */
  readonly cron: string;
  readonly input: unknown;
}

export interface Module {
  readonly name: string;
  /** Routes that providers call; see `registerWebhooks` in http.ts. */
  readonly webhooks?: (app: FastifyInstance, kernel: Kernel) => void | Promise<void>;
  readonly routes?: (app: FastifyInstance, kernel: Kernel) => void | Promise<void>;
  readonly events?: readonly EventDefinition[];
  readonly jobs?: readonly JobHandler[];
  readonly subscriptions?: readonly Subscription[];
  readonly schedules?: readonly Schedule[];
  readonly followers?: readonly Follower[];
  readonly health?: readonly HealthProbe[];
  /** Every column of its tables that holds sealed values, for the rotation of keys. */
  readonly sealed?: readonly SealedColumn[];
  /** Every table of its own that has a workspace. */
  readonly stored?: readonly StoredTable[];
  /** Those that are sealed with a key of the installation, and stay. */
  readonly sealedByInstallation?: readonly InstallationColumn[];
}
