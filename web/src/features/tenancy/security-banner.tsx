// Says quietly above everything that something should be looked at; for those who may.
import { ShieldAlert } from 'lucide-react';
import { Link, useLocation } from 'react-router';
import { useTexts } from '../../lib/texts.ts';
import { useSecurityAlerts } from './security-queries.ts';
import { securityTexts } from './texts-security.ts';

export function SecurityBanner() {
  const texts = useTexts(securityTexts);
  const alerts = useSecurityAlerts();
  const { pathname, search } = useLocation();
  const count = alerts.data?.items.length ?? 0;
  const isThere = pathname === '/people' && new URLSearchParams(search).get('tab') === 'audit';
  return (
    <div role="status" className="empty:hidden">
      {count > 0 && !isThere && (
        <div className="flex items-center justify-center gap-2 bg-warning-soft px-4 py-1.5 text-meta text-warning-text">
          <ShieldAlert size={16} aria-hidden="true" className="shrink-0" />
          <p>
            {texts.alertsCount(count)}{' '}
            <Link
              to="/people?tab=audit"
              className="font-medium underline underline-offset-2 phone:inline-flex phone:min-h-11 phone:items-center"
            >
              {texts.look}
            </Link>
          </p>
        </div>
      )}
    </div>
  );
}
