// The frame of every page that is read from top to bottom: a head that stays, and a column of text width.
import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { usePageTitle } from '../lib/page-title.ts';

export interface PageProps {
  title: string;
  /** The way back, over the title. */
  above?: ReactNode;
  /** One sentence on what this place is for. */
  description?: ReactNode;
  /** Buttons at the end of the head. */
  actions?: ReactNode;
  /** `text` for forms, `wide` for tables. */
  width?: 'text' | 'wide';
  children: ReactNode;
}

export function Page({ title, above, description, actions, width = 'text', children }: PageProps) {
  usePageTitle(title);
  const column = clsx('mx-auto w-full px-6 phone:px-4', width === 'text' ? 'max-w-184' : 'max-w-260');
  return (
    // What stands absolutely within it scrolls with it, and makes nothing around it taller.
    <div className="relative h-full overflow-y-auto bg-surface">
      <div className={clsx(column, 'flex flex-wrap items-start justify-between gap-4 pt-8 pb-5 phone:pt-5')}>
        <div className="min-w-0 flex-1 basis-72">
          {above}
          <h1 className="font-semibold text-heading">{title}</h1>
          {description && <p className="mt-1 max-w-measure text-text-muted">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      <div className={clsx(column, 'pb-16')}>{children}</div>
    </div>
  );
}

export interface SectionProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a page, under a hairline. */
export function Section({ title, description, actions, children }: SectionProps) {
  return (
    <section className="border-line border-t py-6 first:border-0 first:pt-0">
      <div className="mb-4 flex items-start justify-between gap-3 phone:flex-wrap">
        <div className="min-w-0">
          <h2 className="font-semibold text-title">{title}</h2>
          {description && <p className="mt-0.5 max-w-measure text-text-muted">{description}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
