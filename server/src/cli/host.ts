// Where a command runs: its parts from the running server, or opened in this process when they are first asked for.
import type { App } from '../app.ts';
import type { Config } from '../core/config.ts';
import { CryptoError } from '../core/crypto.ts';
import { type DataLock, lockDataFolder } from '../core/data-lock.ts';
import type { Database } from '../core/database.ts';
import { ParleyError } from '../core/errors.ts';
import type { Kernel } from '../core/kernel.ts';
import { createLogger, type Logger } from '../core/log.ts';
import { migrateUp } from '../core/migrations.ts';
import { type CommandHost, commandError } from './command.ts';
import type { Simulation } from './simulation.ts';

/** How the server's lock of the data folder names it. */
export const serverHolder = 'the server';

/** In the running server: what it has. */
export function serverHost(app: App, simulation: Simulation | null, signal: AbortSignal): CommandHost {
  const { config, database } = app.kernel;
  return {
    config,
    simulation,
    company: database.kind === 'postgres' ? 'processes' : 'requests',
    signal,
    database: async () => database,
    app: async () => app,
  };
}

export interface LocalHost extends CommandHost {
  close(): Promise<void>;
}

/** In a process of the command's own. The embedded database is locked while it is open. */
export function localHost(
  config: Config,
  signal: AbortSignal,
  holder: string,
  log: Logger = quietLogger(),
): LocalHost {
  let lock: Promise<DataLock> | undefined;
  let database: Promise<Database> | undefined;
  let app: Promise<App> | undefined;
  const open = async (): Promise<Database> => {
    if (!config.DATABASE_URL) {
      lock ??= lockDataFolder(config.PARLEY_DATA, holder);
      await lock;
    }
    const { openDatabase } = await import('../core/database.ts');
    return openDatabase({
      url: config.DATABASE_URL,
      dataDirectory: `${config.PARLEY_DATA}/database`,
      poolMax: config.DATABASE_POOL_MAX,
      onError: (error) => log.error({ err: error }, 'a database connection failed'),
    });
  };
  return {
    config,
    simulation: null,
    company: config.DATABASE_URL ? 'processes' : 'nobody',
    signal,
    database: () => {
      database ??= open();
      return database;
    },
    app: () => {
      app ??= (async () => {
        database ??= open();
        await migrateUp(await database);
        const { createApp, modules } = await import('../app.ts');
        // As an API that does not listen: it enqueues jobs and leaves the queue's upkeep to the servers.
        const opened = await createApp({
          config: { ...config, PARLEY_ROLE: 'api' },
          log,
          database: await database,
        });
        await opened.kernel.queue.start(
          modules.flatMap((module) => module.jobs ?? []).map((handler) => handler.job),
        );
        return opened;
      })();
      return app;
    },
    close: async () => {
      const ignore = () => undefined;
      const stopped = await app?.then((opened) => opened.stop().then(() => true), ignore);
      if (!stopped) await database?.then((opened) => opened.close()).catch(ignore);
      await lock?.then((held) => held.release(), ignore);
    },
  };
}

/** Only what went wrong, and not into the answer. */
function quietLogger(): Logger {
  return createLogger('error', { write: (line) => process.stderr.write(line) });
}

/** Whether the data can be opened with the present secret. @throws ParleyError in words that say what to do */
export async function checkSecret(kernel: Kernel): Promise<void> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>(
      'select distinct on (wrapper_id) workspace_id from workspace_keys order by wrapper_id, workspace_id',
    ),
  );
  for (const row of rows) {
    try {
      await kernel.keyring.vault(row.workspace_id);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      throw commandError('wrong_secret', wrongSecret(kernel.config), error);
    }
  }
}

function wrongSecret(config: Config): string {
  const where = config.PARLEY_SECRET ? 'PARLEY_SECRET' : `The secret in ${config.PARLEY_DATA}/secret`;
  return (
    `${where} is not the one that this data was encrypted with. Put the right one back; ` +
    'or, to change it, set PARLEY_SECRET to the new one and PARLEY_PREVIOUS_SECRET to the old one, and run "npm run parley -- rotate-keys".'
  );
}

/** A sentence for what keeps the app from being opened; the error itself when it is none of the known ones. */
export function explainOpening(error: unknown, config: Config): unknown {
  if (error instanceof ParleyError) return error;
  const chain: { code?: unknown; message?: unknown }[] = [];
  const walk = (current: unknown) => {
    if (!(current instanceof Error) || chain.length > 10) return;
    chain.push(current);
    walk(current.cause);
    if (current instanceof AggregateError) current.errors.forEach(walk);
  };
  walk(error);
  const codes = chain.map(({ code }) => code);
  const has = (...wanted: string[]) => codes.find((code) => wanted.includes(String(code)));
  const server = config.DATABASE_URL ? new URL(config.DATABASE_URL) : null;
  const unreachable = has(
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ECONNRESET',
  );
  if (server && (unreachable || chain.some(({ message }) => /timeout.*connect/i.test(String(message))))) {
    return commandError(
      'database_unreachable',
      `PostgreSQL at ${server.host} cannot be reached (${unreachable ?? 'no answer'}). Is it running, and is DATABASE_URL right?`,
      error,
    );
  }
  if (server && has('28P01', '28000', '3D000')) {
    return commandError(
      'database_refused',
      `PostgreSQL at ${server.host} refuses the user or has no such database (${has('28P01', '28000', '3D000')}). Look at DATABASE_URL.`,
      error,
    );
  }
  if (has('EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR')) {
    return commandError(
      'data_folder',
      `The data folder ${config.PARLEY_DATA} cannot be written to (${has('EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR')}). Choose another one with PARLEY_DATA, or mend its owner and mode.`,
      error,
    );
  }
  return error;
}
