// One dialect, two engines: PostgreSQL in process (PGlite) when DATABASE_URL is empty, a server otherwise.
// Nothing runs outside a transaction, and every transaction says first whose rows it may see.
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Transaction as EmbeddedTransaction, PGlite } from '@electric-sql/pglite';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { databaseErrorCode } from './errors.ts';

export type Drizzle = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** A statement of a hot path: prepared once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * One open transaction. Statements that do not wait for one another travel together (PostgreSQL's pipeline mode) and
 * run in the order in which they were issued.
 */
export interface Queries {
  readonly drizzle: Drizzle;
  /** Runs SQL with `$1` parameters. With a Statement, its plan is kept by the connection. */
  sql<Row>(statement: Statement | string, values?: readonly unknown[]): Promise<Row[]>;
  /** Sends a statement whose rows nobody wants: the commit waits for it, and its failure undoes everything. */
  last(statement: Statement | string, values?: readonly unknown[]): void;
}

export interface Listener {
  close(): Promise<void>;
}

export interface Database {
  readonly kind: 'embedded' | 'postgres';
  /** As the application's role: sees and writes the rows of one workspace, and nothing without it. */
  inWorkspace<T>(workspaceId: string, work: (queries: Queries) => Promise<T>): Promise<T>;
  /** As the system role, across workspaces: finding a channel for a webhook, sequencing events, sign-in. */
  asSystem<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** As the owner of the schema: migrations and the job queue's own tables. */
  asOwner<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Runs several statements without parameters, outside a transaction. */
  execute(script: string): Promise<void>;
  /** LISTEN on a channel; `onNotify` is also called once after every reconnect. */
  listen(channel: string, onNotify: (payload: string) => void): Promise<Listener>;
  /** Tells other processes; never inside a transaction, where NOTIFY would make commits wait for one another. */
  notify(channel: string, payload: string): Promise<void>;
  /** A Drizzle handle that opens its own statements, for libraries that bring their own queries (sign-in). */
  readonly outer: Drizzle;
  /** The engine itself, for the job queue. */
  readonly engine: { kind: 'embedded'; pglite: PGlite } | { kind: 'postgres'; url: string };
  close(): Promise<void>;
}

/** Is a transaction open in this call chain? A second one would wait for the first for ever on one connection. */
const insideTransaction = new AsyncLocalStorage<true>();

function refuseNesting(): void {
  if (insideTransaction.getStore()) {
    throw new Error('a transaction was opened inside a transaction: use the one that is open');
  }
}

const rollbackMsMax = 2000;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// Every statement of ours finds few rows by an index. The planner of a young database, whose tables are small or unknown,
// rather reads them whole, and a connection keeps the plan of a prepared statement while they grow; and what it thinks
// costly it compiles, for several hundred milliseconds (https://www.postgresql.org/docs/15/jit-decision.html).
const planning = ['jit', 'enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'];

/** What a transaction sees. Inlined: it travels in one message with BEGIN, which takes no parameters. */
function scope(role: 'parley_app' | 'parley_system' | 'none', workspaceId: string | null): string {
  if (workspaceId !== null && !uuidPattern.test(workspaceId)) throw new Error('a workspace id is a UUID');
  return `select set_config('role', '${role}', true), set_config('app.workspace_id', '${workspaceId ?? ''}', true)`;
}

export interface DatabaseOptions {
  readonly url: string | undefined;
  /** Where the embedded database lives; `memory://` keeps nothing. */
  readonly dataDirectory: string;
  readonly poolMax: number;
  readonly onError: (error: unknown) => void;
  /** A prepared embedded database (tests). */
  readonly loadDataDir?: Blob;
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url ? openPostgres(options.url, options) : openEmbedded(options);
}

async function openEmbedded(options: DatabaseOptions): Promise<Database> {
  if (!options.dataDirectory.includes('://')) mkdirSync(options.dataDirectory, { recursive: true });
  // Loaded here, because a process on a server never needs it.
  const [{ PGlite: Engine }, { drizzle: drizzleEmbedded }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite'),
  ]);
  const pglite = await Engine.create({
    dataDir: options.dataDirectory,
    ...(options.loadDataDir ? { loadDataDir: options.loadDataDir } : {}),
  });
  await pglite.exec(planning.map((setting) => `set ${setting} = off`).join('; '));
  const wrap = (transaction: EmbeddedTransaction, pending: Promise<unknown>[], causes: Causes): Queries => {
    const sql = async <Row>(statement: Statement | string, values: readonly unknown[] = []) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      return (await causes.note(transaction.query<Row>(text, [...values]))).rows;
    };
    return {
      drizzle: drizzleEmbedded({ client: transaction as unknown as PGlite }) as unknown as Drizzle,
      sql,
      last: (statement, values) => void pending.push(handled(sql(statement, values))),
    };
  };
  const run = async <T>(
    role: Parameters<typeof scope>[0],
    workspaceId: string | null,
    work: (queries: Queries) => Promise<T>,
  ) => {
    refuseNesting();
    return pglite.transaction(async (transaction) => {
      await transaction.query(scope(role, workspaceId));
      const pending: Promise<unknown>[] = [];
      const causes = new Causes();
      try {
        const result = await insideTransaction.run(true, () => work(wrap(transaction, pending, causes)));
        await Promise.all(pending);
        return result;
      } catch (error) {
        throw causes.of(error);
      }
    }) as Promise<T>;
  };
  return {
    kind: 'embedded',
    inWorkspace: (workspaceId, work) => run('parley_app', workspaceId, work),
    asSystem: (work) => run('parley_system', null, work),
    asOwner: (work) => run('none', null, work),
    execute: async (script) => {
      await pglite.exec(script);
    },
    listen: async (channel, onNotify) => {
      const unsubscribe = await pglite.listen(channel, onNotify);
      return { close: () => unsubscribe() };
    },
    notify: async (channel, payload) => {
      await pglite.query('select pg_notify($1, $2)', [channel, payload]);
    },
    outer: drizzleEmbedded({ client: pglite }) as unknown as Drizzle,
    engine: { kind: 'embedded', pglite },
    close: () => pglite.close(),
  };
}

