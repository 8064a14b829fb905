// What the member has besides the password: an app, backup codes, passkeys, devices that are not asked.
import type { BackupCodes, SecondFactor } from '@parley/contract/second-factor';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast, toastError } from '../../ui/toast.tsx';
import { BackupCodesOnce } from './backup-codes.tsx';
import { PasskeySettings } from './passkey-settings.tsx';
import { FactorRow } from './second-factor-row.tsx';
import { secondFactorTexts } from './second-factor-texts.ts';
import { TotpSetupDialog } from './totp-setup.tsx';

const fewCodes = 3;

export function SecondFactorSettings() {
  const texts = useTexts(secondFactorTexts);
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const found = useQuery({
    queryKey: queryKeys.secondFactor,
    queryFn: ({ signal }) => api.get<SecondFactor>('/api/v1/auth/second-factor', { signal }),
  });
  const changed = () => client.invalidateQueries({ queryKey: queryKeys.secondFactor });
  const show = (made: readonly string[] | null) => {
    setCodes(made);
    void changed();
  };
  if (found.isPending) return <SkeletonRows rows={3} />;
  if (found.isError)
    return <ErrorState error={found.error} title={texts.unreadable} onRetry={() => void found.refetch()} />;
  return (
    <div className="flex flex-col">
      <App since={found.data.totp?.since ?? null} onChanged={show} />
      <PasskeySettings passkeys={found.data.passkeys} onChanged={show} />
      {found.data.backupCodesLeft !== null && <Codes left={found.data.backupCodesLeft} onMade={show} />}
      {(found.data.totp || found.data.sms || found.data.passkeys.length > 0) && (
        <Devices devices={found.data.rememberedDevices} onChanged={() => void changed()} />
      )}
      {codes && <BackupCodesOnce codes={codes} onKept={() => setCodes(null)} />}
    </div>
  );
}

function App({ since, onChanged }: { since: string | null; onChanged: (codes: string[] | null) => void }) {
  const texts = useTexts(secondFactorTexts);
  const [dialog, setDialog] = useState<'set-up' | 'take-away' | null>(null);
  const close = () => setDialog(null);
  const takeAway = async () => {
    await api.delete('/api/v1/auth/totp');
    toast({ text: texts.takenAway, tone: 'success' });
    onChanged(null);
  };
  return (
    <FactorRow
      title={texts.app}
      text={
        since ? (
          <>
            {texts.appOn} <Time at={since} show="dayWithin" />
          </>
        ) : (
          texts.appOff
        )
      }
      actions={
        <>
          <Button onClick={() => setDialog('set-up')}>{since ? texts.replace : texts.setUp}</Button>
          {since && <Button onClick={() => setDialog('take-away')}>{texts.takeAway}</Button>}
        </>
      }
    >
      {dialog === 'set-up' && (
        <TotpSetupDialog
          onClose={close}
          onDone={(codes) => {
            close();
            onChanged(codes);
          }}
        />
      )}
      <ConfirmDialog
        open={dialog === 'take-away'}
        onOpenChange={(open) => !open && close()}
        danger
        title={texts.takeAwayTitle}
        text={texts.takeAwayText}
        actionLabel={texts.takeAway}
        onConfirm={takeAway}
      />
    </FactorRow>
  );
}

function Codes({ left, onMade }: { left: number; onMade: (codes: string[] | null) => void }) {
  const texts = useTexts(secondFactorTexts);
  const [asks, setAsks] = useState(false);
  const renew = async () => {
    const { codes } = await api.post<BackupCodes>('/api/v1/auth/backup-codes');
    onMade(codes);
  };
  return (
    <FactorRow
      title={texts.codes}
      text={
        <>
          {texts.codesText}
          <span className="mt-1.5 flex flex-wrap items-center gap-2">
            <Chip tone={left <= fewCodes ? 'warning' : 'neutral'}>{texts.codesLeft(left)}</Chip>
            {left <= fewCodes && texts.codesFew}
          </span>
        </>
      }
      actions={<Button onClick={() => setAsks(true)}>{texts.renew}</Button>}
    >
      <ConfirmDialog
        open={asks}
        onOpenChange={setAsks}
        title={texts.renewTitle}
        text={texts.renewText}
        actionLabel={texts.renew}
        onConfirm={renew}
      />
    </FactorRow>
  );
}

function Devices({
  devices,
  onChanged,
}: {
  devices: SecondFactor['rememberedDevices'];
  onChanged: () => void;
}) {
  const texts = useTexts(secondFactorTexts);
  const forget = useMutation({
    mutationFn: (id: string | null) =>
      api.delete(`/api/v1/auth/remembered-devices${id === null ? '' : `/${id}`}`),
    onSuccess: () => toast({ text: texts.forgotten, tone: 'success' }),
    onError: toastError,
    onSettled: onChanged,
  });
  return (
    <FactorRow
      title={texts.devices}
      text={devices.length === 0 ? texts.noDevices : texts.devicesText}
      actions={devices.length > 1 && <Button onClick={() => forget.mutate(null)}>{texts.forgetAll}</Button>}
    >
      {devices.length > 0 && (
        <ul aria-label={texts.devices} className="mt-2">
          {devices.map(({ id, device, expiresAt }) => (
            <li key={id} className="flex items-center gap-3 py-1.5">
              <span className="min-w-0 grow">
                {device ?? texts.unknownDevice}{' '}
                <span className="text-meta text-text-muted">
                  {texts.until} <Time at={expiresAt} show="dayWithin" />
                </span>
              </span>
              <Button size="small" onClick={() => forget.mutate(id)}>
                {texts.forget}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </FactorRow>
  );
}
