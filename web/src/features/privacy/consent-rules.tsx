// Whom the assistant may answer: one rule for the workspace.
import type { ConsentRule, ConsentRuleSetting } from '@parley/contract/ai-consent';
import type { Assistant } from '@parley/contract/assistant';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toastError } from '../../ui/toast.tsx';
import { privacyKey } from './queries.ts';
import { privacyTexts } from './texts.ts';

const rules: readonly ConsentRule[] = ['ask_nobody', 'answer_unless_refused', 'only_with_consent'];
const queryKey = [...privacyKey, 'consent-rule'];

export function ConsentRules() {
  const texts = useTexts(privacyTexts);
  const mayManage = useCan('assistant:manage');
  const client = useQueryClient();
  const read = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await api.get<Assistant>('/api/v1/assistant', { signal })).consentRule,
  });
  const save = useMutation({
    mutationFn: (rule: ConsentRule) =>
      api.put<ConsentRuleSetting>('/api/v1/assistant/consent-rule', { rule }),
    onMutate: (rule) => client.setQueryData(queryKey, rule),
    onError: (error) => {
      toastError(error);
      void read.refetch();
    },
  });
  if (read.isPending) return <SkeletonRows rows={1} />;
  if (read.isError)
    return <ErrorState error={read.error} title={texts.unreadable} onRetry={() => void read.refetch()} />;
  return (
    <Select<ConsentRule>
      className="max-w-100"
      aria-label={texts.consent}
      value={read.data}
      disabled={!mayManage}
      options={rules.map((rule) => ({ value: rule, label: texts[rule] }))}
      onChange={(rule) => save.mutate(rule)}
    />
  );
}
