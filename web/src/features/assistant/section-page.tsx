// The frame of a section: its name, one sentence on it, and on a phone the way back to the list of them.
import { clsx } from 'clsx';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Page, type PageProps } from '../../ui/page.tsx';
import { assistantTexts } from './texts.ts';
import { sectionTexts } from './texts-sections.ts';

interface SectionPageProps extends PageProps {
  description: string;
}

export function SectionPage({ description, ...page }: SectionPageProps) {
  const texts = useTexts(assistantTexts);
  const { title } = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  return (
    <Page
      {...page}
      description={mayManage ? description : `${description} ${texts.mayNot}`}
      above={
        <BackLink to="/assistant" className="hidden phone:inline-flex">
          {title}
        </BackLink>
      }
    />
  );
}

interface BackLinkProps {
  to: string;
  children: ReactNode;
  className?: string;
}

/** To the list that something stands in. */
export function BackLink({ to, children, className = 'inline-flex' }: BackLinkProps) {
  return (
    <Link
      to={to}
      className={clsx(
        className,
        'relative items-center gap-1 text-meta text-text-muted after:absolute after:-inset-3.5 hover:text-text',
      )}
    >
      <ChevronLeft size={16} aria-hidden="true" />
      {children}
    </Link>
  );
}
