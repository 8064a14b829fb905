// Whether the window has room for one pane more.
import { useCallback, useSyncExternalStore } from 'react';

/** @param widthPx the window must be wider than this. */
export function useWide(widthPx = 1024): boolean {
  const query = `(width > ${widthPx}px)`;
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
