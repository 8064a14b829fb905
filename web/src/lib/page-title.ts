// The name of what is looked at, in the browser's tab and for a screen reader.
import { useEffect } from 'react';

/** @param title null: what stands within says it */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) document.title = title ? `${title} · Parley` : 'Parley';
  }, [title]);
}