/** The address with which every connection of Parley is opened: it says how statements are planned. */
function connectionUrl(url: string): string {
  const connection = new URL(url);
  const given = connection.searchParams.get('options');
  const options = [...(given ? [given] : []), ...planning.map((setting) => `-c ${setting}=off`)];
  connection.searchParams.set('options', options.join(' '));
  return connection.href;
}

async function openPostgres(address: string, options: DatabaseOptions): Promise<Database> {
  const url = connectionUrl(address);
  const pool = new pg.Pool({
    connectionString: url,
    pipeline: true,
    max: options.poolMax,
    application_name: 'parley',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // A host that vanished in the middle of a transaction must not hold its locks until TCP notices.
    idle_in_transaction_session_timeout: 30_000,
  });
  pool.on('error', options.onError);
  // A connection can end between the pool handing it out and the caller listening; unheard, that ends the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });

  const run = async <T>(
    role: Parameters<typeof scope>[0],
    workspaceId: string | null,
    work: (queries: Queries) => Promise<T>,
  ) => {
    refuseNesting();
    const client = await pool.connect();
    let broken: Error | undefined;
    const onClientError = (error: Error) => {
      broken = error;
    };
    client.on('error', onClientError);
    const transaction = wrapClient(client);
    try {
      // Sent ahead of the first statement without waiting: should it fail, all that follow fail with it.
      const begun = transaction.begin(`begin isolation level read committed; ${scope(role, workspaceId)}`);
      const result = await insideTransaction.run(true, () => work(transaction.queries));
      const { command } = await transaction.commit();
      await begun;
      // PostgreSQL answers COMMIT with ROLLBACK when a statement failed and somebody swallowed the error.
      if (command !== 'COMMIT')
        throw new Error('a statement failed, so the whole transaction was rolled back');
      return result;
    } catch (error) {
      transaction.close();
      await rollBack(client).catch((rollbackError: Error) => {
        broken ??= rollbackError;
      });
      throw transaction.causes.of(error);
    } finally {
      client.removeListener('error', onClientError);
      client.release(broken);
    }
  };

  return {
    kind: 'postgres',
    inWorkspace: (workspaceId, work) => run('parley_app', workspaceId, work),
    asSystem: (work) => run('parley_system', null, work),
    asOwner: (work) => run('none', null, work),
    execute: async (script) => {
      await pool.query(script);
    },
    listen: (channel, onNotify) => listenPostgres(url, channel, onNotify, options.onError),
    notify: async (channel, payload) => {
      // What is lost with the server was a hint: it need not reach the disk.
      await pool.query("select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)", [
        channel,
        payload,
      ]);
    },
    outer: drizzlePostgres({ client: pool }) as unknown as Drizzle,
    engine: { kind: 'postgres', url },
    close: () => pool.end(),
  };
}

