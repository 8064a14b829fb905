// The running core: joins configuration, database, keys, queue and events, and hands out contexts.
import { type AuditedEvent, auditTrail, jobOrigin, serverOrigin } from './audit.ts';
import type { Bus } from './bus.ts';
import { openBus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import {
  type Actor,
  type Context,
  type Origin,
  type Port,
  type SystemContext,
  systemActor,
  type TransactionContext,
} from './context.ts';
import type { KeyWrapper, Vault } from './crypto.ts';
import { deriveKey, installationVault, unlessGone } from './crypto.ts';
import { type Database, openDatabase, type Queries } from './database.ts';
import {
  type ActorReference,
  appendEvents,
  type EventDefinition,
  EventLog,
  type NewEvent,
} from './events.ts';
import { newId } from './identifiers.ts';
import type { Envelope } from './job-signatures.ts';
import { Keyring } from './keyring.ts';
import type { Logger } from './log.ts';
import { Metrics } from './metrics.ts';
import type { Subscription } from './module.ts';
import { type JobDefinition, type JobHost, type PendingJob, Queue } from './queue.ts';
import { JobRefusals } from './refused-jobs.ts';
import { createSigner, type Signer } from './signing.ts';

export interface KernelOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly secret: string;
  readonly wrappers: readonly KeyWrapper[];
  /** What the composition root puts behind each port. */
  readonly ports: (kernel: Kernel) => readonly (readonly [Port<unknown>, unknown])[];
  readonly subscriptions: readonly Subscription[];
  readonly database?: Database;
}

export function bind<T>(port: Port<T>, value: T): readonly [Port<unknown>, unknown] {
  return [port, value];
}

interface Scope {
  readonly workspaceId: string;
  readonly actor: Actor;
  readonly requestId: string;
  readonly origin: Origin;
}

/** The present one, and the one before it where that is still in use. */
const secretsOf = ({ PARLEY_PREVIOUS_SECRET: previous }: Config, secret: string): string[] =>
  previous ? [secret, previous] : [secret];

/** Appends an event in a workspace from a transaction across workspaces. */
export type Tell = <Payload>(
  scope: { readonly workspaceId: string; readonly actor: ActorReference; readonly origin: Origin },
  event: EventDefinition<Payload>,
  payload: Payload,
) => void;

interface GatheredEvents {
  readonly events: NewEvent[];
  readonly audited: AuditedEvent[];
}

/** What one transaction has gathered for its end. */
interface Gathered {
  /** By workspace; there is one, but where a user is in several. */
  readonly events: Map<string, GatheredEvents>;
  readonly jobs: PendingJob[];
  readonly afterCommit: (() => void)[];
}

export class Kernel implements JobHost {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly bus: Bus;
  readonly keyring: Keyring;
  readonly events: EventLog;
  readonly queue: Queue;
  /** For keyed hashes and session secrets; never for content. */
  readonly secret: string;
  readonly #refusals: JobRefusals;
  readonly #ports: ReadonlyMap<Port<unknown>, unknown>;
  readonly #subscriptions: ReadonlyMap<string, Subscription[]>;

  private constructor(options: KernelOptions, metrics: Metrics, database: Database, bus: Bus) {
    this.config = options.config;
    this.clock = options.clock;
    this.log = options.log;
    this.metrics = metrics;
    this.database = database;
    this.bus = bus;
    this.secret = options.secret;
    this.keyring = new Keyring(database, options.wrappers, bus);
    this.events = new EventLog(database, bus, options.log);
    const seconds = metrics.histogram('parley_job_seconds', 'How long jobs run.', ['job', 'outcome']);
    this.queue = new Queue(
      database,
      bus,
      options.log,
      (job, outcome, value) => seconds.observe({ job, outcome }, value),
      { supervise: options.config.PARLEY_ROLE !== 'api', signer: this.signer('jobs') },
    );
    this.#refusals = new JobRefusals(this);
    this.#ports = new Map(options.ports(this));
    this.#subscriptions = Map.groupBy(options.subscriptions, (subscription) => subscription.event.type);
  }

  static async open(options: KernelOptions): Promise<Kernel> {
    const { config, log } = options;
    const database =
      options.database ??
      (await openDatabase({
        url: config.DATABASE_URL,
        dataDirectory: `${config.PARLEY_DATA}/database`,
        poolMax: config.DATABASE_POOL_MAX,
        onError: (error) => log.error({ err: error }, 'a database connection failed'),
      }));
    const metrics = new Metrics(true);
    const signer = createSigner(secretsOf(config, options.secret), 'bus');
    const bus = await openBus(database, config.REDIS_URL, log, signer);
    return new Kernel(options, metrics, database, bus);
  }

