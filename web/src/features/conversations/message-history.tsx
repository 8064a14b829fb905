// A message's life, behind its ticks: every state that the provider told, every attempt, what it cost.
import type { MessageDetail } from '@parley/contract/messages';
import { useQuery } from '@tanstack/react-query';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { messageOptions } from './queries.ts';
import { statusTexts } from './texts-status.ts';

export function History({ id }: { id: string }) {
  const texts = useTexts(statusTexts);
  const format = useFormat();
  const { data, isError } = useQuery(messageOptions(id));
  if (isError) return <p>{texts.historyFailed}</p>;
  if (!data) {
    return (
      <div className="flex flex-col gap-2">
        <Skeleton className="h-3.5 w-3/5" />
        <Skeleton className="h-3.5 w-4/5" />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col gap-1.5">
        {data.events.map((event) => (
          <li key={event.id} className="flex items-baseline gap-2">
            <span className="min-w-0 grow">
              <span className="font-medium">{texts[event.status]}</span>{' '}
              <span className="text-text-muted">
                {texts[event.source]}
                {event.status === 'unknown' && ` ${texts.providerSays(event.providerStatus)}`}
                {event.errorCode && ` · ${event.errorCode}`}
              </span>
            </span>
            <Moment at={event.occurredAt} />
          </li>
        ))}
      </ol>
      {data.attempts.length > 1 && (
        <ol className="flex flex-col gap-1.5 border-line border-t pt-2">
          {data.attempts.map((attempt) => (
            <li key={attempt.number} className="flex items-baseline gap-2">
              <span className="grow">
                <span className="font-medium">{texts.attempt(attempt.number)}</span>{' '}
                <span className="text-text-muted">
                  {attempt.state === 'unknown' ? texts.uncertain : texts[attempt.state]}
                </span>
              </span>
              <Moment at={attempt.startedAt ?? attempt.requestedAt} />
            </li>
          ))}
        </ol>
      )}
      <Figures message={data} />
      <p className="truncate text-text-muted text-tiny">{format.exact(data.createdAt)}</p>
    </div>
  );
}

function Moment({ at }: { at: string }) {
  const format = useFormat();
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'medium' });
  return (
    <time dateTime={at} title={format.exact(at)} className="shrink-0 text-text-muted">
      {time.format(new Date(at))}
    </time>
  );
}

function Figures({ message }: { message: MessageDetail }) {
  const texts = useTexts(statusTexts);
  const format = useFormat();
  const { price, segments, encoding, providerId } = message;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 border-line border-t pt-2" data-figures>
      <dt className="text-text-muted">{encoding}</dt>
      <dd>{texts.segments(segments)}</dd>
      <dt className="text-text-muted">{texts.price}</dt>
      <dd>{price ? format.money(Math.abs(price.micros), price.currency) : texts.priceUnknown}</dd>
      {providerId && (
        <>
          <dt className="text-text-muted">{texts.providerId}</dt>
          <dd className="break-all font-mono text-tiny">{providerId}</dd>
        </>
      )}
    </dl>
  );
}
