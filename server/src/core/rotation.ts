// Rotation of the workspaces' data keys: wraps them with the present secret, signs with it the jobs that wait, announces new
// versions, seals every value anew in bounded batches, and destroys the versions that nothing uses any more. May be stopped
// at any moment: how far it came is read from the values themselves, which carry the version that they were sealed with.
import { setTimeout as pause } from 'node:timers/promises';
import { systemActor } from './context.ts';
import { CryptoError } from './crypto.ts';
import { databaseErrorCode, ParleyError } from './errors.ts';
import { newId } from './identifiers.ts';
import type { Kernel } from './kernel.ts';
import { cacheMs } from './keyring.ts';

/** A column whose values are sealed. Modules list theirs; a test finds those that are in no list. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The columns that name a row, and that `place` is made of. */
  readonly key: readonly string[];
  /** The place that a row's value is sealed for; key columns come as text. */
  readonly place: (row: Readonly<Record<string, string>>) => string;
}

/** A column whose values are sealed with a key of the installation, and stay: they outlive the secret that they were sealed with. */
export interface InstallationColumn extends SealedColumn {
  /** That its vault is made for; see `installationVault`. */
  readonly purpose: string;
}

/** The core's own. */
export const coreSealedColumns: readonly SealedColumn[] = [
  {
    table: 'idempotency_keys',
    column: 'response',
    key: ['key_hash'],
    place: (row) => `idempotency_keys.response:${row.key_hash}`,
  },
];

export interface RotationOptions {
  /** Between announcing a version and sealing with it: longer than any process keeps opened keys. */
  readonly announceMs: number;
  /** Between sealing with a version and destroying those before it: longer than any transaction and any cache. */
  readonly settleMs: number;
  readonly batchSize?: number;
  /** Sealed anew with the present secret first. */
  readonly installation?: readonly InstallationColumn[];
  /** Stops between two batches. */
  readonly signal?: AbortSignal;
  readonly progress?: (sentence: string) => void;
}

export interface RotationReport {
  /** Whether it came to its end; false when it was stopped. */
  readonly finished: boolean;
  /** Data keys that an older secret had wrapped. */
  readonly rewrapped: number;
  /** Workspaces that got a new version, now or by the run that this one goes on with. */
  readonly workspaces: number;
  readonly resealed: number;
  /** Values that could not be opened; their workspaces keep their older versions. */
  readonly unreadable: number;
  readonly versionsDestroyed: number;
}

/** How long to wait, by who else works on the same data meanwhile. */
export const rotationWaits = {
  /** Other processes: each keeps opened keys for a while. */
  processes: { announceMs: cacheMs + 15_000, settleMs: cacheMs + 75_000 },
  /** This one: it forgets its opened keys at once, and only what already runs may hold older ones. */
  requests: { announceMs: 5000, settleMs: 65_000 },
  nobody: { announceMs: 0, settleMs: 0 },
} as const;

class Stopped extends Error {}

/** @throws ParleyError when a data key was wrapped by a secret that is not configured */
export async function rotateKeys(
  kernel: Kernel,
  columns: readonly SealedColumn[],
  options: RotationOptions,
): Promise<RotationReport> {
  const say = options.progress ?? (() => undefined);
  const report = { rewrapped: 0, workspaces: 0, resealed: 0, unreadable: 0, versionsDestroyed: 0 };
  try {
    report.rewrapped = await rewrap(kernel);
    say(`${report.rewrapped} data keys were wrapped anew with the present secret.`);
    say(`${await kernel.queue.signAnew()} waiting jobs were signed anew with it.`);
    for (const column of options.installation ?? [])
      await resealInstallation(kernel, column, options, report);
    const announced = await kernel.keyring.announceVersions(options.announceMs);
    if (announced === 0) say('Going on with the rotation that was begun earlier.');
    const versions = await openVersions(kernel);
    report.workspaces = versions.length;
    await waitUntil(kernel, 0, 'Every process learns the new keys', options);
    for (const { workspaceId } of versions) kernel.keyring.changed(workspaceId);

    for (const { workspaceId } of versions) await resealAll(kernel, workspaceId, columns, options, report);
    say(`${report.resealed} values were sealed anew.`);
    await waitUntil(kernel, options.settleMs, 'What runs with the older keys comes to its end', options);
    for (const { workspaceId, newest } of versions) {
      const unreadable = await resealAll(kernel, workspaceId, columns, options, report);
      report.unreadable += unreadable;
      if (unreadable > 0) continue;
      await kernel.keyring.destroy(workspaceId, newest);
      report.versionsDestroyed += 1;
    }
    return { finished: true, ...report };
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, ...report };
    throw error;
  }
}

async function rewrap(kernel: Kernel): Promise<number> {
  try {
    return await kernel.keyring.rewrapAll();
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw new ParleyError({
      status: 409,
      code: 'wrong_secret',
      message:
        'A data key was wrapped by a secret that is not configured: set PARLEY_PREVIOUS_SECRET to the secret before this one.',
      cause,
    });
  }
}

/** The workspaces whose rotation is not finished, with their newest version. */
async function openVersions(kernel: Kernel): Promise<{ workspaceId: string; newest: number }[]> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string; newest: number }>(
      `select workspace_id, max(version) as newest from workspace_keys
       group by workspace_id having count(*) > 1 order by workspace_id`,
    ),
  );
  return rows.map((row) => ({ workspaceId: row.workspace_id, newest: Number(row.newest) }));
}

