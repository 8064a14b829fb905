// The name of what is looked at, in the browser's tab and for a screen reader.
import { useEffect } from 'react';
import { create } from 'zustand';

/** What the page that was gone to is called; null on the first one, which the browser names itself. */
export const useArrival = create<{ readonly title: string | null }>(() => ({ title: null }));

let last: string | null = null;

/** @param title null: what stands within says it */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    document.title = title ? `${title} · Parley` : 'Parley';
    if (last !== null && title !== last) useArrival.setState({ title });
    last = title;
  }, [title]);
}
