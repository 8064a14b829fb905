// One model: how it does, what it is, its limits, its incidents, and a word with it.
import type { Model } from '@parley/contract/models';
import { useQueryClient } from '@tanstack/react-query';
import { CircleHelp, Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api } from '../../lib/api.ts';
import { useFormat } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { Progress } from '../../ui/progress.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useReasonWords } from '../conversations/model-reasons.tsx';
import { ModelForm } from './model-form.tsx';
import { modelsKey, useIncidents, useModels, usePresets } from './model-queries.ts';
import { ModelChips, usePrice } from './model-state.tsx';
import { ModelTestPanel } from './model-test.tsx';
import { pricesPath } from './price-table.tsx';
import { BackLink } from './section-page.tsx';
import { modelTexts } from './texts-models.ts';
import { sectionTexts } from './texts-sections.ts';

export function ModelDetail() {
  const { modelId } = useParams();
  const texts = useTexts(modelTexts);
  const sections = useTexts(sectionTexts);
  const mayManage = useCan('assistant:manage');
  const models = useModels({ live: true });
  const model = models.data?.items.find(({ id }) => id === modelId);
  const back = <BackLink to="/assistant/models">{sections.models}</BackLink>;
  if (!model) {
    return (
      <Page title={sections.models} above={back}>
        {models.isPending && <SkeletonRows rows={5} />}
        {models.isError && (
          <ErrorState error={models.error} title={texts.unreadable} onRetry={() => void models.refetch()} />
        )}
        {models.data && <EmptyState icon={CircleHelp} title={texts.notFound} />}
      </Page>
    );
  }
  const isOwn = model.origin === 'workspace';
  return (
    <Page
      title={model.name}
      above={back}
      description={<ModelChips model={model} />}
      actions={mayManage && isOwn && <ModelActions model={model} />}
    >
      {!isOwn && <p className="mb-6 max-w-measure text-text-muted">{texts.environmentText}</p>}
      {mayManage && (
        <div className="mb-6">
          <ModelTestPanel key={model.updatedAt} modelId={model.id} />
        </div>
      )}
      <Section title={texts.lastDay}>
        <Figures model={model} />
      </Section>
      <Section title={texts.facts}>
        <Facts model={model} />
      </Section>
      <Section title={texts.limits}>
        <Limits model={model} />
      </Section>
      <Section title={texts.incidents} description={texts.incidentsText}>
        <Incidents modelId={model.id} />
      </Section>
    </Page>
  );
}

function ModelActions({ model }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const client = useQueryClient();
  const navigate = useNavigate();
  const presets = usePresets(true);
  const [isEditing, setEditing] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const remove = async () => {
    await api.delete(`/api/v1/models/${model.id}`);
    await navigate('/assistant/models', { replace: true });
    await client.invalidateQueries({ queryKey: modelsKey });
    toast({ text: texts.removed(model.name) });
  };
  return (
    <>
      <Button icon={Pencil} onClick={() => setEditing(true)}>
        {texts.edit}
      </Button>
      <Button icon={Trash2} onClick={() => setAsking(true)}>
        {texts.remove}
      </Button>
      {isEditing && presets.data && (
        <ModelForm model={model} presets={presets.data} onClose={() => setEditing(false)} />
      )}
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setAsking}
        danger
        title={texts.removeTitle(model.name)}
        text={texts.removeText}
        actionLabel={texts.remove}
        onConfirm={remove}
      />
    </>
  );
}

