// Ways to sign in besides a password: by one's company, Google or Microsoft. Loaded where the server has any.
import type { SecondStepAsked } from '@parley/contract/second-factor';
import type { Start } from '@parley/contract/tenancy';
import { CircleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { otherWaysTexts } from '../features/account/other-ways-texts.ts';
import { ApiError, api } from '../lib/api.ts';
import { useTexts } from '../lib/texts.ts';
import { Button } from '../ui/button.tsx';

const problems = ['expired', 'email_unverified', 'not_invited', 'no_account', 'owner_links_first'] as const;
/** What stands in the address may be anything. */
const isProblem = (said: string): said is (typeof problems)[number] => problems.some((one) => one === said);

const stepWays: readonly SecondStepAsked['ways'][number][] = ['totp', 'passkey', 'sms', 'backup_code'];

/** What is asked for before somebody who came back is in. Taken out of the address: it is asked once. */
function takeSecondStep(): SecondStepAsked | null {
  const url = new URL(location.href);
  const said = url.searchParams.get('second-step')?.split('.');
  if (!said) return null;
  url.searchParams.delete('second-step');
  history.replaceState(history.state, '', url);
  return { secondFactor: true, ways: stepWays.filter((way) => said.includes(way)) };
}

export interface OtherWaysProps {
  ways: Start['signInWays'];
  /** What stands in the field of the address. */
  email: () => string;
  onAsked: (asked: SecondStepAsked) => void;
}

export function OtherWays({ ways, email, onAsked }: OtherWaysProps) {
  const texts = useTexts(otherWaysTexts);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(() => {
    const said = new URLSearchParams(location.search).get('problem');
    return said === null ? null : isProblem(said) ? texts[said] : texts.failed;
  });
  useEffect(() => {
    const asked = takeSecondStep();
    if (asked) onAsked(asked);
  }, [onAsked]);
  const go = async (way: OtherWaysProps['ways'][number]) => {
    const address = email().trim();
    if (way === 'company' && !address.includes('@')) return setProblem(texts.addressFirst);
    setBusy(way);
    setProblem(null);
    try {
      const body = way === 'company' ? { way, email: address } : { way };
      const { url } = await api.post<{ url: string }>('/api/v1/auth/sign-ins', body);
      location.assign(url);
    } catch (error) {
      const isUnknown = error instanceof ApiError && error.status === 404;
      setProblem(isUnknown ? texts.noCompany : texts.failed);
      setBusy(null);
    }
  };
  return (
    <div className="mt-4 flex flex-col gap-2 border-line border-t pt-4">
      {ways.map((way) => (
        <Button key={way} className="h-9 w-full" busy={busy === way} onClick={() => void go(way)}>
          {texts[way]}
        </Button>
      ))}
      {/* There from the beginning: what comes into it is read out. */}
      <p role="status" className="empty:hidden flex gap-1.5 text-danger-text text-meta">
        {problem && (
          <>
            <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
            {problem}
          </>
        )}
      </p>
    </div>
  );
}
