// Gives the focus back to where it was when something over the page closes (Radix does so only for its own triggers).
import { useRef } from 'react';

export function useReturnFocus() {
  const returnTo = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      returnTo.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      const before = returnTo.current;
      const lasting = before instanceof HTMLElement && before.isConnected && before !== document.body;
      const target = lasting ? before : document.getElementById('main');
      target?.focus({ preventScroll: true });
    },
  };
}
