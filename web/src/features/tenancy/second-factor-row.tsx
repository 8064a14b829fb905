// One kind of second factor in the settings: what it is, and what can be done with it.
import type { ReactNode } from 'react';

interface RowProps {
  title: string;
  text: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function FactorRow({ title, text, actions, children }: RowProps) {
  return (
    <div className="border-line border-b py-4 first:pt-0 last:border-0 last:pb-0">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h3 className="font-medium">{title}</h3>
          <div className="mt-0.5 text-meta text-text-muted">{text}</div>
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
