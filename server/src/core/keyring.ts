// The workspaces' data keys: made, opened, kept in memory for a while, rotated, destroyed.
import type { Bus } from './bus.ts';
import { CryptoError, KeysGoneError, type KeyWrapper, newDataKey, Vault } from './crypto.ts';
import type { Database, Queries } from './database.ts';

/** An opened key stays in memory no longer than this, so that a destroyed one is gone everywhere soon. */
export const cacheMs = 60_000;
const topic = 'keyring';

interface KeyRow {
  workspace_id: string;
  version: number;
  wrapped: Uint8Array;
  wrapper_id: string;
  current: boolean;
}

/** Two operators who rotate at once must not both announce. */
const announceLock = 7_266_532;

export class Keyring {
  readonly #database: Database;
  readonly #wrappers: readonly KeyWrapper[];
  readonly #bus: Bus;
  readonly #cache = new Map<string, { vault: Promise<Vault>; until: number }>();

  /** The first wrapper wraps new keys; the others only open what an older secret wrapped. */
  constructor(database: Database, wrappers: readonly KeyWrapper[], bus: Bus) {
    this.#database = database;
    this.#wrappers = wrappers;
    this.#bus = bus;
    bus.subscribe(topic, (workspaceId) => {
      if (workspaceId) this.#cache.delete(workspaceId);
      else this.#cache.clear();
    });
  }

