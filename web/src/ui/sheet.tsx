// A pane that slides in from an edge: details on a narrow screen, the phone, a menu on a handset.
import { type ReactNode, Suspense } from 'react';
import { SheetPanel, useEverOpen } from './floating.ts';

export interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** The title is there for a screen reader only. */
  titleHidden?: boolean;
  side?: 'right' | 'left' | 'bottom';
  children: ReactNode;
  className?: string;
}

export function Sheet(props: SheetProps) {
  if (!useEverOpen(props.open)) return null;
  return (
    <Suspense>
      <SheetPanel {...props} />
    </Suspense>
  );
}
