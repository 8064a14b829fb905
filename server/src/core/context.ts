// Who acts, in which workspace, on what parts. Every door function takes one as its first argument.
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Vault } from './crypto.ts';
import type { Drizzle, Queries, Statement } from './database.ts';
import type { ActorReference, EventDefinition } from './events.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { EnqueueOptions, JobDefinition } from './queue.ts';

/** A named place for a part that the composition root fills: a provider, a registry of them. */
export interface Port<T> {
  readonly name: string;
  readonly type?: T;
}

export function definePort<T>(name: string): Port<T> {
  return { name };
}

export interface Actor extends ActorReference {
  /** What the actor may do; `system` may do everything. */
  readonly permissions: ReadonlySet<string>;
}

export const systemActor: Actor = { kind: 'system', id: null, permissions: new Set() };

/** Where what is done came from. Address and device are personal data: for the audit, and nothing else. */
export interface Origin {
  readonly via: 'http' | 'command' | 'job' | 'server';
  readonly address: string | null;
  /** See `describeDevice`. */
  readonly device: string | null;
  readonly sessionId: string | null;
}

/** The parts that do not change while the process runs. */
export interface Parts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** @throws Error when nothing was bound to the port. */
  use<T>(port: Port<T>): T;
}

export interface Context extends Parts {
  readonly workspaceId: string;
  readonly actor: Actor;
  /** One id from webhook to send. */
  readonly requestId: string;
  readonly origin: Origin;
  /** Runs work in one transaction of this workspace; inside a transaction, joins it. No network call belongs inside. */
  transaction<T>(work: (tx: TransactionContext) => Promise<T>): Promise<T>;
  /** The workspace's opened keys, for use outside a transaction. */
  vault(): Promise<Vault>;
  /** The same parts for the same workspace, acted by somebody else, or on behalf of another request. */
  as(actor: Actor, requestId?: string): Context;
}

export interface TransactionContext extends Context {
  as(actor: Actor, requestId?: string): TransactionContext;
  readonly drizzle: Drizzle;
  sql<Row>(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>;
  /** Sends a statement whose rows nobody wants: the commit waits for it, and its failure undoes everything. */
  last(statement: Statement | string, values?: readonly unknown[]): void;
  /** Appends an event, and enqueues the jobs of those who subscribed to it, when the work is done. */
  append<Payload>(event: EventDefinition<Payload>, payload: Payload): void;
  /** Enqueues a job that starts only if this transaction commits. */
  enqueue<Input>(job: JobDefinition<Input>, input: Input, options?: EnqueueOptions): void;
  /** For what may be lost: a wake-up, a count. */
  afterCommit(action: () => void): void;
  seal(plain: string | Uint8Array, place: string): Buffer;
  /** @throws CryptoError */
  open(sealed: Uint8Array, place: string): Buffer;
  /** @throws CryptoError */
  openText(sealed: Uint8Array, place: string): string;
}

/** For work that belongs to no single workspace: schedules, webhooks before their channel is known. */
export interface SystemContext extends Parts {
  /** One transaction across workspaces. Ids and states only: content needs a workspace's context. */
  system<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Enters one workspace. */
  workspace(workspaceId: string, actor?: Actor, requestId?: string, origin?: Origin): Context;
  /** One transaction of a workspace; nothing happens where it was erased meanwhile. */
  transactionIn(
    workspaceId: string,
    work: (tx: TransactionContext) => Promise<unknown>,
    actor?: Actor,
  ): Promise<void>;
}
