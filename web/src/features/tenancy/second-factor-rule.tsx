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

export function SecondFactorRule({ kept }: { kept: Workspace }) {
  const texts = useTexts(secondFactorTexts);
  const mayChange = useCan('workspace:manage');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (isRequired: boolean) =>
      api.put<Workspace>('/api/v1/workspace/second-factor', {
        secondFactor: isRequired ? 'required' : 'optional',
      }),
    onSuccess: (saved) => {
      client.setQueryData(queryKeys.workspace, saved);
      toast({
        text: saved.secondFactor === 'required' ? texts.ruleOn : texts.ruleOff,
        tone: 'success',
      });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'no_second_factor')
        toast({ text: texts.ruleOwnFirst, tone: 'danger', durationMs: 10_000 });
      else toastError(error);
    },
  });
  return (
    <Section title={texts.ruleTitle} description={texts.ruleText}>
      <Switch
        label={texts.rule}
        checked={change.isPending ? change.variables : kept.secondFactor === 'required'}
        disabled={!mayChange}
        onChange={(next) => change.mutate(next)}
      />
    </Section>
  );
}
