// What most do not need to see: one line that opens it where it stands.
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';

export interface DisclosureProps {
  label: string;
  /** Opens it from outside; without it, it knows by itself. */
  open?: boolean;
  children: ReactNode;
}

export function Disclosure({ label, open, children }: DisclosureProps) {
  return (
    <details open={open} className="group">
      <summary className="inline-flex min-h-8 cursor-pointer select-none list-none items-center gap-1 rounded-small font-medium text-accent-text phone:min-h-11">
        <ChevronRight
          size={16}
          aria-hidden="true"
          className="-ml-1 transition-transform duration-[120ms] group-open:rotate-90"
        />
        {label}
      </summary>
      <div className="pt-2">{children}</div>
    </details>
  );
}
