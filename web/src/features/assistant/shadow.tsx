// Shadow runs: what is to be tried, those of before, and each of them at an address of its own.
import type { Assistant } from '@parley/contract/assistant';
import type { KnowledgeChange, ShadowChanges, ShadowRun, ShadowRunInput } from '@parley/contract/shadow-runs';
import { Columns2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Link, Route, Routes, useNavigate } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { Time } from '../../ui/time.tsx';
import { useModels } from './model-queries.ts';
import { useAssistant } from './queries.ts';
import { SectionPage } from './section-page.tsx';
import { ShadowKnowledge } from './shadow-knowledge.tsx';
import { useShadowEstimate, useShadowRuns, useStartShadowRun } from './shadow-queries.ts';
import { ShadowResult } from './shadow-result.tsx';
import { useChangeNames } from './shadow-words.ts';
import { sectionTexts } from './texts-sections.ts';
import { shadowTexts } from './texts-shadow.ts';

export function Shadow() {
  return (
    <Routes>
      <Route index element={<ShadowStart />} />
      <Route path=":id" element={<ShadowResult />} />
    </Routes>
  );
}

function ShadowStart() {
  const texts = useTexts(shadowTexts);
  const { shadow } = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  const assistant = useAssistant();
  const runs = useShadowRuns();
  return (
    <SectionPage title={shadow} description={texts.text}>
      {assistant.isPending && <SkeletonRows rows={4} />}
      {/* Written anew when somebody else has changed it. */}
      {assistant.data && mayManage && <TryForm key={assistant.data.updatedAt} assistant={assistant.data} />}
      <Section title={texts.before}>
        {runs.isPending && <SkeletonRows rows={2} />}
        {runs.isError && !runs.data && (
          <ErrorState error={runs.error} title={texts.unreadable} onRetry={() => void runs.refetch()} />
        )}
        {runs.data?.length === 0 && (
          <EmptyState icon={Columns2} title={texts.none} text={mayManage ? texts.noneText : undefined} />
        )}
        <ul aria-label={texts.before}>
          {(runs.data ?? []).map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      </Section>
    </SectionPage>
  );
}

const builtIn = 'built-in';
const countMax = 500;

function TryForm({ assistant }: { assistant: Assistant }) {
  const texts = useTexts(shadowTexts);
  const format = useFormat();
  const navigate = useNavigate();
  const models = useModels();
  const start = useStartShadowRun();
  const [persona, setPersona] = useState(assistant.persona);
  const [modelId, setModelId] = useState(assistant.modelId ?? builtIn);
  const [support, setSupport] = useState(String(Math.round(assistant.supportNeeded * 100)));
  const [count, setCount] = useState('50');
  const [knowledge, setKnowledge] = useState<KnowledgeChange>({ with: [], without: [] });
  const supportError = isWhole(support, 0, 100) ? null : texts.range(0, 100);
  const countError = isWhole(count, 1, countMax) ? null : texts.range(1, countMax);
  const wanted = {
    persona,
    modelId: modelId === builtIn ? null : modelId,
    supportNeeded: Number(support) / 100,
    knowledge,
  };
  const input: ShadowRunInput | null =
    supportError || countError ? null : { changes: changesOf(assistant, wanted), count: Number(count) };
  const estimate = useShadowEstimate(input);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (input === null || start.isPending) return;
    start.mutate(input, { onSuccess: ({ id }) => navigate(id) });
  };
  return (
    <form onSubmit={submit} className="mb-8 flex max-w-measure flex-col gap-5">
      <Field label={texts.persona}>
        <Textarea
          rowsMin={3}
          maxLength={4000}
          value={persona}
          onChange={(event) => setPersona(event.target.value)}
        />
      </Field>
      <Field label={texts.model}>
        <Select
          value={modelId}
          options={[
            { value: builtIn, label: texts.builtIn },
            ...(models.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setModelId}
          className="max-w-100"
        />
      </Field>
      <ShadowKnowledge change={knowledge} onChange={setKnowledge} />
      <div className="grid grid-cols-2 gap-5 phone:grid-cols-1">
        <Field label={texts.support} error={supportError}>
          <Input
            inputMode="numeric"
            value={support}
            onChange={(event) => setSupport(event.target.value)}
            className="max-w-32"
          />
        </Field>
        <Field label={texts.count} error={countError}>
          <Input
            inputMode="numeric"
            value={count}
            onChange={(event) => setCount(event.target.value)}
            className="max-w-32"
          />
        </Field>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button
          type="submit"
          variant="primary"
          busy={start.isPending}
          disabled={input === null || estimate.data?.count === 0}
        >
          {texts.start}
        </Button>
        <p role="status" data-figures className="text-meta text-text-muted">
          {estimate.data &&
            (estimate.data.count === 0
              ? texts.nothing
              : estimate.data.costMicros === null
                ? texts.estimateUnknown(format.number(estimate.data.count))
                : estimate.data.costMicros === 0
                  ? texts.estimateFree(format.number(estimate.data.count))
                  : texts.estimate(
                      format.number(estimate.data.count),
                      format.money(estimate.data.costMicros, 'USD'),
                    ))}
        </p>
      </div>
    </form>
  );
}

/** What is as it was is not changed: using the result later must not undo what others change meanwhile. */
function changesOf(before: Assistant, wanted: Required<ShadowChanges>): ShadowChanges {
  return {
    ...(wanted.persona.trim() === before.persona ? {} : { persona: wanted.persona }),
    ...(wanted.modelId === before.modelId ? {} : { modelId: wanted.modelId }),
    ...(Math.abs(wanted.supportNeeded - before.supportNeeded) < 0.005
      ? {}
      : { supportNeeded: wanted.supportNeeded }),
    ...(wanted.knowledge.with.length + wanted.knowledge.without.length === 0
      ? {}
      : { knowledge: wanted.knowledge }),
  };
}

function isWhole(text: string, least: number, most: number): boolean {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most;
}

function RunRow({ run }: { run: ShadowRun }) {
  const texts = useTexts(shadowTexts);
  const format = useFormat();
  const names = useChangeNames(run.changes);
  const state = {
    running: texts.running(format.number(run.done), format.number(run.total)),
    done: texts.done,
    canceled: texts.canceled,
    failed: texts.failed,
  }[run.state];
  return (
    <li className="border-line border-b last:border-0">
      <Link
        to={run.id}
        className="focus-inside -mx-2 flex items-start justify-between gap-3 rounded-control px-2 py-3 transition-colors duration-[120ms] hover:bg-surface-hover phone:flex-col"
      >
        <span className="min-w-0">
          <span className="block truncate font-medium">{names}</span>
          <span data-figures className="flex flex-wrap gap-x-1.5 text-meta text-text-muted">
            <Time at={run.startedAt} />
            <span>
              · {texts.differs} {format.number(run.counts.differs)}
            </span>
            <span>
              · {texts.now_hands_over} {format.number(run.counts.now_hands_over)}
            </span>
            <span>
              · {texts.now_answers} {format.number(run.counts.now_answers)}
            </span>
          </span>
        </span>
        <Chip tone={run.usedAt ? 'accent' : run.state === 'failed' ? 'danger' : 'neutral'}>
          {run.usedAt ? texts.used : state}
        </Chip>
      </Link>
    </li>
  );
}
