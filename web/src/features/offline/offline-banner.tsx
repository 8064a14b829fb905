// Says above everything when the network is away, and what happens to what is written meanwhile.
import { clsx } from 'clsx';
import { CircleAlert, CloudOff, LoaderCircle } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useNetwork } from '../../lib/offline/network.ts';
import { useOutbox } from '../../lib/offline/outbox.ts';
import { useTexts } from '../../lib/texts.ts';
import { useCountInWords } from './count-waiting.ts';
import { offlineTexts } from './texts.ts';

const RefusedDialog = lazy(async () => ({ default: (await import('./refused-dialog.tsx')).RefusedDialog }));

/** What is sent within that time is not worth a word. */
const quietMs = 2500;

export function OfflineBanner() {
  const texts = useTexts(offlineTexts);
  const inWords = useCountInWords();
  const network = useNetwork();
  const entries = useOutbox();
  const [looking, setLooking] = useState(false);
  const refused = entries.filter(({ state }) => state === 'refused');
  const waiting = entries.filter(({ state }) => state !== 'refused');
  const isSlow = useLonger(waiting.length > 0, quietMs);

  return (
    <>
      <div role="status" className="empty:hidden">
        {network !== 'online' && (
          <Line tone="warning" icon={<CloudOff size={16} aria-hidden="true" />}>
            {network === 'offline'
              ? waiting.length === 0
                ? texts.offline
                : texts.offlineWaiting(inWords(waiting), waiting.length)
              : waiting.length === 0
                ? texts.unreachable
                : texts.unreachableWaiting(inWords(waiting), waiting.length)}
          </Line>
        )}
        {network === 'online' && isSlow && waiting.length > 0 && (
          <Line tone="info" icon={<LoaderCircle size={16} aria-hidden="true" className="animate-spin" />}>
            {texts.sending(inWords(waiting))}
          </Line>
        )}
        {refused.length > 0 && (
          <Line tone="danger" icon={<CircleAlert size={16} aria-hidden="true" />}>
            {texts.refused(inWords(refused), refused.length)}{' '}
            <button
              type="button"
              onClick={() => setLooking(true)}
              className="font-medium underline underline-offset-2 phone:min-h-11"
            >
              {texts.look}
            </button>
          </Line>
        )}
      </div>
      {looking && (
        <Suspense>
          <RefusedDialog onClose={() => setLooking(false)} />
        </Suspense>
      )}
    </>
  );
}

const tones = {
  warning: 'bg-warning-soft text-warning-text',
  info: 'bg-info-soft text-info-text',
  danger: 'bg-danger-soft text-danger-text',
} as const;

function Line({ tone, icon, children }: { tone: keyof typeof tones; icon: ReactNode; children: ReactNode }) {
  return (
    <div className={clsx('flex items-center justify-center gap-2 px-4 py-1.5 text-meta', tones[tone])}>
      <span className="shrink-0">{icon}</span>
      <p>{children}</p>
    </div>
  );
}

/** Whether something has held for a while. */
function useLonger(holds: boolean, durationMs: number): boolean {
  const [isLonger, setLonger] = useState(false);
  useEffect(() => {
    if (!holds) return setLonger(false);
    const timer = setTimeout(() => setLonger(true), durationMs);
    return () => clearTimeout(timer);
  }, [holds, durationMs]);
  return isLonger;
}
