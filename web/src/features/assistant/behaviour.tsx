// Off, draft or auto; who it speaks as; how much it may say.
import type { Assistant } from '@parley/contract/assistant';
import type { Policy } from '@parley/contract/runs';
import { CircleOff, type LucideIcon, PencilLine, Sparkle } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { type FormEvent, useState } from 'react';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { sharedTexts } from '../../lib/texts-shared.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Input } from '../../ui/input.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { toast } from '../../ui/toast.tsx';
import { useModels } from './model-queries.ts';
import { useAssistant, useChangeAssistant } from './queries.ts';
import { SectionPage } from './section-page.tsx';
import { assistantTexts } from './texts.ts';
import { sectionTexts } from './texts-sections.ts';

const builtIn = 'built-in';

export function Behaviour() {
  const texts = useTexts(assistantTexts);
  const { behaviour } = useTexts(sectionTexts);
  return (
    <SectionPage title={behaviour} description={texts.behaviourText}>
      <Settings />
    </SectionPage>
  );
}

function Settings() {
  const texts = useTexts(assistantTexts);
  const assistant = useAssistant();
  if (assistant.isPending) return <SkeletonRows rows={4} />;
  if (assistant.isError) {
    return (
      <ErrorState error={assistant.error} title={texts.unreadable} onRetry={() => void assistant.refetch()} />
    );
  }
  return (
    <>
      <Section title={texts.policy}>
        <PolicyChoice assistant={assistant.data} />
      </Section>
      <Section title={texts.personaAndLimits}>
        {/* Written anew when somebody else has changed it. */}
        <PersonaAndLimits key={assistant.data.updatedAt} assistant={assistant.data} />
      </Section>
    </>
  );
}

function PolicyChoice({ assistant }: { assistant: Assistant }) {
  const texts = useTexts(assistantTexts);
  const mayManage = useCan('assistant:manage');
  const change = useChangeAssistant();
  const choices: readonly { value: Policy; label: string; text: string; icon: LucideIcon }[] = [
    { value: 'off', label: texts.off, text: texts.offText, icon: CircleOff },
    { value: 'draft', label: texts.draft, text: texts.draftText, icon: PencilLine },
    { value: 'auto', label: texts.auto, text: texts.autoText, icon: Sparkle },
  ];
  const choose = (policy: Policy) => {
    const label = choices.find(({ value }) => value === policy)?.label ?? policy;
    change.mutate(
      { before: assistant, change: { policy } },
      {
        onSuccess: (after) =>
          toast({
            text: texts.policyIs(label),
            tone: 'success',
            onAction: () => change.mutate({ before: after, change: { policy: assistant.policy } }),
          }),
      },
    );
  };
  return (
    <RadioGroup.Root
      aria-label={texts.policy}
      value={assistant.policy}
      onValueChange={(value) => choose(value as Policy)}
      disabled={!mayManage}
      className="grid grid-cols-3 gap-3 phone:grid-cols-1"
    >
      {choices.map(({ value, label, text, icon: Icon }) => (
        <RadioGroup.Item
          key={value}
          value={value}
          className="flex flex-col items-start gap-1 rounded-control border border-line bg-surface-raised p-4 text-left transition-colors duration-[120ms] hover:bg-surface-hover disabled:opacity-70 data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft"
        >
          <span className="flex items-center gap-2 font-semibold">
            <Icon size={16} aria-hidden="true" />
            {label}
          </span>
          <span className="text-meta text-text-muted">{text}</span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}

function PersonaAndLimits({ assistant }: { assistant: Assistant }) {
  const texts = useTexts(assistantTexts);
  const shared = useTexts(sharedTexts);
  const mayManage = useCan('assistant:manage');
  const models = useModels();
  const change = useChangeAssistant();
  const [persona, setPersona] = useState(assistant.persona);
  const [waitSeconds, setWaitSeconds] = useState(String(assistant.burstWaitMs / 1000));
  const [repliesMax, setRepliesMax] = useState(String(assistant.repliesPerHourMax));
  const [modelId, setModelId] = useState(assistant.modelId ?? builtIn);
  const [support, setSupport] = useState(String(Math.round(assistant.supportNeeded * 100)));
  const supportError = isBetween(support, 0, 100) ? null : texts.numberRange(0, 100);
  const waitError = isBetween(waitSeconds, 0, 60) ? null : texts.numberRange(0, 60);
  const repliesError = isBetween(repliesMax, 1, 1000) ? null : texts.numberRange(1, 1000);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (waitError || repliesError || supportError) return;
    change.mutate(
      {
        before: assistant,
        change: {
          persona,
          burstWaitMs: Math.round(Number(waitSeconds) * 1000),
          repliesPerHourMax: Math.round(Number(repliesMax)),
          modelId: modelId === builtIn ? null : modelId,
          supportNeeded: Math.round(Number(support)) / 100,
        },
      },
      { onSuccess: () => toast({ text: texts.saved, tone: 'success' }) },
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <fieldset disabled={!mayManage} className="contents">
        <Field label={texts.persona} hint={texts.personaHint}>
          <Textarea
            rowsMin={3}
            maxLength={4000}
            value={persona}
            onChange={(event) => setPersona(event.target.value)}
          />
        </Field>
        <Field label={texts.preferredModel} hint={texts.preferredHint}>
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
        <Field label={texts.supportNeeded} hint={texts.supportNeededHint} error={supportError}>
          <Input
            inputMode="numeric"
            value={support}
            onChange={(event) => setSupport(event.target.value)}
            className="max-w-32"
          />
        </Field>
        <Field label={texts.burstWait} hint={texts.burstWaitHint} error={waitError}>
          <Input
            inputMode="decimal"
            value={waitSeconds}
            onChange={(event) => setWaitSeconds(event.target.value)}
            className="max-w-32"
          />
        </Field>
        <Field label={texts.repliesMax} hint={texts.repliesMaxHint} error={repliesError}>
          <Input
            inputMode="numeric"
            value={repliesMax}
            onChange={(event) => setRepliesMax(event.target.value)}
            className="max-w-32"
          />
        </Field>
        {mayManage && (
          <Button type="submit" variant="primary" busy={change.isPending} className="self-start">
            {shared.save}
          </Button>
        )}
      </fieldset>
    </form>
  );
}

function isBetween(text: string, least: number, most: number): boolean {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) && value >= least && value <= most;
}
