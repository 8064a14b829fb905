// The present, for what is shown relative to it: one timer for the whole screen.
import { useSyncExternalStore } from 'react';

const tickMs = 30_000;
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

const tick = () => {
  nowMs = Date.now();
  for (const listener of listeners) listener();
};

// One function for all renders: another one each time would end the subscription and begin it anew.
const subscribe = (listener: () => void) => {
  if (listeners.size === 0) {
    nowMs = Date.now();
    timer = setInterval(tick, tickMs);
    document.addEventListener('visibilitychange', tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
};

/** Milliseconds since the Unix epoch, renewed every half a minute. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}