  use<T>(port: Port<T>): T {
    if (!this.#ports.has(port)) throw new Error(`nothing is bound to the port "${port.name}"`);
    return this.#ports.get(port) as T;
  }

  /** A key for one purpose, the same in every process of this installation. */
  deriveKey(purpose: string): Buffer {
    return deriveKey(this.secret, purpose);
  }

  /** The present key and, while the secret before is set, the one that was derived from it. */
  deriveKeys(purpose: string): Buffer[] {
    return secretsOf(this.config, this.secret).map((secret) => deriveKey(secret, purpose));
  }

  /** Signs what processes of this installation say to each other. */
  signer(purpose: string): Signer {
    return createSigner(secretsOf(this.config, this.secret), purpose);
  }

  /** Seals what belongs to no workspace, the same in every process of this installation. */
  installationVault(purpose: string): Vault {
    return installationVault(secretsOf(this.config, this.secret), purpose);
  }

  context(scope: {
    workspaceId: string | null;
    actor: ActorReference;
    requestId: string;
    /** The server by itself when absent. */
    origin?: Origin;
  }): Context {
    if (!scope.workspaceId) throw new Error('a context needs a workspace');
    const actor: Actor =
      'permissions' in scope.actor ? (scope.actor as Actor) : { ...scope.actor, permissions: new Set() };
    const { workspaceId, requestId, origin = serverOrigin } = scope;
    return this.#context({ workspaceId, actor, requestId, origin });
  }

  #context(scope: Scope): Context {
    return {
      ...this.#parts(scope),
      ...scope,
      transaction: (work) => this.#transaction(scope, work),
      vault: () => this.keyring.vault(scope.workspaceId),
      as: (actor, requestId = scope.requestId) => this.#context({ ...scope, actor, requestId }),
    };
  }