/** Facts in two columns. */
function FactList({ children }: { children: ReactNode }) {
  return (
    <dl
      data-figures
      className="grid grid-cols-[12rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 phone:grid-cols-[8.5rem_minmax(0,1fr)]"
    >
      {children}
    </dl>
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

function Figures({ model: { figures } }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  const word = useReasonWords();
  const duration = (value: number | null) => (value === null ? '–' : format.duration(value));
  return (
    <FactList>
      <Fact name={texts.answeredCount}>{format.number(figures.answered)}</Fact>
      <Fact name={texts.failedCount}>{format.number(figures.failed)}</Fact>
      <Fact name={texts.median}>{duration(figures.p50Ms)}</Fact>
      <Fact name={texts.slow}>{duration(figures.p95Ms)}</Fact>
      <Fact name={texts.firstWord}>{duration(figures.firstTokenP50Ms)}</Fact>
      <Fact name={texts.tokensPerSecond}>
        {figures.tokensPerSecond === null ? '–' : format.number(figures.tokensPerSecond)}
      </Fact>
      <Fact name={texts.lastAnswer}>
        {figures.lastAnswerAt ? <Time at={figures.lastAnswerAt} /> : texts.never}
      </Fact>
      <Fact name={texts.lastFailure}>
        {figures.lastFailureAt ? (
          <>
            <Time at={figures.lastFailureAt} />
            {figures.lastFailure && `: ${word(figures.lastFailure)}`}
          </>
        ) : (
          texts.never
        )}
      </Fact>
    </FactList>
  );
}

function Facts({ model }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  const word = useReasonWords();
  const languages = model.languages.map((code) => format.languageName(code));
  return (
    <FactList>
      <Fact name={texts.address}>{model.baseUrl}</Fact>
      <Fact name={texts.model}>{model.model}</Fact>
      <Fact name={texts.key}>{model.hasApiKey ? texts.keyKept : texts.keyNone}</Fact>
      <Fact name={texts.can}>{format.list(model.capabilities.map(word))}</Fact>
      <Fact name={texts.speaks}>{languages.length > 0 ? format.list(languages) : texts.everyLanguage}</Fact>
      <Fact name={texts.price}>
        <Price model={model} />
      </Fact>
    </FactList>
  );
}

const linkLook = 'relative text-accent-text underline underline-offset-2 after:absolute after:-inset-3.5';

/** What it costs, and who says so. */
function Price({ model }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const mayManage = useCan('assistant:manage');
  const words = usePrice()(model);
  if (model.price === null) {
    return (
      <>
        {texts.noPriceText}{' '}
        {mayManage && (
          <Link to={pricesPath} className={linkLook}>
            {texts.setPrice}
          </Link>
        )}
      </>
    );
  }
  const { from, published } = model.price;
  const origin = {
    list: texts.byList,
    settings: null,
    local: texts.freeAsLocal,
    public: published && texts.asPublished(published.readIn),
  }[from];
  return (
    <>
      {words}
      {origin && (
        <span className="text-text-muted">
          {' ('}
          {origin}
          {published && (
            <>
              {', '}
              <a href={published.page} target="_blank" rel="noreferrer" className={linkLook}>
                {texts.checkIt}
              </a>
            </>
          )}
          )
        </span>
      )}
    </>
  );
}

function Limits({ model }: { model: Model }) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  const quotas = [
    { name: texts.quotaMinute, used: model.requests.minute, most: model.requestsPerMinuteMax },
    { name: texts.quotaDay, used: model.requests.day, most: model.requestsPerDayMax },
  ];
  return (
    <>
      <FactList>
        <Fact name={texts.wholeAnswer}>{format.duration(model.timeoutMs)}</Fact>
        <Fact name={texts.firstToken}>{format.duration(model.firstTokenMs)}</Fact>
        <Fact name={texts.between}>{format.duration(model.betweenTokensMs)}</Fact>
        <Fact name={texts.longest}>{texts.tokens(format.number(model.outputTokensMax))}</Fact>
      </FactList>
      {quotas.map(
        ({ name, used, most }) =>
          most !== null && (
            <div key={name} className="mt-3 max-w-100">
              <Progress
                name={name}
                label={`${name}: ${texts.quotaOf(format.number(used), format.number(most))}`}
                value={used / most}
              />
            </div>
          ),
      )}
    </>
  );
}

function Incidents({ modelId }: { modelId: string }) {
  const texts = useTexts(modelTexts);
  const format = useFormat();
  const word = useReasonWords();
  const nowMs = useNow();
  const { data = [] } = useIncidents();
  const incidents = data.filter((incident) => incident.modelId === modelId);
  if (incidents.length === 0) return <p className="text-text-muted">{texts.noIncidents}</p>;
  return (
    <ul aria-label={texts.incidents} className="flex flex-col gap-1.5">
      {incidents.map(({ id, reason, openedAt, closedAt }) => (
        <li key={id} data-figures className="flex flex-wrap gap-x-2">
          <Time at={openedAt} className="w-20 text-text-muted" />
          <span>{word(reason)}</span>
          <span className="text-text-muted">
            {closedAt
              ? texts.incidentOver(format.duration(Date.parse(closedAt) - Date.parse(openedAt)))
              : `${texts.incidentSince} ${format.distance(openedAt, nowMs)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
