// The browser's database for what must survive a reload without a network: the outbox, and answers that were read lately.
// It holds text of conversations on this device, and is cleared at sign-out.

export type OfflineDatabase = IDBDatabase;

/** Whose it is: what one user reads and writes in one workspace is nobody else's, not even on the same device. */
export interface OfflineScope {
  readonly userId: string;
  readonly workspaceId: string;
}

export const scopeName = ({ userId, workspaceId }: OfflineScope): string => `${userId}:${workspaceId}`;

const name = 'parley';
const version = 1;

/** Null where the browser gives no database (some private windows). */
export async function openOfflineDatabase(): Promise<OfflineDatabase | null> {
  if (typeof indexedDB === 'undefined') return null;
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    const database = request.result;
    database.createObjectStore('outbox', { keyPath: 'id' }).createIndex('scope', 'scope');
    database
      .createObjectStore('answers', { keyPath: ['scope', 'key'] })
      .createIndex('age', ['scope', 'group', 'updatedAtMs']);
  };
  try {
    const database = await settled(request);
    // A newer version in another tab must not wait for this one.
    database.onversionchange = () => database.close();
    return database;
  } catch {
    return null;
  }
}

/** A request's result. For a write: once the transaction holds it, so that nothing is said to be kept too early. */
export function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    const { transaction } = request;
    if (transaction?.mode === 'readwrite') {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    } else request.onsuccess = () => resolve(request.result);
  });
}
