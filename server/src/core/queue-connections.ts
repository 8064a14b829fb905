// How the job queue's statements reach the database: over connections of its own, or in a transaction that is open.
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Queries, Statement } from './database.ts';
import type { Logger } from './log.ts';

/** Connections of its own: what is fetched does not wait for what is worked off. */
export function openQueuePool(url: string, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    application_name: 'parley-queue',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', (error) => log.error({ err: error }, 'a connection of the job queue failed'));
  return pool;
}

export function onPool(pool: pg.Pool) {
  return {
    executeSql: (text: string, values?: unknown[]) => {
      // Only one command at a time can be prepared, and what has values is one.
      const statement = values?.length ? prepared(text) : text;
      return typeof statement === 'string'
        ? pool.query(statement, values)
        : pool.query({ ...statement, values });
    },
  };
}

export function inTransaction(queries: Queries) {
  return {
    executeSql: async (text: string, values?: unknown[]) => ({
      rows: await queries.sql(prepared(text), values),
    }),
  };
}

const statements = new Map<string, Statement>();
/** Several times as many as there are: should a new version write what differs into them, they fill no memory. */
const statementsMax = 1000;

/** The queue writes the same few long statements for each queue: as prepared ones they are planned once. */
export function prepared(text: string): Statement | string {
  const known = statements.get(text);
  if (known) return known;
  if (statements.size >= statementsMax) return text;
  const statement = { name: `queue_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`, text };
  statements.set(text, statement);
  return statement;
}