/** A ROLLBACK queues up behind a statement that hangs; the connection is given up then, and the server rolls back. */
async function rollBack(client: pg.PoolClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the connection does not answer')), rollbackMsMax);
  });
  await Promise.race([client.query('rollback'), late]).finally(() => clearTimeout(timer));
}

/** Marks a promise as one whose failure is looked at later. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

const transactionAborted = '25P02';

/** Why a transaction was aborted: the first statement that failed, where a later one only says that one did. */
class Causes {
  #first: unknown;

  note<T>(sent: Promise<T>): Promise<T> {
    sent.catch((error: unknown) => {
      this.#first ??= error;
    });
    return sent;
  }

  of(error: unknown): unknown {
    return databaseErrorCode(error) === transactionAborted ? (this.#first ?? error) : error;
  }
}

interface OpenTransaction {
  readonly queries: Queries;
  readonly causes: Causes;
  begin(statements: string): Promise<unknown>;
  /** Sends the commit, and waits for it and for every statement that nobody awaited. */
  commit(): Promise<pg.QueryResult>;
  /** From here on, a statement that comes late is refused: the connection may serve another workspace by then. */
  close(): void;
}

function wrapClient(client: pg.PoolClient): OpenTransaction {
  const pending: Promise<unknown>[] = [];
  const causes = new Causes();
  let drizzle: Drizzle | undefined;
  let closed = false;
  const send = (...parameters: unknown[]): Promise<pg.QueryResult> => {
    gatherWrites(client);
    const query = client.query as (...parameters: unknown[]) => Promise<pg.QueryResult>;
    return causes.note(query.apply(client, parameters));
  };
  const guarded = {
    query: (...parameters: unknown[]): Promise<pg.QueryResult> =>
      closed ? Promise.reject(new Error('the transaction is over')) : send(...parameters),
  };
  const query = (statement: Statement | string, values: readonly unknown[] = []) =>
    guarded.query(
      typeof statement === 'string'
        ? { text: statement, values }
        : { name: statement.name, text: statement.text, values },
    );
  return {
    causes,
    queries: {
      get drizzle() {
        drizzle ??= drizzlePostgres({ client: guarded as unknown as pg.PoolClient }) as unknown as Drizzle;
        return drizzle;
      },
      sql: async <Row>(statement: Statement | string, values?: readonly unknown[]) =>
        (await query(statement, values)).rows as Row[],
      last: (statement, values) => void pending.push(handled(query(statement, values))),
    },
    begin: (statements) => handled(send(statements)),
    commit: async () => {
      closed = true;
      const committed = handled(send('commit'));
      await Promise.all(pending);
      return committed;
    },
    close: () => {
      closed = true;
    },
  };
}

/** Statements that are issued in the same turn of the event loop go to the socket in one write. */
function gatherWrites(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** A connection of its own that listens, comes back after it dropped, and then says so by an empty payload. */
async function listenPostgres(
  url: string,
  channel: string,
  onNotify: (payload: string) => void,
  onError: (error: unknown) => void,
): Promise<Listener> {
  let closed = false;
  let current: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      application_name: 'parley-listen',
    });
    current = client;
    const lost = (error?: unknown) => {
      if (closed || current !== client) return;
      current = undefined;
      client.removeAllListeners();
      client.on('error', () => undefined);
      client.end().catch(() => undefined);
      if (error) onError(error);
      timer = setTimeout(() => void connect().catch(lost), 1000);
    };
    client.on('error', lost);
    client.on('end', () => lost());
    client.on('notification', (message) => onNotify(message.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen "${channel}"`);
    } catch (error) {
      lost(error);
      return;
    }
    onNotify('');
  };
  await connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      const client = current;
      current = undefined;
      client?.removeAllListeners();
      client?.on('error', () => undefined);
      await client?.end().catch(() => undefined);
    },
  };
}
