// What floats over the page (menus, popovers, dialogs, sheets, toasts) is loaded after the first page stands: nobody needs
// it in the first moment, and it is a third of the script.
import { useState } from 'react';
import { lazyPart } from '../lib/lazy-part.tsx';

export const DialogPanel = lazyPart(async () => (await import('./dialog-panel.tsx')).DialogPanel);
export const SheetPanel = lazyPart(async () => (await import('./sheet-panel.tsx')).SheetPanel);
export const MenuPanel = lazyPart(async () => (await import('./menu-panel.tsx')).MenuPanel);
export const PopoverPanel = lazyPart(async () => (await import('./popover-panel.tsx')).PopoverPanel);
export const ToastRegion = lazyPart(async () => (await import('./toast-region.tsx')).ToastRegion);

/** Whether it was open once: from then on it stays mounted, so that it can leave with its motion. */
export function useEverOpen(open: boolean): boolean {
  const [ever, setEver] = useState(open);
  if (open && !ever) setEver(true);
  return ever || open;
}
