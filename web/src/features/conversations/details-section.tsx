// A titled part of the details, under a hairline.
import type { ReactNode } from 'react';

export function DetailsSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-line border-b px-4 py-4 last:border-0">
      <h3 className="mb-2 font-semibold text-meta">{title}</h3>
      {children}
    </section>
  );
}
