// An address that leads nowhere.
import { Compass } from 'lucide-react';
import { Link } from 'react-router';
import { usePageTitle } from '../lib/page-title.ts';
import { useTexts } from '../lib/texts.ts';
import { buttonLook } from '../ui/button.tsx';
import { EmptyState } from '../ui/states.tsx';
import { appTexts } from './texts.ts';

export function NotFoundPage() {
  const texts = useTexts(appTexts);
  usePageTitle(texts.notFoundTitle);
  return (
    <div className="grid h-full place-items-center bg-surface">
      <EmptyState
        icon={Compass}
        level={1}
        title={texts.notFoundTitle}
        text={texts.notFoundText}
        action={
          <Link to="/inbox" className={buttonLook('primary')}>
            {texts.toInbox}
          </Link>
        }
      />
    </div>
  );
}
