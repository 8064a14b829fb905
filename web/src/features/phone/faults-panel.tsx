// What the carrier does wrong on request, each with what one will see Parley do about it.
import type { PhoneFaults } from '@parley/contract/phone';
import { TriangleAlert } from 'lucide-react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toastError } from '../../ui/toast.tsx';
import { useChangeFaults, useFaults } from './queries.ts';
import { phoneTexts } from './texts.ts';

export function FaultsPanel() {
  const texts = useTexts(phoneTexts);
  const canChange = useCan('messages:send');
  const { data: faults } = useFaults();
  const change = useChangeFaults(toastError);
  if (!faults) return null;

  const rows: readonly { name: keyof PhoneFaults; label: string; hint: string }[] = [
    { name: 'duplicate', label: texts.duplicate, hint: texts.duplicateHint },
    { name: 'late', label: texts.late, hint: texts.lateHint },
    { name: 'reordered', label: texts.reordered, hint: texts.reorderedHint },
    { name: 'lost', label: texts.lostReports, hint: texts.lostReportsHint },
    { name: 'refuse', label: texts.refuse, hint: texts.refuseHint },
  ];
  const count = Object.values(faults).filter(Boolean).length;

  return (
    <Popover
      label={texts.faults}
      side="top"
      align="center"
      className="w-80"
      trigger={
        <Button
          size="small"
          variant="bare"
          icon={TriangleAlert}
          className={count > 0 ? 'text-warning-text' : 'text-text-muted'}
        >
          {texts.faults}
          {count > 0 && <span data-figures>· {texts.faultsOn(count)}</span>}
        </Button>
      }
    >
      <p className="mb-3 text-meta text-text-muted">{texts.faultsIntro}</p>
      <div className="flex flex-col gap-3">
        {rows.map(({ name, label, hint }) => (
          <Switch
            key={name}
            label={label}
            hint={hint}
            checked={faults[name]}
            disabled={!canChange}
            onChange={(checked) => change.mutate({ ...faults, [name]: checked })}
          />
        ))}
      </div>
    </Popover>
  );
}
