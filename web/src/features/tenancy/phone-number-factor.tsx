// Whether a code to a verified number is asked for at the sign-in.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import type { BackupCodes } from '@parley/contract/second-factor';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiPath, api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { Switch } from '../../ui/switch.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { BackupCodesOnce } from './backup-codes.tsx';
import { smsFactorTexts } from './sms-factor-texts.ts';

export function PhoneNumberFactor({ number }: { number: PhoneNumber }) {
  const texts = useTexts(smsFactorTexts);
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const path: ApiPath = `/api/v1/auth/phone-numbers/${number.id}/second-factor`;
  const change = useMutation({
    mutationFn: async (on: boolean) => (on ? api.put<BackupCodes>(path) : api.delete<null>(path)),
    onSuccess: (answer, on) => {
      setCodes(answer?.codes ?? null);
      toast({ text: on ? texts.chosen : texts.notChosen, tone: 'success' });
    },
    onError: toastError,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.phoneNumbers }),
        client.invalidateQueries({ queryKey: queryKeys.secondFactor }),
      ]),
  });
  return (
    <>
      <Switch
        className="mt-2 ml-8"
        label={texts.choose}
        hint={texts.chooseHint}
        checked={change.isPending ? change.variables : number.secondFactor}
        onChange={(on) => change.mutate(on)}
      />
      {codes && <BackupCodesOnce codes={codes} onKept={() => setCodes(null)} />}
    </>
  );
}
