// Whether the server can be reached, as far as this screen knows; and what happens when it can be reached again.
import type { QueryClient } from '@tanstack/react-query';
import { create } from 'zustand';
import { api, NetworkError } from '../api.ts';

/** `offline`: the device has no network. `unreachable`: it has one, and nobody answers. */
export type Network = 'online' | 'offline' | 'unreachable';

const useNetworkStore = create<{ network: Network }>(() => ({
  network: navigator.onLine ? 'online' : 'offline',
}));

export const useNetwork = (): Network => useNetworkStore(({ network }) => network);

/** Told when the server can be reached again. @returns stops listening */
export const onBackOnline = (listener: () => void): (() => void) =>
  useNetworkStore.subscribe((now, before) => {
    if (now.network === 'online' && before.network !== 'online') listener();
  });

const noticeListeners = new Set<(reached: boolean) => void>();
const notice = (reached: boolean) => {
  for (const listener of [...noticeListeners]) listener(reached);
};

/** A call came to nothing: for calls that are not queries, which are watched. */
export const noticeMiss = (): void => notice(false);

/** The server is there: for the socket, which may find it before anybody looks. */
export const noticeReached = (): void => notice(true);

const firstLookMs = 2000;
const lookMsMax = 15_000;

/** Follows the browser's word and what calls come to, and looks by itself while nobody answers. @returns stops */
export function watchNetwork(client: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = firstLookMs;

  const enter = (network: Network) => {
    const before = useNetworkStore.getState().network;
    clearTimeout(timer);
    if (network === 'unreachable') timer = setTimeout(() => void look(), waitMs);
    if (network === before) return;
    useNetworkStore.setState({ network });
    if (network !== 'online') return;
    waitMs = firstLookMs;
    // What happened meanwhile was not told to anybody here.
    void client.invalidateQueries();
  };
  const look = async () => {
    if (!navigator.onLine) return enter('offline');
    try {
      await api.get('/api/v1/health');
      enter('online');
    } catch (error) {
      waitMs = Math.min(lookMsMax, waitMs * 1.5);
      // Any answer is an answer.
      enter(error instanceof NetworkError ? 'unreachable' : 'online');
    }
  };

  const miss = () => enter(navigator.onLine ? 'unreachable' : 'offline');

  const stopListening = client.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated') return;
    if (event.action.type === 'success' && !event.action.manual) enter('online');
    const { action } = event;
    if ((action.type === 'error' || action.type === 'failed') && action.error instanceof NetworkError) miss();
  });
  const onNotice = (reached: boolean) => (reached ? enter('online') : miss());
  noticeListeners.add(onNotice);
  const onOnline = () => void look();
  const onOffline = () => enter('offline');
  window.addEventListener('online', onOnline);
  window.addEventListener('offline', onOffline);
  return () => {
    stopListening();
    noticeListeners.delete(onNotice);
    clearTimeout(timer);
    window.removeEventListener('online', onOnline);
    window.removeEventListener('offline', onOffline);
  };
}
