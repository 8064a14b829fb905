// What the design system needs once, around everything: the one tooltip, and the one place of toasts.
import type { ReactNode } from 'react';
import { TipHost } from './tip-host.tsx';
import { ToastHost } from './toast-host.tsx';

export function UiProvider({ children }: { children: ReactNode }) {
  return (
    <>
      {children}
      <TipHost />
      <ToastHost />
    </>
  );
}
