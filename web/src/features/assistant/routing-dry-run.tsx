// Where would this go, and why? Asks nobody, and says every step in words.
import type { Language } from '@parley/contract/common';
import type { Capability } from '@parley/contract/models';
import {
  type DryRun,
  type DryRunInput,
  type LatencyClass,
  latencyClass,
  type RoutedWork,
  routedWork,
} from '@parley/contract/routing';
import { useMutation } from '@tanstack/react-query';
import { CircleMinus, LockKeyhole, LockKeyholeOpen } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Textarea } from '../../ui/textarea.tsx';
import { Because, useReasonWords } from '../conversations/model-reasons.tsx';
import { useModels } from './model-queries.ts';
import { useAssistant } from './queries.ts';
import { routingTexts } from './texts-routing.ts';

const asAssistant = 'as-assistant';
const automatic = 'automatic';
const languages = ['unknown', 'en', 'es', 'pt'] as const;
const special = ['vision', 'tools', 'code'] as const;

export function DryRunForm() {
  const texts = useTexts(routingTexts);
  const format = useFormat();
  const word = useReasonWords();
  const models = useModels();
  const assistant = useAssistant();
  const [text, setText] = useState('');
  const [waiting, setWaiting] = useState<LatencyClass>('message');
  const [work, setWork] = useState<RoutedWork>('run');
  const [language, setLanguage] = useState<Language>('unknown');
  const [first, setFirst] = useState(asAssistant);
  const [needs, setNeeds] = useState<readonly Capability[]>([]);
  const [isPrivate, setPrivate] = useState(false);
  const workNames = { run: texts.workRun, chat: texts.workChat, api: texts.workApi };
  const items = models.data?.items ?? [];
  const own = items.find(({ id }) => id === assistant.data?.modelId)?.name ?? texts.builtIn;
  const run = useMutation({
    mutationFn: () => {
      const input: DryRunInput = {
        text,
        language,
        latencyClass: waiting,
        work,
        needs: [...needs],
        sensitivity: isPrivate ? 'private' : 'normal',
        modelId:
          first === asAssistant ? (assistant.data?.modelId ?? null) : first === automatic ? null : first,
        automatic: first === automatic,
      };
      return api.post<DryRun>('/api/v1/routing/dry-run', input);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!run.isPending) run.mutate();
  };
  return (
    <>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label={texts.question}>
          <Textarea
            rowsMin={2}
            maxLength={20_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div className="grid grid-cols-2 gap-4 phone:grid-cols-1">
          <Field label={texts.first}>
            <Select
              value={first}
              options={[
                { value: asAssistant, label: texts.asAssistant(own) },
                { value: automatic, label: texts.automatic },
                ...items.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={setFirst}
            />
          </Field>
          <Field label={texts.workFor}>
            <Select<RoutedWork>
              value={work}
              options={routedWork.options.map((value) => ({ value, label: workNames[value] }))}
              onChange={setWork}
            />
          </Field>
          <Field label={texts.forWhom}>
            <Select<LatencyClass>
              value={waiting}
              options={latencyClass.options.map((value) => ({ value, label: texts[value] }))}
              onChange={setWaiting}
            />
          </Field>
          <Field label={texts.language}>
            <Select<Language>
              value={language}
              options={languages.map((value) => ({
                value,
                label: value === 'unknown' ? texts.anyLanguage : format.languageName(value),
              }))}
              onChange={setLanguage}
            />
          </Field>
        </div>
        <div className="flex flex-wrap gap-x-5 gap-y-2 phone:gap-y-4">
          <Checkbox label={texts.isPrivate} checked={isPrivate} onChange={setPrivate} />
          {special.map((need) => (
            <Checkbox
              key={need}
              label={`${texts.needs}: ${word(need)}`}
              checked={needs.includes(need)}
              onChange={(on) => setNeeds(on ? [...needs, need] : needs.filter((each) => each !== need))}
            />
          ))}
        </div>
        <Button type="submit" variant="primary" busy={run.isPending} className="self-start">
          {texts.tell}
        </Button>
      </form>
      <div aria-live="polite">
        {run.isError && <ErrorState error={run.error} onRetry={() => run.mutate()} />}
        {run.data && <Way dryRun={run.data} />}
      </div>
    </>
  );
}

function Way({ dryRun: { sensitivity, because, candidates, skipped, lastResort } }: { dryRun: DryRun }) {
  const texts = useTexts(routingTexts);
  const format = useFormat();
  const word = useReasonWords();
  const isPrivate = sensitivity === 'private';
  const Lock = isPrivate ? LockKeyhole : LockKeyholeOpen;
  return (
    <div className="mt-5 flex flex-col gap-4 rounded-control border border-line bg-surface-raised p-4">
      <p className="flex items-start gap-2">
        <Lock
          size={16}
          aria-hidden="true"
          className={`mt-0.5 shrink-0 ${isPrivate ? 'text-warning-text' : 'text-text-muted'}`}
        />
        {isPrivate ? texts.privateBecause(format.list(because.map(word))) : texts.normal}
      </p>
      {candidates.length > 0 && (
        <section>
          <h3 className="mb-1.5 font-semibold">{texts.order}</h3>
          <ol aria-label={texts.order} className="flex flex-col gap-1.5">
            {candidates.map((one, index) => (
              <li key={one.modelId ?? 'built-in'} className="flex items-start gap-2">
                <span
                  data-figures
                  aria-hidden="true"
                  className="grid size-5 shrink-0 place-items-center rounded-full bg-accent-soft font-medium text-accent-text text-tiny"
                >
                  {index + 1}
                </span>
                <span>
                  <span className="font-medium">{one.modelId ? one.model : word('builtIn')}</span>
                  <span className="text-text-muted">: {word(one.reason)}</span>
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {skipped.length > 0 && (
        <section>
          <h3 className="mb-1.5 font-semibold">{texts.notAsked}</h3>
          <ul aria-label={texts.notAsked} className="flex flex-col gap-1.5">
            {skipped.map((one) => (
              <li key={one.modelId} className="flex items-start gap-2">
                <CircleMinus size={20} aria-hidden="true" className="shrink-0 p-0.5 text-text-muted" />
                <span>
                  <span className="font-medium">{one.model}</span>
                  <span className="text-text-muted">
                    : {word(one.reason)}
                    <Because codes={one.because} />
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {candidates.length === 0 && <p>{texts.nobody}</p>}
      {candidates.length > 0 && lastResort === 'person' && <p>{texts.thenPerson}</p>}
    </div>
  );
}
