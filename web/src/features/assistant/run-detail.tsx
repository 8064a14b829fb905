// One run: what it read, which models were asked and why, what it took, and what came of it.
import type { Run } from '@parley/contract/runs';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { buttonLook } from '../../ui/button.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { useRun } from '../conversations/queries.ts';
import { RunFacts } from '../conversations/run-facts.tsx';
import { RunState } from './run-state.tsx';
import { BackLink } from './section-page.tsx';
import { runTexts } from './texts-runs.ts';

export function RunDetail() {
  const { runId = '' } = useParams();
  const texts = useTexts(runTexts);
  const run = useRun(runId, true);
  const readsConversations = useCan('conversations:read');
  const back = <BackLink to="/assistant/runs">{texts.back}</BackLink>;
  if (!run.data) {
    return (
      <Page title={texts.back} above={back}>
        {run.isPending && <SkeletonRows rows={5} />}
        {run.isError && (
          <ErrorState error={run.error} title={texts.notFound} onRetry={() => void run.refetch()} />
        )}
      </Page>
    );
  }
  const { data } = run;
  const conversation = `/inbox/${data.conversationId}${data.messageId ? `?message=${data.messageId}` : ''}`;
  return (
    <Page
      title={formatPhone(data.contact) || texts.oneContact}
      above={back}
      description={
        <span className="flex flex-wrap items-center gap-2">
          <RunState run={data} />
          <Time at={data.startedAt} show="exact" />
        </span>
      }
      actions={
        readsConversations && (
          <Link to={conversation} className={buttonLook()}>
            {texts.conversation}
          </Link>
        )
      }
    >
      <Summary run={data} />
      <Section title={texts.why}>
        <RunFacts run={data} />
      </Section>
    </Page>
  );
}

function Summary({ run }: { run: Run }) {
  const texts = useTexts(runTexts);
  const format = useFormat();
  const { outcome, readMessageIds, errorCode, conversationId } = run;
  const meaning =
    outcome === 'superseded' || outcome === 'limited' || outcome === 'held_back'
      ? texts[`${outcome}Text`]
      : null;
  return (
    <div className="mb-6 flex flex-col gap-3">
      {meaning && <p className="max-w-measure">{meaning}</p>}
      <dl
        data-figures
        className="grid grid-cols-[9rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 phone:grid-cols-[7rem_minmax(0,1fr)]"
      >
        <Fact name={texts.read}>
          {texts.messages(readMessageIds.length, format.number(readMessageIds.length))}
        </Fact>
        {errorCode && (
          <Fact name={texts.error}>
            <code>{errorCode}</code>
          </Fact>
        )}
      </dl>
      <Link
        to={`/assistant/runs?conversation=${conversationId}`}
        className="relative self-start text-accent-text underline underline-offset-2 after:absolute after:-inset-3.5"
      >
        {texts.others}
      </Link>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
