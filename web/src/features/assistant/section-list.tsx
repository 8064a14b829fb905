// The way to each section: a column beside it, or a page of its own on a phone.
import { ChevronRight } from 'lucide-react';
import { Link, NavLink } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { useSections } from './sections.tsx';
import { sectionTexts } from './texts-sections.ts';

export function SectionColumn() {
  const texts = useTexts(sectionTexts);
  const sections = useSections();
  return (
    <nav
      aria-label={texts.title}
      className="w-50 shrink-0 overflow-y-auto border-line border-r bg-surface px-2.5 pt-8 pb-6"
    >
      <p className="mb-3 px-2 font-semibold text-title">{texts.title}</p>
      <ul className="flex flex-col gap-0.5">
        {sections.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <NavLink
              to={`/assistant/${path}`}
              className="focus-inside flex h-8 items-center gap-2.5 rounded-control px-2 text-text-muted transition-colors duration-[120ms] hover:bg-surface-hover hover:text-text aria-[current=page]:bg-surface-selected aria-[current=page]:font-medium aria-[current=page]:text-accent-text"
            >
              <Icon size={16} aria-hidden="true" className="shrink-0" />
              <span className="truncate">{label}</span>
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function SectionList() {
  const texts = useTexts(sectionTexts);
  const sections = useSections();
  return (
    <nav aria-label={texts.title} className="-mx-4 border-line border-t">
      <ul>
        {sections.map(({ path, label, icon: Icon }) => (
          <li key={path} className="border-line border-b">
            <Link
              to={`/assistant/${path}`}
              className="focus-inside flex h-13 items-center gap-3 px-4 font-medium active:bg-surface-hover"
            >
              <Icon size={20} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-text-muted" />
              <span className="grow truncate">{label}</span>
              <ChevronRight size={18} aria-hidden="true" className="shrink-0 text-text-muted" />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
