// One shadow run: what was said then beside what would be said now, their differences marked, and the way to use it.
import type { ReadPassage } from '@parley/contract/runs';
import {
  type ShadowAnswer,
  type ShadowRun,
  type ShadowSide,
  type ShadowVerdict,
  shadowVerdict,
} from '@parley/contract/shadow-runs';
import { clsx } from 'clsx';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Page } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useCost } from '../conversations/cost.ts';
import { ownPieces } from './differences.ts';
import { BackLink } from './section-page.tsx';
import { useCancelShadowRun, useShadowAnswers, useShadowRun, useUseShadowRun } from './shadow-queries.ts';
import { useChangeNames } from './shadow-words.ts';
import { shadowTexts } from './texts-shadow.ts';

export function ShadowResult() {
  const { id = '' } = useParams();
  const texts = useTexts(shadowTexts);
  const run = useShadowRun(id);
  if (run.isPending) return <SkeletonRows rows={4} />;
  if (run.isError) {
    return <ErrorState error={run.error} title={texts.unreadable} onRetry={() => void run.refetch()} />;
  }
  return <Result run={run.data} />;
}

function Result({ run }: { run: ShadowRun }) {
  const texts = useTexts(shadowTexts);
  const format = useFormat();
  const cost = useCost();
  const mayManage = useCan('assistant:manage');
  const names = useChangeNames(run.changes);
  const cancel = useCancelShadowRun(run.id);
  const use = useUseShadowRun(run.id);
  const [asking, setAsking] = useState(false);
  const [verdict, setVerdict] = useState<ShadowVerdict | null>(null);
  const isRunning = run.state === 'running';
  const changesAnything = Object.keys(run.changes).length > 0;
  return (
    <Page
      title={names}
      description={texts.cost(cost(run.costMicros, texts.free))}
      above={<BackLink to="/assistant/shadow">{texts.back}</BackLink>}
      actions={
        mayManage &&
        changesAnything &&
        !isRunning &&
        (run.usedAt ? (
          <Chip tone="accent">{texts.used}</Chip>
        ) : (
          <Button variant="primary" onClick={() => setAsking(true)}>
            {texts.use}
          </Button>
        ))
      }
    >
      {isRunning && (
        <div className="mb-5 flex max-w-measure items-end gap-3">
          <div className="grow">
            <Progress
              value={run.done / run.total}
              label={texts.running(format.number(run.done), format.number(run.total))}
            />
          </div>
          {mayManage && (
            <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate()}>
              {texts.cancel}
            </Button>
          )}
        </div>
      )}
      <VerdictFilter run={run} chosen={verdict} onChoose={setVerdict} />
      <Pairs id={run.id} verdict={verdict} />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={texts.useTitle}
        text={`${texts.useText} (${names})`}
        actionLabel={texts.use}
        onConfirm={async () => {
          await use();
          toast({ text: texts.nowUsed, tone: 'success' });
        }}
      />
    </Page>
  );
}

const tones: Readonly<Record<ShadowVerdict, Tone>> = {
  same: 'neutral',
  differs: 'info',
  now_hands_over: 'warning',
  now_answers: 'success',
  failed: 'danger',
};

function useVerdictName(): (verdict: ShadowVerdict) => string {
  const texts = useTexts(shadowTexts);
  return (verdict) => (verdict === 'failed' ? texts.verdictFailed : texts[verdict]);
}

interface VerdictFilterProps {
  run: ShadowRun;
  chosen: ShadowVerdict | null;
  onChoose: (verdict: ShadowVerdict | null) => void;
}

function VerdictFilter({ run, chosen, onChoose }: VerdictFilterProps) {
  const texts = useTexts(shadowTexts);
  const format = useFormat();
  const nameOf = useVerdictName();
  const choices = [
    { verdict: null, name: texts.all, count: run.done },
    ...shadowVerdict.options
      .filter((verdict) => run.counts[verdict] > 0)
      .map((verdict) => ({ verdict, name: nameOf(verdict), count: run.counts[verdict] })),
  ];
  return (
    <fieldset className="mb-5 flex flex-wrap gap-2">
      <legend className="sr-only">{texts.result}</legend>
      {choices.map(({ verdict, name, count }) => (
        <Button
          key={name}
          size="small"
          aria-pressed={chosen === verdict}
          variant={chosen === verdict ? 'primary' : undefined}
          onClick={() => onChoose(verdict)}
        >
          {name} {format.number(count)}
        </Button>
      ))}
    </fieldset>
  );
}

