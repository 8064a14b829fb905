// Where the toasts will be: nothing, until there is the first.
import { Suspense } from 'react';
import { ToastRegion, useEverOpen } from './floating.ts';
import { useToasts } from './toast.tsx';

export function ToastHost() {
  const some = useToasts((toasts) => toasts.shown.length > 0);
  if (!useEverOpen(some)) return null;
  return (
    <Suspense>
      <ToastRegion />
    </Suspense>
  );
}
