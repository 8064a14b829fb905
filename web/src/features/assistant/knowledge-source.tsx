// One source: how it is doing, its pages, and its passages with their place.
import type { TrainingDataDetail } from '@parley/contract/training-data';
import type { ReactNode } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { SourceActions } from './knowledge-actions.tsx';
import { SourceDocuments } from './knowledge-documents.tsx';
import { SourcePassages } from './knowledge-passages.tsx';
import { useSource } from './knowledge-queries.ts';
import { isBeingRead, SourceError, SourceProgress, SourceState } from './knowledge-state.tsx';
import { PageAddress } from './page-address.tsx';
import { BackLink } from './section-page.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';
import { sourceTexts } from './texts-source.ts';
import { useCancelReading } from './use-cancel-reading.ts';

const listPath = '/assistant/knowledge';

export function KnowledgeSource() {
  const { sourceId = '' } = useParams();
  const texts = useTexts(sourceTexts);
  const kinds = useTexts(knowledgeTexts);
  const mayManage = useCan('assistant:manage');
  const navigate = useNavigate();
  const source = useSource(sourceId);
  const back = <BackLink to={listPath}>{texts.back}</BackLink>;
  if (source.isPending) {
    return (
      <Page title={texts.back} above={back}>
        <SkeletonRows rows={5} />
      </Page>
    );
  }
  if (source.isError) {
    return (
      <Page title={texts.back} above={back}>
        <ErrorState error={source.error} title={texts.unreadable} onRetry={() => void source.refetch()} />
      </Page>
    );
  }
  const { data } = source;
  return (
    <Page
      title={data.title}
      above={back}
      description={
        <span className="flex items-center gap-2">
          {kinds[data.kind]} <SourceState source={data} />
        </span>
      }
      actions={
        mayManage && (
          <SourceActions
            source={data}
            as="buttons"
            onRemoved={() => void navigate(listPath, { replace: true })}
          />
        )
      }
    >
      <Reading source={data} />
      {!data.live && (
        <p className="mb-6 max-w-measure text-meta text-text-muted">
          {texts.notInUse}{' '}
          {mayManage && (
            <Link to="/assistant/shadow" className="underline underline-offset-2">
              {texts.compare}
            </Link>
          )}
        </p>
      )}
      <Section title={texts.facts}>
        <Facts source={data} />
      </Section>
      {data.kind === 'sitemap' && data.documents.length > 0 && <SourceDocuments source={data} />}
      <SourcePassages key={data.id} source={data} />
    </Page>
  );
}

/** How far it is, or what went wrong and what the assistant makes of it. */
function Reading({ source }: { source: TrainingDataDetail }) {
  const texts = useTexts(sourceTexts);
  const kinds = useTexts(knowledgeTexts);
  const mayManage = useCan('assistant:manage');
  const cancel = useCancelReading(source);
  const { state, error } = source;
  const isRead = isBeingRead(source);
  if (!isRead && !error) return null;
  const keeps = source.passagesFound.length > 0;
  const meaning = !keeps
    ? texts.nothingAnswered
    : state === 'ready'
      ? texts.restAnswered
      : texts.keptMeanwhile;
  return (
    <div className="mb-6 flex max-w-measure items-end justify-between gap-3">
      <div role="status" className="flex min-w-0 grow flex-col gap-1">
        <SourceProgress source={source} />
        {error && !isRead && <SourceError error={error} tone={state === 'failed' ? 'danger' : 'warning'} />}
        {source.live && (keeps || !isRead) && <p className="text-meta text-text-muted">{meaning}</p>}
      </div>
      {isRead && mayManage && (
        <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          {kinds.cancelReading}
        </Button>
      )}
    </div>
  );
}

function Facts({ source }: { source: TrainingDataDetail }) {
  const texts = useTexts(sourceTexts);
  const format = useFormat();
  const { origin, language, readAt, nextFetchAt, kind } = source;
  const canBeRead = kind !== 'text' && kind !== 'pair';
  return (
    <dl
      data-figures
      className="grid grid-cols-[9rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 phone:grid-cols-[7rem_minmax(0,1fr)]"
    >
      {origin.url && (
        <Fact name={texts.address}>
          <PageAddress url={origin.url} />
        </Fact>
      )}
      {origin.fileName && <Fact name={texts.fileName}>{origin.fileName}</Fact>}
      {origin.bytes !== undefined && <Fact name={texts.size}>{format.bytes(origin.bytes)}</Fact>}
      {origin.conversationId && (
        <Fact name={texts.origin}>
          <Link to={`/inbox/${origin.conversationId}`} className="underline underline-offset-2">
            {texts.conversation}
          </Link>
        </Fact>
      )}
      <Fact name={texts.characters}>{format.number(source.characters)}</Fact>
      {language && language !== 'unknown' && (
        <Fact name={texts.language}>{format.languageName(language)}</Fact>
      )}
      <Fact name={texts.added}>
        <Time at={source.createdAt} />
      </Fact>
      {canBeRead ? (
        <Fact name={texts.readAt}>{readAt ? <Time at={readAt} /> : texts.neverRead}</Fact>
      ) : (
        <Fact name={texts.changed}>
          <Time at={source.updatedAt} />
        </Fact>
      )}
      {source.depth !== null && (
        <Fact name={texts.depth}>{texts.depthOf(source.depth, format.number(source.depth))}</Fact>
      )}
      {(kind === 'page' || kind === 'sitemap') && (
        <Fact name={texts.nextFetch}>
          {nextFetchAt ? <Time at={nextFetchAt} show="distance" /> : texts.refetchNever}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-muted">{name}</dt>
      <dd className="break-words">{children}</dd>
    </>
  );
}