function Pairs({ id, verdict }: { id: string; verdict: ShadowVerdict | null }) {
  const texts = useTexts(shadowTexts);
  const answers = useShadowAnswers(id, verdict);
  if (answers.isPending) return <SkeletonRows rows={4} />;
  if (answers.isError && !answers.data) {
    return (
      <ErrorState error={answers.error} title={texts.unreadable} onRetry={() => void answers.refetch()} />
    );
  }
  const items = answers.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <p className="text-text-muted">{texts.noPairs}</p>;
  return (
    <>
      <ol aria-label={texts.result} className="flex flex-col gap-4">
        {items.map((pair) => (
          <Pair key={pair.id} pair={pair} />
        ))}
      </ol>
      {answers.hasNextPage && (
        <Button
          className="mt-4"
          busy={answers.isFetchingNextPage}
          onClick={() => void answers.fetchNextPage()}
        >
          {texts.more}
        </Button>
      )}
    </>
  );
}

function Pair({ pair }: { pair: ShadowAnswer }) {
  const texts = useTexts(shadowTexts);
  const nameOf = useVerdictName();
  const { question, language, verdict, before, after, conversationId } = pair;
  const spoken = language === 'unknown' ? undefined : language;
  return (
    <li className="rounded-control border border-line bg-surface-raised p-4">
      <div className="mb-3 flex items-start justify-between gap-3 phone:flex-col phone:gap-1">
        <h2 lang={spoken} className="whitespace-pre-wrap break-words font-semibold">
          {question}
        </h2>
        <span className="flex shrink-0 items-center gap-3">
          <Link
            to={`/inbox/${conversationId}`}
            className="relative text-meta text-text-muted underline underline-offset-2 after:absolute after:-inset-3"
          >
            {texts.toConversation}
          </Link>
          <Chip tone={tones[verdict]}>{nameOf(verdict)}</Chip>
        </span>
      </div>
      <div className="grid grid-cols-2 gap-5 phone:grid-cols-1">
        <Side name={texts.earlier} side={before} other={after} lang={spoken} isNow={false} />
        <Side name={texts.now} side={after} other={before} lang={spoken} isNow />
      </div>
    </li>
  );
}

interface SideProps {
  name: string;
  side: ShadowSide;
  other: ShadowSide;
  lang: string | undefined;
  isNow: boolean;
}

function Side({ name, side, other, lang, isNow }: SideProps) {
  const texts = useTexts(shadowTexts);
  const format = useFormat();
  const cost = useCost();
  const hasLeft = side.outcome === 'handed_over';
  return (
    <section className="min-w-0">
      <h3 className="mb-1 flex flex-wrap items-center gap-2 text-meta text-text-muted">
        {name}
        {hasLeft && <Chip tone="warning">{texts.handsOver}</Chip>}
      </h3>
      {side.text === null ? (
        <p className="text-text-muted">{hasLeft ? texts.nobody : texts.gone}</p>
      ) : (
        <p lang={lang} className="whitespace-pre-wrap break-words">
          {ownPieces(side.text, other.text ?? '').map(({ text, isOwn }, at) => {
            const key = `${at} ${text}`;
            // Between two hand-overs, or where one side said nothing, all of it would be marked.
            return isOwn && other.text !== null ? (
              <mark
                key={key}
                className={clsx('rounded-small text-text', isNow ? 'bg-success-soft' : 'bg-warning-soft')}
              >
                {text}
              </mark>
            ) : (
              <span key={key}>{text}</span>
            );
          })}
        </p>
      )}
      <Sources passages={side.readPassages} />
      <p data-figures className="mt-1 flex flex-wrap gap-x-1.5 text-meta text-text-muted">
        {side.model && <span>{side.model}</span>}
        {side.support !== null && <span>· {texts.sure(format.percent(side.support))}</span>}
        {side.durationMs !== null && <span>· {format.duration(side.durationMs)}</span>}
        {side.costMicros !== 0 && <span>· {cost(side.costMicros, texts.free)}</span>}
      </p>
    </section>
  );
}

function Sources({ passages }: { passages: readonly ReadPassage[] }) {
  const texts = useTexts(shadowTexts);
  const cited = passages.filter((passage) => passage.cited);
  if (cited.length === 0) return null;
  return (
    <p className="mt-1 text-meta text-text-muted">
      {texts.sources}{' '}
      {cited.map(({ textId, passageId, title }, at) => (
        <span key={`${textId} ${passageId}`}>
          {at > 0 && ', '}
          <Link
            to={`/assistant/knowledge/${textId}#${passageId}`}
            className="underline decoration-line-strong underline-offset-2 hover:decoration-current"
          >
            {title}
          </Link>
        </span>
      ))}
    </p>
  );
}
