// How a channel is doing, in plain words, and a test that says what to do.
import type { Channel, ChannelHealth, ChannelTest, Explanation } from '@parley/contract/channels';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toastError } from '../../ui/toast.tsx';
import { useFailureWords } from '../conversations/failure-words.ts';
import { useHealthWords } from './health-words.ts';
import { useChannelHealth } from './queries.ts';
import { channelsTexts } from './texts.ts';

export function ChannelHealthView({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  const mayManage = useCan('channels:manage');
  const health = useChannelHealth(channel.id);
  if (health.isPending) return <SkeletonRows rows={3} />;
  if (health.isError) return <ErrorState error={health.error} onRetry={() => void health.refetch()} />;
  return (
    <div className="flex flex-col gap-5">
      {health.data.explanation && <StandingProblem channel={channel} explanation={health.data.explanation} />}
      {!health.data.explanation && health.data.refusals.length === 0 && (
        <p className="flex gap-2 text-success-text">
          <CircleCheck size={20} aria-hidden="true" className="shrink-0" />
          {texts.allWell}
        </p>
      )}
      <Facts channel={channel} health={health.data} />
      <Refusals channel={channel} health={health.data} />
      {mayManage && <Test channel={channel} />}
    </div>
  );
}

/** Why nothing goes out on it, which a message would say too. */
function StandingProblem({ channel, explanation }: { channel: Channel; explanation: Explanation }) {
  return <Problem explanation={useFailureWords({ code: channel.statusCode ?? '', ...explanation })} />;
}

function Problem({
  explanation,
  tone = 'danger',
}: {
  explanation: Explanation;
  tone?: 'danger' | 'warning';
}) {
  return (
    <div
      className={`flex gap-3 rounded-control p-3 ${tone === 'danger' ? 'bg-danger-soft text-danger-text' : 'bg-warning-soft text-warning-text'}`}
    >
      <TriangleAlert size={20} aria-hidden="true" className="shrink-0" />
      <p>
        <span className="font-medium">{explanation.message}</span> {explanation.action}
      </p>
    </div>
  );
}

function Facts({ channel, health }: { channel: Channel; health: ChannelHealth }) {
  const texts = useTexts(channelsTexts);
  const format = useFormat();
  const moment = (at: string | null) => (at ? <Time at={at} show="distance" /> : texts.never);
  const breaker = {
    closed: texts.breakerClosed,
    open: texts.breakerOpen,
    half_open: texts.breakerHalf,
  }[health.breaker];
  const { reachable } = health.provider;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [texts.lastIn, moment(health.lastInboundAt)],
    [texts.lastOut, moment(health.lastOutboundAt)],
    [texts.waiting, format.number(health.deliveries.waiting)],
    [texts.failed, format.number(health.deliveries.failed)],
    [texts.breaker, breaker],
    [texts.provider, reachable === null ? texts.unknown : reachable ? texts.reachable : texts.unreachable],
    [
      texts.webhooks,
      <span key="webhooks" className="break-all">
        {texts.inbound}: <code>{channel.webhooks.inbound}</code>
        <br />
        {texts.status}: <code>{channel.webhooks.status}</code>
      </span>,
    ],
  ];
  return (
    <dl className="grid grid-cols-[minmax(8rem,14rem)_1fr] gap-x-4 gap-y-2 phone:grid-cols-1 phone:gap-y-0.5">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-text-muted">{name}</dt>
          <dd data-figures className="phone:mb-2">
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Refusals({ channel, health }: { channel: Channel; health: ChannelHealth }) {
  const texts = useTexts(channelsTexts);
  const words = useHealthWords(channel.webhooks.inbound);
  const format = useFormat();
  if (health.refusals.length === 0) return null;
  return (
    <section>
      <h3 className="font-semibold">{texts.refusals}</h3>
      <p className="mb-2 text-meta text-text-muted">{texts.refusalsText}</p>
      <ul className="flex flex-col gap-2">
        {health.refusals.map((refusal) => (
          <li key={`${refusal.hook} ${refusal.reason}`}>
            <Problem
              explanation={words(
                refusal.reason,
                refusal,
                refusal.hook === 'status' ? channel.webhooks.status : channel.webhooks.inbound,
              )}
              tone="warning"
            />
            <p data-figures className="mt-1 text-meta text-text-muted">
              {texts.times(format.number(refusal.count))} <Time at={refusal.lastAt} show="distance" />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Test({ channel }: { channel: Channel }) {
  const texts = useTexts(channelsTexts);
  const words = useHealthWords(channel.webhooks.inbound);
  const test = useMutation({
    mutationFn: () => api.post<ChannelTest>(`/api/v1/channels/${channel.id}/tests`),
    onError: toastError,
  });
  return (
    <div>
      <div className="flex flex-wrap items-center gap-3">
        <Button busy={test.isPending} onClick={() => test.mutate()}>
          {texts.test}
        </Button>
        <p className="text-meta text-text-muted">{texts.testText}</p>
      </div>
      <div role="status" className="mt-3 flex flex-col gap-2 empty:hidden">
        {test.data?.findings.map((finding) =>
          finding.level === 'ok' ? (
            <p key={finding.code} className="flex gap-2 text-success-text">
              <CircleCheck size={20} aria-hidden="true" className="shrink-0" />
              {words(finding.code, finding).message}
            </p>
          ) : (
            <Problem
              key={finding.code}
              explanation={words(finding.code, finding)}
              tone={finding.level === 'error' ? 'danger' : 'warning'}
            />
          ),
        )}
        {test.data?.findings.length === 0 && <p className="text-success-text">{texts.testOk}</p>}
      </div>
    </div>
  );
}
