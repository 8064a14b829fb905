// The second step of a sign-in: a code, or a passkey. Stands in the frame of the sign-in page.
import type { SecondStepAsked } from '@parley/contract/second-factor';
import { useState } from 'react';
import { ApiError, api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { canHavePasskeys, signInWithPasskey, wasGivenUp } from './passkey.ts';
import { SecondStepSms } from './second-step-sms.tsx';
import { secondStepTexts } from './second-step-texts.ts';
import { smsFactorTexts } from './sms-factor-texts.ts';

type Way = SecondStepAsked['ways'][number];

export interface SecondStepProps {
  ways: readonly Way[];
  onSignedIn: () => void;
  /** To the first step. */
  onBack: () => void;
  /** What a refusal that is none of the code's is called. */
  explain: (error: unknown) => string;
}

export function SecondStep({ ways, onSignedIn, onBack, explain }: SecondStepProps) {
  const texts = useTexts(secondStepTexts);
  const sms = useTexts(smsFactorTexts);
  const [way, setWay] = useState<Way>(ways[0] ?? 'backup_code');
  const [code, setCode] = useState('');
  const [remember, setRemember] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const attempt = async (work: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await work();
      onSignedIn();
    } catch (error) {
      setProblem(wasGivenUp(error) ? null : inWords(error));
      setBusy(false);
    }
  };
  const inWords = (error: unknown): string => {
    if (!(error instanceof ApiError)) return way === 'passkey' ? texts.passkeyFailed : explain(error);
    if (error.code === 'INVALID_CODE') return texts.wrongCode;
    if (error.code === 'SIGN_IN_AGAIN') return texts.tooLate;
    return way === 'passkey' ? texts.passkeyFailed : explain(error);
  };
  const choose = (next: Way) => {
    setWay(next);
    setCode('');
    setProblem(null);
  };
  const words: Readonly<Record<Way, { text: string; use: string }>> = {
    totp: { text: texts.totpText, use: texts.useTotp },
    backup_code: { text: texts.backupText, use: texts.useBackup },
    passkey: { text: texts.passkeyText, use: texts.usePasskey },
    sms: { text: sms.stepText, use: sms.useSms },
  };
  const others = ways.filter((other) => other !== way && (other !== 'passkey' || canHavePasskeys()));
  return (
    <>
      <p className="-mt-4 mb-6 text-text-muted">{words[way].text}</p>
      {way === 'passkey' ? (
        <>
          <Button
            variant="primary"
            busy={busy}
            className="h-9 w-full"
            onClick={() => void attempt(signInWithPasskey)}
          >
            {texts.usePasskey}
          </Button>
          {problem && (
            <p role="alert" className="mt-2 text-danger-text text-meta">
              {problem}
            </p>
          )}
        </>
      ) : (
        <>
          {way === 'sms' && <SecondStepSms explain={inWords} />}
          <Field
            key={way}
            label={way === 'backup_code' ? texts.backupCode : texts.code}
            error={problem}
            className="mb-4"
          >
            <Input
              inputMode={way === 'backup_code' ? 'text' : 'numeric'}
              autoComplete="one-time-code"
              autoCapitalize="none"
              spellCheck={false}
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.target.value)}
              className="h-9 font-mono"
            />
          </Field>
          <Checkbox className="mb-5" label={texts.remember} checked={remember} onChange={setRemember} />
          {/* Of a form that belongs to the page: Enter presses it. */}
          <Button
            type="submit"
            variant="primary"
            busy={busy}
            className="h-9 w-full"
            onClick={(event) => {
              event.preventDefault();
              if (code.trim() === '') return;
              void attempt(() =>
                api.post('/api/auth/sign-in/second-factor', { way, code, rememberDevice: remember }),
              );
            }}
          >
            {texts.continue}
          </Button>
        </>
      )}
      <div className="mt-4 -ml-2.5 flex flex-col items-start gap-1">
        {others.map((other) => (
          <Button key={other} variant="bare" size="small" onClick={() => choose(other)}>
            {words[other].use}
          </Button>
        ))}
        <Button variant="bare" size="small" onClick={onBack}>
          {texts.back}
        </Button>
      </div>
      <p className="mt-4 text-meta text-text-muted">{texts.lost}</p>
    </>
  );
}
