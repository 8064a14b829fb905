// What somebody should look at, until it is dismissed.
import type { SecurityAlert } from '@parley/contract/audit';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ShieldAlert } from 'lucide-react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { useActionWords } from './audit-names.ts';
import { auditTexts } from './audit-texts.ts';
import { useSecurityAlerts } from './security-queries.ts';

export function SecurityAlerts() {
  const texts = useTexts(auditTexts);
  const alerts = useSecurityAlerts();
  const items = alerts.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-label={texts.alerts} className="mb-6">
      <h2 className="mb-2 font-semibold text-title">{texts.alerts}</h2>
      <ul className="divide-y divide-line rounded-panel border border-line">
        {items.map((alert) => (
          <AlertRow key={alert.id} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

function AlertRow({ alert }: { alert: SecurityAlert }) {
  const texts = useTexts(auditTexts);
  const wordsOf = useActionWords();
  const client = useQueryClient();
  const dismissal = useMutation({
    mutationFn: () => api.put(`/api/v1/security-alerts/${alert.id}/dismissal`),
    onSuccess: () => toast({ text: texts.dismissed }),
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.securityAlerts }),
  });
  const words = wordsOf(alert.kind);
  return (
    <li className="flex items-center gap-3 px-3 py-2.5">
      <ShieldAlert size={18} aria-hidden="true" className="shrink-0 text-warning-text" />
      <div className="min-w-0 grow">
        <p className="font-medium">{words}</p>
        <p className="text-meta text-text-muted">
          {[alert.target.name, alert.times > 1 && texts.times(alert.times)].filter(Boolean).join(' · ')}
          {(alert.target.name || alert.times > 1) && ' · '}
          <Time at={alert.lastAt} />
        </p>
      </div>
      <Button
        size="small"
        aria-label={`${texts.dismiss}: ${words}`}
        busy={dismissal.isPending}
        onClick={() => dismissal.mutate()}
      >
        {texts.dismiss}
      </Button>
    </li>
  );
}