/** Waits until the announced versions have been the current ones for `afterMs`, by the database's clock. */
async function waitUntil(
  kernel: Kernel,
  afterMs: number,
  why: string,
  { signal, progress }: RotationOptions,
): Promise<void> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ wait: number | null }>(
      `select (extract(epoch from max(current_from) - now()) * 1000)::float8 as wait from workspace_keys
       where workspace_id in (select workspace_id from workspace_keys group by workspace_id having count(*) > 1)`,
    ),
  );
  const waitMs = row?.wait == null ? 0 : Number(row.wait) + afterMs;
  if (waitMs > 1000) progress?.(`${why}: ${Math.ceil(waitMs / 1000)} s.`);
  if (signal?.aborted) throw new Stopped();
  if (waitMs <= 0) return;
  await pause(Math.ceil(waitMs), undefined, signal ? { signal } : {}).catch(() => {
    throw new Stopped();
  });
}

/** Seals anew what is sealed with an older version. Returns how many values could not be opened. */
async function resealAll(
  kernel: Kernel,
  workspaceId: string,
  columns: readonly SealedColumn[],
  options: RotationOptions,
  report: { resealed: number },
): Promise<number> {
  let unreadable = 0;
  for (const column of columns) {
    let after: readonly string[] | null = null;
    do {
      if (options.signal?.aborted) throw new Stopped();
      const batch: Batch = await again(() => resealBatch(kernel, workspaceId, column, after, options));
      report.resealed += batch.resealed;
      unreadable += batch.unreadable;
      after = batch.last;
    } while (after);
  }
  return unreadable;
}

/** Seals anew what an older secret sealed. What neither opens is left as it is. */
async function resealInstallation(
  kernel: Kernel,
  { table, column, key, place, purpose }: InstallationColumn,
  { batchSize = batchSizeUsual, signal }: RotationOptions,
  report: { resealed: number; unreadable: number },
): Promise<void> {
  const vault = kernel.installationVault(purpose);
  const version = Buffer.alloc(4);
  version.writeUInt32BE(vault.currentVersion);
  const names = key.map((name) => `${name}::text as ${name}`).join(', ');
  let after: string[] | null = null;
  do {
    if (signal?.aborted) throw new Stopped();
    const beyond: string = after ? `and (${key.join(', ')}) > (${parameters(key, 2)})` : '';
    const values: unknown[] = [version, ...(after ?? [])];
    after = await kernel.database.asSystem(async (queries) => {
      const rows = await queries.sql<Record<string, string> & { sealed: Uint8Array }>(
        `select ${names}, ${column} as sealed from ${table}
         where substring(${column} from 2 for 4) <> $1::bytea ${beyond}
         order by ${key.map((name) => `${table}.${name}`).join(', ')} limit ${batchSize} for update`,
        values,
      );
      for (const row of rows) {
        const opened = openOrNull(() => vault.open(row.sealed, place(row)));
        report[opened ? 'resealed' : 'unreadable'] += 1;
        if (!opened) continue;
        await queries.sql(
          `update ${table} set ${column} = $1 where (${key.join(', ')}) = (${parameters(key, 2)})`,
          [vault.seal(opened, place(row)), ...key.map((name) => row[name])],
        );
      }
      const last = rows.length === batchSize ? rows.at(-1) : undefined;
      return last ? key.map((name) => last[name] as string) : null;
    });
  } while (after);
}

const parameters = (names: readonly string[], first: number) =>
  names.map((_, index) => `$${index + first}`).join(', ');

interface Batch {
  readonly resealed: number;
  readonly unreadable: number;
  /** The key of the last row that was looked at; null when there are no more. */
  readonly last: readonly string[] | null;
}

const batchSizeUsual = 100;

async function resealBatch(
  kernel: Kernel,
  workspaceId: string,
  { table, column, key, place }: SealedColumn,
  after: readonly string[] | null,
  { batchSize = batchSizeUsual }: RotationOptions,
): Promise<Batch> {
  const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
  const version = Buffer.alloc(4);
  version.writeUInt32BE((await ctx.vault()).currentVersion);
  const beyond = after
    ? `and (${key.join(', ')}) > (${key.map((_, index) => `$${index + 3}`).join(', ')})`
    : '';
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<Record<string, string> & { sealed: Uint8Array }>(
      // Bytes 2 to 5 of a sealed value are its key version, big-endian.
      `select ${key.map((name) => `${name}::text as ${name}`).join(', ')}, ${column} as sealed from ${table}
       where workspace_id = $1 and substring(${column} from 2 for 4) < $2::bytea ${beyond}
       order by ${key.map((name) => `${table}.${name}`).join(', ')} limit ${batchSize} for update`,
      [workspaceId, version, ...(after ?? [])],
    );
    let unreadable = 0;
    for (const row of rows) {
      const values = key.map((name) => row[name] as string);
      const opened = openOrNull(() => tx.open(row.sealed, place(row)));
      if (!opened) {
        unreadable += 1;
        continue;
      }
      await tx.sql(
        `update ${table} set ${column} = $2 where workspace_id = $1 and (${key.join(', ')}) = (${key.map((_, index) => `$${index + 3}`).join(', ')})`,
        [workspaceId, tx.seal(opened, place(row)), ...values],
      );
    }
    const last = rows.length === batchSize ? rows.at(-1) : undefined;
    return {
      resealed: rows.length - unreadable,
      unreadable,
      last: last ? key.map((name) => last[name] as string) : null,
    };
  });
}

function openOrNull(open: () => Buffer): Buffer | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

const deadlock = '40P01';

/** Traffic locks the same rows in its own order; when PostgreSQL breaks the tie against us, the batch runs again. */
async function again<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (databaseErrorCode(error) !== deadlock || attempt === 5) throw error;
    }
  }
}
