// Cases: what is asked, what is right, how the last check went; adding one, and checking all of them.
import type { AnswerCase, CaseCheck } from '@parley/contract/answer-cases';
import { CircleCheck, CircleX, ListChecks, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { CaseForm } from './case-form.tsx';
import { useCancelCheck, useCases, useDeleteCase, useLastCheck, useStartCheck } from './case-queries.ts';
import { SectionPage } from './section-page.tsx';
import { caseTexts } from './texts-cases.ts';
import { sectionTexts } from './texts-sections.ts';

export function Cases() {
  const texts = useTexts(caseTexts);
  const sections = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  const cases = useCases();
  const check = useLastCheck();
  const start = useStartCheck();
  const [editing, setEditing] = useState<AnswerCase | 'new' | null>(null);
  const items = (cases.data?.pages ?? []).flatMap((page) => page.items);
  const isRunning = check.data?.state === 'running';
  const add = (
    <Button icon={Plus} onClick={() => setEditing('new')}>
      {texts.add}
    </Button>
  );
  return (
    <SectionPage
      title={sections.cases}
      description={texts.text}
      actions={
        mayManage &&
        items.length > 0 && (
          <>
            {add}
            <Button
              variant="primary"
              icon={ListChecks}
              busy={start.isPending}
              disabled={isRunning}
              onClick={() => start.mutate()}
            >
              {texts.checkAll}
            </Button>
          </>
        )
      }
    >
      {cases.isPending && <SkeletonRows rows={4} />}
      {cases.isError && !cases.data && (
        <ErrorState error={cases.error} title={texts.unreadable} onRetry={() => void cases.refetch()} />
      )}
      {cases.data && items.length === 0 && (
        <EmptyState icon={ListChecks} title={texts.none} text={texts.noneText} action={mayManage && add} />
      )}
      {items.length > 0 && (
        <>
          {check.data && <CheckState check={check.data} />}
          <ul aria-label={sections.cases}>
            {items.map((item) => (
              <CaseRow key={item.id} answerCase={item} onEdit={() => setEditing(item)} />
            ))}
          </ul>
          {cases.hasNextPage && (
            <Button
              className="mt-4"
              busy={cases.isFetchingNextPage}
              onClick={() => void cases.fetchNextPage()}
            >
              {texts.more}
            </Button>
          )}
        </>
      )}
      {editing && (
        <CaseForm answerCase={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </SectionPage>
  );
}

function CheckState({ check }: { check: CaseCheck }) {
  const texts = useTexts(caseTexts);
  const format = useFormat();
  const mayManage = useCan('assistant:manage');
  const cancel = useCancelCheck();
  const { state, done, total, failed } = check;
  if (state === 'running') {
    return (
      <div className="mb-5 flex max-w-measure items-end gap-3">
        <div className="grow">
          <Progress
            value={total === 0 ? 0 : done / total}
            label={texts.checking(format.number(done), format.number(total))}
          />
        </div>
        {mayManage && (
          <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate(check.id)}>
            {texts.cancel}
          </Button>
        )}
      </div>
    );
  }
  return (
    <p role="status" className="mb-4 flex flex-wrap items-center gap-2">
      <Chip tone={failed > 0 ? 'danger' : 'success'} icon={failed > 0 ? CircleX : CircleCheck}>
        {texts.summary(format.number(done - failed), format.number(done))}
      </Chip>
      {state === 'canceled' && <span className="text-text-muted">{texts.checkCanceled}</span>}
      {state === 'failed' && <span className="text-danger-text">{texts.checkFailed}</span>}
      <span className="text-meta text-text-muted">
        <Time at={check.finishedAt ?? check.startedAt} />
      </span>
    </p>
  );
}

function CaseRow({ answerCase, onEdit }: { answerCase: AnswerCase; onEdit: () => void }) {
  const texts = useTexts(caseTexts);
  const mayManage = useCan('assistant:manage');
  const remove = useDeleteCase();
  const [removing, setRemoving] = useState(false);
  const { question, expects, trainingDataId, trainingDataTitle, mustContain, result, language } = answerCase;
  return (
    <li className="flex items-start gap-1 border-line border-b py-3 last:border-0">
      <div className="min-w-0 grow">
        <div className="flex items-start justify-between gap-x-3 gap-y-1 phone:flex-col">
          <p lang={language === 'unknown' ? undefined : language} className="break-words font-medium">
            {question}
          </p>
          {result === null ? (
            <Chip>{texts.unchecked}</Chip>
          ) : (
            <Chip tone={result.passed ? 'success' : 'danger'} icon={result.passed ? CircleCheck : CircleX}>
              {result.passed ? texts.passed : texts.failed}
            </Chip>
          )}
        </div>
        <p className="text-meta text-text-muted">
          {expects === 'answer' ? texts.expectsAnswer : texts.expectsHandOver}
          {trainingDataId !== null && trainingDataTitle !== '' && (
            <>
              {` ${texts.from} `}
              <Link to={`/assistant/knowledge/${trainingDataId}`} className="underline underline-offset-2">
                {trainingDataTitle}
              </Link>
            </>
          )}
          {mustContain.length > 0 && ` · ${mustContain.map((words) => `“${words}”`).join(', ')}`}
        </p>
        {result && !result.passed && (
          <p className="mt-1 text-meta">
            <span className="text-danger-text">{texts[result.because ?? 'not_answered']}</span>
            {result.answer !== '' && (
              <span className="block break-words text-text-muted">
                {texts.said}: {result.answer}
              </span>
            )}
          </p>
        )}
      </div>
      {mayManage && (
        <>
          <IconButton label={`${texts.edit}: ${question}`} icon={Pencil} onClick={onEdit} />
          <IconButton
            label={`${texts.remove}: ${question}`}
            icon={Trash2}
            tone="danger"
            onClick={() => setRemoving(true)}
          />
        </>
      )}
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        danger
        title={texts.removeTitle}
        text={texts.removeText}
        actionLabel={texts.remove}
        onConfirm={async () => {
          await remove(answerCase.id);
          toast({ text: texts.removed });
        }}
      />
    </li>
  );
}
