// Keeps the answers that a member reads every day on the device, so that the shell and the last conversations open without a
// network. What is kept is shown while the server is asked; it is never taken for fresh. Cleared at sign-out.
import { hashKey, type Query, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { queryKeys } from '../query.ts';
import { useScreen } from '../store.ts';
import {
  type OfflineDatabase,
  type OfflineScope,
  openOfflineDatabase,
  scopeName,
  settled,
} from './database.ts';

interface KeptAnswer {
  readonly scope: string;
  /** The query's hash. */
  readonly key: string;
  readonly group: string;
  readonly data: unknown;
  readonly updatedAtMs: number;
}

/** How many of a kind are kept, the newest ones; a kind that is not here is not kept. */
const countMax: Readonly<Record<string, number>> = {
  start: 1,
  me: 1,
  preferences: 1,
  members: 2,
  channels: 4,
  'inbox-counts': 1,
  'saved-views': 1,
  'quick-replies': 1,
  'conversations list': 12,
  'conversations one': 50,
  'conversations timeline': 50,
  'conversations consent': 50,
};
const ageMsMax = 14 * 24 * 3600 * 1000;
const writeAfterMs = 1000;
/** Who was here last: known before the server has been asked. */
const lastScopeName = 'parley.offline';

let readAge: (key: QueryKey) => Promise<number | null> = async () => null;

/** When what is kept of a query came from the server, in milliseconds since the Unix epoch; null: nothing is kept. */
export const keptAtMs = (key: QueryKey): Promise<number | null> => readAge(key);

let forgetAll: () => Promise<void> = async () => undefined;

/** Of a workspace that the user is no longer in nothing stays on the device. */
export const forgetAnswers = (): Promise<void> => forgetAll();

let enter: (scope: OfflineScope) => Promise<void> = async () => undefined;

/** From now on answers are this user's, in this workspace. */
export const enterKeptAnswers = (scope: OfflineScope): Promise<void> => enter(scope);

/** Called once, before anything is asked for. Whoever is found to be nobody any more leaves nothing behind. @returns stops */
export function keepAnswers(client: QueryClient): () => void {
  const cache = client.getQueryCache();
  const opening = openOfflineDatabase();
  const changed = new Set<Query>();
  /** When what was restored had come from the server: it is kept already. */
  const restored = new Map<string, number>();
  let scope = readLastScope();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const restore = async (query: Query) => {
    const database = await opening;
    if (!database || !scope) return;
    const { queryHash, queryKey } = query;
    const kept = await readAnswer(database, scopeName(scope), queryHash).catch(() => null);
    if (!kept || Date.now() - kept.updatedAtMs > ageMsMax) return;
    // The server was quicker.
    if (cache.get(queryHash) !== query || query.state.data !== undefined) return;
    restored.set(queryHash, kept.updatedAtMs);
    client.setQueryData(queryKey, kept.data, { updatedAt: kept.updatedAtMs });
    await client.invalidateQueries({ queryKey, exact: true, refetchType: 'none' });
  };
  const write = async () => {
    clearTimeout(timer);
    timer = undefined;
    const queries = [...changed];
    changed.clear();
    const database = await opening;
    if (!database || !scope || queries.length === 0) return;
    const name = scopeName(scope);
    const answers = queries
      .filter(({ state }) => state.data !== undefined)
      .map((query) => toAnswer(name, query));
    // A device that is full keeps less, and that is all.
    await writeAnswers(database, name, answers).catch(() => undefined);
  };

  const stopListening = cache.subscribe((event) => {
    const { query } = event;
    if (!(groupOf(query.queryKey) in countMax)) return;
    if (event.type === 'added') void restore(query);
    if (event.type !== 'updated' || event.action.type !== 'success') return;
    if (query.queryKey[0] === queryKeys.me[0] && query.state.data === null) return void forget();
    if (restored.get(query.queryHash) === query.state.dataUpdatedAt) return;
    changed.add(query);
    timer ??= setTimeout(() => void write(), writeAfterMs);
  });
  const forget = async () => {
    scope = null;
    changed.clear();
    restored.clear();
    localStorage.removeItem(lastScopeName);
    const database = await opening;
    if (database) await clearAnswers(database);
  };
  const onHidden = () => document.visibilityState === 'hidden' && void write();
  document.addEventListener('visibilitychange', onHidden);

  forgetAll = forget;
  readAge = async (key) => {
    const database = await opening;
    if (!database || !scope) return null;
    const kept = await readAnswer(database, scopeName(scope), hashKey(key)).catch(() => null);
    return kept?.updatedAtMs ?? null;
  };
  enter = async (next) => {
    const before = scope;
    scope = next;
    localStorage.setItem(lastScopeName, JSON.stringify(next));
    if (!before || before.userId === next.userId) return;
    // Somebody else's answers may be on the screen already.
    const database = await opening;
    if (database) await clearAnswers(database);
    location.reload();
  };
  return () => {
    stopListening();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onHidden);
  };
}

/** `['conversations', 'list', …]` → `conversations list` */
function groupOf(key: QueryKey): string {
  const [noun, which] = key;
  return noun === 'conversations' ? `${noun} ${String(which)}` : String(noun);
}

function toAnswer(scope: string, { queryHash, queryKey, state }: Query): KeptAnswer {
  return {
    scope,
    key: queryHash,
    group: groupOf(queryKey),
    data: firstPage(state.data),
    updatedAtMs: state.dataUpdatedAt,
  };
}

/** Of a list that was scrolled, its beginning. */
function firstPage(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('pages' in data) || !('pageParams' in data)) return data;
  const { pages, pageParams } = data as { pages: unknown[]; pageParams: unknown[] };
  return { pages: pages.slice(0, 1), pageParams: pageParams.slice(0, 1) };
}

function readLastScope(): OfflineScope | null {
  try {
    const last = JSON.parse(localStorage.getItem(lastScopeName) ?? 'null') as OfflineScope | null;
    // Another workspace may have been chosen since.
    return last && { ...last, workspaceId: useScreen.getState().workspaceId ?? last.workspaceId };
  } catch {
    return null;
  }
}

/** Whether somebody was signed in here when the app was left. */
export const knowsSomebody = (): boolean => readLastScope() !== null;

async function readAnswer(database: OfflineDatabase, scope: string, key: string): Promise<KeptAnswer | null> {
  const answers = database.transaction('answers').objectStore('answers');
  return ((await settled(answers.get([scope, key]))) as KeptAnswer | undefined) ?? null;
}

async function writeAnswers(
  database: OfflineDatabase,
  scope: string,
  answers: readonly KeptAnswer[],
): Promise<void> {
  const open = () => database.transaction('answers', 'readwrite').objectStore('answers');
  for (const answer of answers) await settled(open().put(answer));
  for (const group of new Set(answers.map((answer) => answer.group))) {
    const keys = await settled(
      database
        .transaction('answers')
        .objectStore('answers')
        .index('age')
        .getAllKeys(IDBKeyRange.bound([scope, group], [scope, group, []])),
    );
    // Oldest first.
    for (const key of keys.slice(0, -(countMax[group] ?? 0))) await settled(open().delete(key));
  }
}

async function clearAnswers(database: OfflineDatabase): Promise<void> {
  await settled(database.transaction('answers', 'readwrite').objectStore('answers').clear());
}