  get #wrapper(): KeyWrapper {
    const [first] = this.#wrappers;
    if (!first) throw new CryptoError('no key-encryption key is configured');
    return first;
  }

  /** A workspace's opened keys. Call it before a transaction, never within. @throws CryptoError when they are gone */
  async vault(workspaceId: string): Promise<Vault> {
    const known = this.#cache.get(workspaceId);
    if (known && known.until > Date.now()) return known.vault;
    const vault = this.#load(workspaceId);
    const entry = { vault, until: Date.now() + cacheMs };
    this.#cache.set(workspaceId, entry);
    const drop = () => {
      if (this.#cache.get(workspaceId) === entry) this.#cache.delete(workspaceId);
    };
    vault.catch(drop);
    setTimeout(drop, cacheMs).unref();
    return vault;
  }

  /** Drops what this process holds opened, to see a version that another process made. */
  forget(workspaceId: string): void {
    this.#cache.delete(workspaceId);
  }

  async #load(workspaceId: string): Promise<Vault> {
    const rows = await this.#database.asSystem((queries) =>
      queries.sql<KeyRow>(
        'select *, current_from <= now() as current from workspace_keys where workspace_id = $1',
        [workspaceId],
      ),
    );
    if (rows.length === 0) throw new KeysGoneError('the keys of this workspace are gone');
    const keys = new Map<number, Buffer>();
    for (const row of rows) keys.set(row.version, await this.#unwrap(row));
    const current = Math.max(...rows.filter((row) => row.current).map((row) => row.version));
    return new Vault(workspaceId, keys, Number.isFinite(current) ? current : undefined);
  }

  async #unwrap(row: KeyRow): Promise<Buffer> {
    const wrapper = this.#wrappers.find((candidate) => candidate.id === row.wrapper_id);
    if (!wrapper) throw new CryptoError('PARLEY_SECRET is not the one that this data was encrypted with');
    return wrapper.unwrap(row.wrapped, row.workspace_id);
  }

  /**
   * The first key of a workspace that is about to be made, opened before there is one: what is told of it is sealed in the
   * transaction that makes it. Call `store` in that.
   */
  async first(workspaceId: string): Promise<{ vault: Vault; store: (queries: Queries) => Promise<void> }> {
    const key = newDataKey();
    const wrapped = await this.#wrapper.wrap(key, workspaceId);
    return {
      vault: new Vault(workspaceId, new Map([[1, key]])),
      store: async (queries) => {
        await queries.sql(
          'insert into workspace_keys (workspace_id, version, wrapped, wrapper_id) values ($1, 1, $2, $3)',
          [workspaceId, wrapped, this.#wrapper.id],
        );
      },
    };
  }

  /** Makes the next version of a workspace's key inside the caller's system transaction. */
  async addVersion(queries: Queries, workspaceId: string): Promise<number> {
    const wrapped = await this.#wrapper.wrap(newDataKey(), workspaceId);
    const [row] = await queries.sql<{ version: number }>(
      `insert into workspace_keys (workspace_id, version, wrapped, wrapper_id)
       select $1, coalesce(max(version), 0) + 1, $2, $3 from workspace_keys where workspace_id = $1
       returning version`,
      [workspaceId, wrapped, this.#wrapper.id],
    );
    if (!row) throw new CryptoError('no key was made');
    return row.version;
  }

  /**
   * Announces the next version of every workspace's key, all in one transaction: nothing is sealed with it before
   * `announceMs` have passed. Does nothing while a rotation is under way. Returns how many it announced.
   */
  async announceVersions(announceMs: number): Promise<number> {
    const newest = await this.#database.asSystem((queries) =>
      queries.sql<{ workspace_id: string; version: number }>(
        'select workspace_id, max(version) as version from workspace_keys group by workspace_id',
      ),
    );
    const wrapped: string[] = [];
    for (const row of newest) {
      wrapped.push((await this.#wrapper.wrap(newDataKey(), row.workspace_id)).toString('hex'));
    }
    const announced = await this.#database.asSystem(async (queries) => {
      await queries.sql('select pg_advisory_xact_lock($1)', [announceLock]);
      return queries.sql<{ workspace_id: string }>(
        `insert into workspace_keys (workspace_id, version, wrapped, wrapper_id, current_from)
         select a.workspace_id, a.version + 1, decode(a.wrapped, 'hex'), $4, now() + $5 * interval '1 millisecond'
         from unnest($1::uuid[], $2::int[], $3::text[]) as a(workspace_id, version, wrapped)
         join workspace_keys k on k.workspace_id = a.workspace_id and k.version = a.version
         where not exists (select 1 from workspace_keys group by workspace_id having count(*) > 1)
         returning workspace_id`,
        [
          newest.map((row) => row.workspace_id),
          newest.map((row) => row.version),
          wrapped,
          this.#wrapper.id,
          announceMs,
        ],
      );
    });
    for (const row of announced) this.changed(row.workspace_id);
    return announced.length;
  }

  /** Wraps every key again that an older secret wrapped. Can be stopped and called again. Returns how many. */
  async rewrapAll(): Promise<number> {
    const rows = await this.#database.asSystem((queries) =>
      queries.sql<KeyRow>('select * from workspace_keys where wrapper_id <> $1', [this.#wrapper.id]),
    );
    for (const row of rows) {
      const wrapped = await this.#wrapper.wrap(await this.#unwrap(row), row.workspace_id);
      await this.#database.asSystem((queries) =>
        queries.sql(
          'update workspace_keys set wrapped = $3, wrapper_id = $4 where workspace_id = $1 and version = $2',
          [row.workspace_id, row.version, wrapped, this.#wrapper.id],
        ),
      );
    }
    return rows.length;
  }

  /** Removes versions that nothing is sealed with any more, or all of them: then the content is unreadable for good. */
  async destroy(workspaceId: string, beforeVersion = Number.MAX_SAFE_INTEGER): Promise<void> {
    await this.#database.asSystem((queries) =>
      queries.sql('delete from workspace_keys where workspace_id = $1 and version < $2', [
        workspaceId,
        Math.min(beforeVersion, 2_147_483_647),
      ]),
    );
    this.changed(workspaceId);
  }

  /** Removes all of them in the caller's system transaction; call `changed` after its commit. */
  async destroyWithin(queries: Queries, workspaceId: string): Promise<void> {
    await queries.sql('delete from workspace_keys where workspace_id = $1', [workspaceId]);
  }

  /** Tells every process that a workspace's keys are other ones now. */
  changed(workspaceId: string): void {
    this.#bus.publish(topic, workspaceId);
  }
}
