// The frame of the pages that are seen before anybody has signed in.
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { Link } from 'react-router';
import { usePageTitle } from '../lib/page-title.ts';
import { Mark } from './mark.tsx';

export interface EntranceProps {
  title: string;
  /** What the tab is called; the title when absent. */
  pageTitle?: string;
  text: ReactNode;
  onSubmit: (form: FormData) => void;
  children: ReactNode;
}

export function Entrance({ title, pageTitle = title, text, onSubmit, children }: EntranceProps) {
  const headingId = useId();
  const form = useRef<HTMLFormElement>(null);
  const wrong = useRef<HTMLElement>(null);
  usePageTitle(pageTitle);
  // Whoever was refused goes on where it has to be mended.
  useEffect(() => {
    const before = wrong.current;
    wrong.current = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]') ?? null;
    if (!before) wrong.current?.focus();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <main className="grid h-full place-items-center overflow-y-auto p-6">
      <form ref={form} onSubmit={submit} aria-labelledby={headingId} className="w-full max-w-80">
        <Mark size={36} />
        <h1 id={headingId} className="mt-5 font-semibold text-heading">
          {title}
        </h1>
        <p className="mt-1 mb-6 text-text-muted">{text}</p>
        {children}
      </form>
    </main>
  );
}

/** A way on, large enough for a finger. */
export function EntranceLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <p className="mt-4 text-meta">
      <Link to={to} className="relative text-accent-text underline after:absolute after:-inset-3.5">
        {children}
      </Link>
    </p>
  );
}
