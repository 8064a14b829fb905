// Whether members have to have a second factor: for who manages the workspace, and has one.
import type { Workspace } from '@parley/contract/tenancy';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Section } from '../../ui/page.tsx';
import { Switch } from '../../ui/switch.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';
import { smsFactorTexts } from './sms-factor-texts.ts';

export function SecondFactorRule({ kept }: { kept: Workspace }) {
  const texts = useTexts(secondFactorTexts);
  const sms = useTexts(smsFactorTexts);
  const mayChange = useCan('workspace:manage');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (secondFactor: Workspace['secondFactor']) =>
      api.put<Workspace>('/api/v1/workspace/second-factor', { secondFactor }),
    onSuccess: (saved) => {
      client.setQueryData(queryKeys.workspace, saved);
      toast({
        text: saved.secondFactor === 'optional' ? texts.ruleOff : texts.ruleOn,
        tone: 'success',
      });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'no_second_factor')
        toast({ text: texts.ruleOwnFirst, tone: 'danger', durationMs: 10_000 });
      else toastError(error);
    },
  });
  const rule = change.isPending ? change.variables : kept.secondFactor;
  if (!mayChange) {
    return (
      <Section title={texts.ruleTitle}>
        <p className="text-text-muted">{rule === 'optional' ? texts.ruleIsOff : texts.ruleIsOn}</p>
      </Section>
    );
  }
  return (
    <Section title={texts.ruleTitle} description={texts.ruleText}>
      <Switch
        className="max-w-100"
        label={texts.rule}
        checked={rule !== 'optional'}
        onChange={(next) => change.mutate(next ? 'required' : 'optional')}
      />
      {rule !== 'optional' && (
        <Switch
          className="mt-4 max-w-100"
          label={sms.counts}
          hint={sms.countsHint}
          checked={rule === 'required'}
          onChange={(next) => change.mutate(next ? 'required' : 'required_without_sms')}
        />
      )}
    </Section>
  );
}
