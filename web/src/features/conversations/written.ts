// What was written and not sent yet, by conversation: it survives a reload, and comes back when a sending is undone. It is
// its writer's alone, and gone from the device once they sign out or somebody else has signed in.
import { create } from 'zustand';
import { type PersistStorage, persist } from 'zustand/middleware';

export type ComposeTab = 'reply' | 'note';

interface Written {
  readonly reply: string;
  readonly note: string;
  readonly tab: ComposeTab;
  readonly changedAtMs: number;
}

interface WrittenState {
  /** Null: nobody has been here. */
  readonly userId: string | null;
  readonly byConversation: Readonly<Record<string, Written>>;
}

const nothing: Written = { reply: '', note: '', tab: 'reply', changedAtMs: 0 };
/** What nobody came back to for a month, and more than anybody has open, is let go. */
const ageMsMax = 30 * 24 * 3_600_000;
const countMax = 200;

const storageName = 'parley.written';
/** Typing must not wait for the disk. */
const writeAfterMs = 300;

type Stored = Parameters<PersistStorage<WrittenState>['setItem']>[1];

function readStored(name: string): Stored | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? 'null');
  } catch {
    return null;
  }
}

const hasNews = (state: WrittenState, stored: WrittenState | undefined): boolean =>
  Object.entries(state.byConversation).some(
    ([id, { changedAtMs }]) => (stored?.byConversation[id]?.changedAtMs ?? -1) < changedAtMs,
  );

/** The browser's storage, written a moment later, and at the latest when the page goes away. */
function lateStorage(): PersistStorage<WrittenState> {
  let pending: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: Stored | null = null;
  const flush = () => {
    clearTimeout(timer);
    if (pending === null || waiting === null) return;
    try {
      // What another tab wrote already is not written back to it: they would answer each other for ever.
      if (hasNews(waiting.state, readStored(pending)?.state)) {
        localStorage.setItem(pending, JSON.stringify(waiting));
      }
    } catch {
      // Full, or forbidden: what is written lives as long as the page.
    }
    pending = null;
  };
  window.addEventListener('pagehide', flush);
  document.addEventListener('visibilitychange', flush);
  return {
    getItem: readStored,
    setItem: (name, value) => {
      if (pending === null) timer = setTimeout(flush, writeAfterMs);
      pending = name;
      waiting = value;
    },
    removeItem: (name) => localStorage.removeItem(name),
  };
}

/** Of each conversation what was written last, in whichever tab. */
function merge(stored: unknown, current: WrittenState): WrittenState {
  const { userId = null, byConversation = {} } = (stored ?? {}) as Partial<WrittenState>;
  if (current.userId !== null && current.userId !== userId) return current;
  const merged: Record<string, Written> = { ...current.byConversation };
  for (const [id, written] of Object.entries(byConversation)) {
    if ((merged[id]?.changedAtMs ?? -1) < written.changedAtMs) merged[id] = written;
  }
  return { userId, byConversation: merged };
}

const useWrittenStore = create<WrittenState>()(
  persist((): WrittenState => ({ userId: null, byConversation: {} }), {
    name: storageName,
    version: 0,
    storage: lateStorage(),
    merge,
  }),
);

window.addEventListener('storage', ({ key }) => {
  if (key === storageName) void useWrittenStore.persist.rehydrate();
});

/** From now on what is written is this user's; what somebody else left is not shown to them. */
export function enterWritten(userId: string): void {
  if (useWrittenStore.getState().userId !== userId) begin(userId);
}

/** Takes all of it off this device. */
export function forgetWritten(): void {
  begin(null);
}

function begin(userId: string | null): void {
  useWrittenStore.setState({ userId, byConversation: {} });
  useWrittenStore.persist.clearStorage();
}

export const useWritten = (conversationId: string): Written =>
  useWrittenStore(({ byConversation }) => byConversation[conversationId] ?? nothing);

export function write(conversationId: string, change: Partial<Omit<Written, 'changedAtMs'>>): void {
  useWrittenStore.setState(({ byConversation }) => {
    const next = { ...(byConversation[conversationId] ?? nothing), ...change, changedAtMs: Date.now() };
    const kept = Object.entries({ ...byConversation, [conversationId]: next })
      .filter(
        ([, each]) =>
          (each.reply !== '' || each.note !== '') && next.changedAtMs - each.changedAtMs < ageMsMax,
      )
      .sort(([, one], [, other]) => other.changedAtMs - one.changedAtMs)
      .slice(0, countMax);
    // An empty note still says which tab was open, as long as the page is.
    return { byConversation: Object.fromEntries([...kept, [conversationId, next]]) };
  });
}

/** Puts a text back into the box, before whatever was written there meanwhile. */
export function takeBack(conversationId: string, text: string, tab: ComposeTab): void {
  const { byConversation } = useWrittenStore.getState();
  const there = byConversation[conversationId]?.[tab] ?? '';
  write(conversationId, { tab, [tab]: there.trim() === '' ? text : `${text}\n\n${there}` });
}
