// Asks for the code by text of a sign-in, and for another one when a minute has passed.
import type { SecondStepCode } from '@parley/contract/second-factor';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { smsFactorTexts } from './sms-factor-texts.ts';
import { useSecondsUntil } from './use-seconds-until.ts';

interface SecondStepSmsProps {
  /** What a refusal is called. */
  explain: (error: unknown) => string;
}

export function SecondStepSms({ explain }: SecondStepSmsProps) {
  const texts = useTexts(smsFactorTexts);
  const [sent, setSent] = useState<{ endsIn: string; resendAt: string } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const wait = useSecondsUntil(sent?.resendAt);
  const send = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const code = await api.post<SecondStepCode>('/api/auth/sign-in/second-factor-code', {});
      const resendAt = new Date(Date.now() + code.resendSeconds * 1000).toISOString();
      setSent({ endsIn: code.endsIn, resendAt });
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="mb-4 flex flex-col items-start gap-2">
      <p role="status" className="text-meta text-text-muted empty:hidden">
        {sent && texts.sentTo(sent.endsIn)}
      </p>
      <Button busy={busy} disabled={wait > 0} onClick={() => void send()}>
        {sent === null ? texts.send : wait > 0 ? texts.againIn(wait) : texts.again}
      </Button>
      <p role="alert" className="text-danger-text text-meta empty:hidden">
        {problem}
      </p>
    </div>
  );
}
