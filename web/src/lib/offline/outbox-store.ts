// Where the outbox keeps what waits: the browser's database, or memory where a browser gives none.
import { type OfflineDatabase, settled } from './database.ts';
import type { StoredEntry } from './outbox-queue.ts';

export interface OutboxStore {
  readonly list: () => Promise<StoredEntry[]>;
  readonly put: (entry: StoredEntry) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

interface Row extends StoredEntry {
  readonly scope: string;
}

/** `scope` names the user and the workspace. */
export function databaseStore(database: OfflineDatabase, scope: string): OutboxStore {
  const open = (mode: IDBTransactionMode) => database.transaction('outbox', mode).objectStore('outbox');
  const write = async (request: (rows: IDBObjectStore) => IDBRequest): Promise<void> => {
    const rows = open('readwrite');
    const asked = request(rows);
    // Said at once: a page that goes away now would take with it what was not committed.
    rows.transaction.commit();
    await settled(asked);
  };
  return {
    list: async () => {
      const rows = (await settled(open('readonly').index('scope').getAll(scope))) as Row[];
      return rows.map(({ scope: _scope, ...entry }) => entry);
    },
    put: (entry) => write((rows) => rows.put({ ...entry, scope })),
    remove: (id) => write((rows) => rows.delete(id)),
  };
}

export function memoryStore(): OutboxStore {
  const entries = new Map<string, StoredEntry>();
  return {
    list: async () => [...entries.values()],
    put: async (entry) => {
      entries.set(entry.id, entry);
    },
    remove: async (id) => {
      entries.delete(id);
    },
  };
}

/** A store that is still being opened. */
export function lateStore(opening: Promise<OutboxStore>): OutboxStore {
  return {
    list: async () => (await opening).list(),
    put: async (entry) => (await opening).put(entry),
    remove: async (id) => (await opening).remove(id),
  };
}
