// The demo's mails, which nobody sends: their links work from here.
import type { KeptMail } from '@parley/contract/tenancy';
import { useQuery } from '@tanstack/react-query';
import { Mail } from 'lucide-react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query.ts';
import { useTexts } from '../../lib/texts.ts';
import { Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { settingsTexts } from './settings-texts.ts';

/** No event tells of a mail: who has just asked for one in another window finds it here. */
const readAgainMs = 5000;

export function KeptMails() {
  const texts = useTexts(settingsTexts);
  return (
    <Section title={texts.mails} description={texts.mailsText}>
      <MailList />
    </Section>
  );
}

function MailList() {
  const texts = useTexts(settingsTexts);
  const mails = useQuery({
    queryKey: queryKeys.keptMails,
    queryFn: ({ signal }) => api.get<{ items: KeptMail[] }>('/api/v1/mails', { signal }),
    staleTime: 0,
    refetchInterval: readAgainMs,
  });
  if (mails.isPending) return <SkeletonRows rows={3} />;
  if (mails.isError) {
    return (
      <ErrorState error={mails.error} title={texts.mailsUnreadable} onRetry={() => void mails.refetch()} />
    );
  }
  const { items } = mails.data;
  if (items.length === 0) return <EmptyState icon={Mail} title={texts.noMails} text={texts.noMailsText} />;
  return (
    <ul className="flex flex-col gap-4">
      {items.map((mail) => (
        <li key={mail.id}>
          <article className="rounded-panel border border-line p-4">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <h3 className="font-medium">{mail.subject}</h3>
              <span className="text-meta text-text-muted">
                <Time at={mail.createdAt} show="distance" />
              </span>
            </div>
            <p className="text-meta text-text-muted">{texts.mailTo(mail.to)}</p>
            <p className="mt-3 max-w-measure whitespace-pre-wrap break-words">
              <Linked text={mail.text} />
            </p>
          </article>
        </li>
      ))}
    </ul>
  );
}

/** Only what leads to this Parley is a link. */
function Linked({ text }: { text: string }) {
  return text.split(/(https?:\/\/\S+)/).map((part, index) => {
    const isOurs = URL.canParse(part) && new URL(part).origin === location.origin;
    // The parts of one text never change places.
    const key = `${index}`;
    return isOurs ? (
      <a key={key} href={part} className="break-all text-accent-text underline">
        {part}
      </a>
    ) : (
      <span key={key}>{part}</span>
    );
  });
}