  #parts(scope?: Scope) {
    const { config, clock, metrics } = this;
    const log = scope
      ? this.log.child({ workspace_id: scope.workspaceId, request_id: scope.requestId })
      : this.log;
    return { config, clock, metrics, log, use: <T>(port: Port<T>) => this.use(port) };
  }

  systemContext(): SystemContext {
    return {
      ...this.#parts(),
      system: (work) => this.database.asSystem(work),
      workspace: (workspaceId, actor = systemActor, requestId = newId(), origin = serverOrigin) =>
        this.#context({ workspaceId, actor, requestId, origin }),
      transactionIn: async (workspaceId, work, actor = systemActor) => {
        const scope = { workspaceId, actor, requestId: newId(), origin: serverOrigin };
        await unlessGone(this.#transaction(scope, work));
      },
    };
  }

  /**
   * A transaction across workspaces; the jobs that it asks for belong to none, and start only if it commits.
   * @param told the workspaces in whose logs and audits something may be written; one that it makes, by its keys
   */
  async systemTransaction<T>(
    work: (
      queries: Queries,
      enqueue: <Input>(job: JobDefinition<Input, 'system'>, input: Input) => void,
      tell: Tell,
    ) => Promise<T>,
    told: Iterable<string | Vault> = [],
  ): Promise<T> {
    const gathered = newGathered();
    const vaults = new Map<string, Vault>();
    for (const one of told) {
      const vault = typeof one === 'string' ? await this.keyring.vault(one) : one;
      vaults.set(vault.workspaceId, vault);
    }
    const result = await this.database.asSystem(async (queries) => {
      const done = await work(
        queries,
        (job, input) => {
          const envelope = { workspaceId: null, actor: systemActor, requestId: newId(), input };
          gathered.jobs.push({ job: job as never, envelope, options: {} });
        },
        (scope, definition, payload) => {
          if (this.#subscriptions.has(definition.type))
            throw new Error(`jobs wait for ${definition.type}: append it within its workspace`);
          gatherEvent(gathered, { requestId: newId(), ...scope }, definition, payload);
        },
      );
      await this.#flush(queries, vaults, gathered);
      return done;
    });
    this.#committed(gathered);
    return result;
  }

  async #transaction<T>(scope: Scope, work: (tx: TransactionContext) => Promise<T>): Promise<T> {
    let result: T;
    const gathered = newGathered();
    const vault = await this.keyring.vault(scope.workspaceId);
    await this.database.inWorkspace(scope.workspaceId, async (queries) => {
      result = await work(this.#enter(scope, queries, vault, gathered));
      await this.#flush(queries, new Map([[scope.workspaceId, vault]]), gathered);
    });
    this.#committed(gathered);
    // biome-ignore lint/style/noNonNullAssertion: assigned before the transaction resolved
    return result!;
  }

  async runInTransaction(
    scope: { workspaceId: string },
    work: (enter: (envelope: Envelope) => TransactionContext) => Promise<void>,
    settle: (queries: Queries) => Promise<void>,
  ): Promise<void> {
    const gathered = newGathered();
    const vault = await this.keyring.vault(scope.workspaceId);
    await this.database.inWorkspace(scope.workspaceId, async (queries) => {
      await work((envelope) =>
        this.#enter(
          {
            workspaceId: scope.workspaceId,
            actor: { ...envelope.actor, permissions: new Set() },
            requestId: envelope.requestId,
            origin: jobOrigin,
          },
          queries,
          vault,
          gathered,
        ),
      );
      await this.#flush(queries, new Map([[scope.workspaceId, vault]]), gathered, settle);
    });
    this.#committed(gathered);
  }

  #enter(scope: Scope, queries: Queries, vault: Vault, gathered: Gathered): TransactionContext {
    const tx: TransactionContext = {
      ...this.#parts(scope),
      ...scope,
      transaction: (work) => work(tx),
      vault: async () => vault,
      as: (actor, requestId = scope.requestId) =>
        this.#enter({ ...scope, actor, requestId }, queries, vault, gathered),
      get drizzle() {
        return queries.drizzle;
      },
      sql: (statement, values) => queries.sql(statement, values),
      last: (statement, values) => queries.last(statement, values),
      append: (definition, payload) => {
        gatherEvent(gathered, scope, definition, payload);
        for (const subscription of this.#subscriptions.get(definition.type) ?? []) {
          subscription.enqueue(tx, payload as never);
        }
      },
      enqueue: (job, input, options = {}) => {
        const { workspaceId, requestId } = scope;
        const actor = { kind: scope.actor.kind, id: scope.actor.id };
        gathered.jobs.push({
          job: job as never,
          envelope: { workspaceId, actor, requestId, input },
          options,
        });
      },
      afterCommit: (action) => gathered.afterCommit.push(action),
      seal: (plain, place) => vault.seal(plain, place),
      open: (sealed, place) => vault.open(sealed, place),
      openText: (sealed, place) => vault.openText(sealed, place),
    };
    return tx;
  }

  async #flush(
    queries: Queries,
    /** By workspace; of those in which something was done. */
    vaults: ReadonlyMap<string, Vault>,
    gathered: Gathered,
    settle?: (queries: Queries) => Promise<void>,
  ): Promise<void> {
    const now = this.clock.date();
    // Always in the same order: the ends of their chains are locked.
    for (const workspaceId of [...gathered.events.keys()].sort()) {
      const { events, audited } = gathered.events.get(workspaceId) as GatheredEvents;
      const vault = vaults.get(workspaceId);
      if (!vault) throw new Error('an event was appended in a workspace that this transaction is not of');
      if (audited.length > 0) {
        // Here, at the end: the lock on the end of the chain is held for the least time, and taken after every other.
        const transaction = { queries, workspaceId, vault };
        events.push(...(await this.use(auditTrail).write(transaction, audited, now)));
      }
      appendEvents(queries, workspaceId, events, now);
    }
    if (gathered.jobs.length === 0 && !settle) return;
    queries.last(asOwner);
    if (gathered.jobs.length > 0) await this.queue.insert(queries, gathered.jobs);
    await settle?.(queries);
  }

  #committed(gathered: Gathered): void {
    if (gathered.events.size > 0) this.events.committed();
    const due: string[] = [];
    for (const { job, options } of gathered.jobs) {
      if (options.startAfter) this.queue.wakeAt(job.name, options.startAfter);
      else due.push(job.name);
    }
    this.queue.wake(due);
    for (const action of gathered.afterCommit) {
      try {
        action();
      } catch (error) {
        this.log.error({ err: error }, 'something after a commit failed');
      }
    }
  }

  /** Enqueues in a system transaction: the journal's batch, which spans workspaces. The caller wakes the queue. */
  async enqueueAsOwner(queries: Queries, jobs: readonly PendingJob[]): Promise<void> {
    queries.last(asOwner);
    await this.queue.insert(queries, jobs);
  }

  refused(jobName: string, jobId: string, data: unknown): void {
    this.#refusals.note(jobName, jobId, data);
  }

  async close(): Promise<void> {
    await this.queue.stop();
    await this.#refusals.settled();
    await this.events.close();
    await this.bus.close();
    await this.database.close();
  }
}

const asOwner = { name: 'as_owner', text: "select set_config('role', 'none', true)" };

function newGathered(): Gathered {
  return { events: new Map(), jobs: [], afterCommit: [] };
}

function gatherEvent<Payload>(
  gathered: Gathered,
  scope: { workspaceId: string; actor: ActorReference; requestId: string; origin: Origin },
  definition: EventDefinition<Payload>,
  payload: Payload,
): void {
  const { workspaceId, actor, requestId, origin } = scope;
  const { type, audit: rule } = definition;
  const parsed = definition.payload.parse(payload);
  const event = { id: newId(), type, payload: parsed, actor, requestId };
  let group = gathered.events.get(workspaceId);
  if (!group) {
    group = { events: [], audited: [] };
    gathered.events.set(workspaceId, group);
  }
  group.events.push(event);
  if (rule && (rule.when?.(parsed) ?? true))
    group.audited.push({ event, rule: rule as AuditedEvent['rule'], origin });
}
