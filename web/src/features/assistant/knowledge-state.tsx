// What a source is, how it is doing, how far its reading came, and what went wrong: in words, with a sign beside the colour.
import type { TrainingData, TrainingDataError, TrainingDataKind } from '@parley/contract/training-data';
import {
  CircleAlert,
  CircleCheck,
  Clock,
  EyeOff,
  FileText,
  Globe,
  History,
  LoaderCircle,
  type LucideIcon,
  MessageCircleQuestion,
  Network,
  TextQuote,
  TriangleAlert,
} from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Chip } from '../../ui/chip.tsx';
import { Progress } from '../../ui/progress.tsx';
import { knowledgeTexts } from './texts-knowledge.ts';
import { sourceTexts } from './texts-source.ts';

export const kindIcons: Readonly<Record<TrainingDataKind, LucideIcon>> = {
  text: TextQuote,
  file: FileText,
  page: Globe,
  sitemap: Network,
  pair: MessageCircleQuestion,
};

export const isBeingRead = ({ state }: Pick<TrainingData, 'state'>): boolean =>
  state === 'queued' || state === 'reading';

/** Something in it is not as it should be. */
export const needsAttention = ({ state, error }: Pick<TrainingData, 'state' | 'error'>): boolean =>
  state === 'failed' || state === 'stale' || (state === 'ready' && error !== null);

export function SourceState({ source }: { source: TrainingData }) {
  const texts = useTexts(knowledgeTexts);
  return (
    <span className="flex flex-wrap gap-1">
      {!source.live && <Chip icon={EyeOff}>{texts.heldBack}</Chip>}
      <ReadingState source={source} />
    </span>
  );
}

function ReadingState({ source }: { source: TrainingData }) {
  const texts = useTexts(knowledgeTexts);
  switch (source.state) {
    case 'queued':
      return <Chip icon={Clock}>{texts.queued}</Chip>;
    case 'reading':
      return (
        <Chip tone="accent" icon={LoaderCircle}>
          {texts.reading}
        </Chip>
      );
    case 'failed':
      return (
        <Chip tone="danger" icon={TriangleAlert}>
          {texts.failed}
        </Chip>
      );
    case 'stale':
      return (
        <Chip tone="warning" icon={History}>
          {texts.stale}
        </Chip>
      );
    case 'ready':
      return source.error ? (
        <Chip tone="warning" icon={TriangleAlert}>
          {texts.partly}
        </Chip>
      ) : (
        <Chip tone="success" icon={CircleCheck}>
          {texts.ready}
        </Chip>
      );
  }
}

/** Nothing while there is no number to tell. */
export function SourceProgress({ source: { title, state, progress } }: { source: TrainingData }) {
  const texts = useTexts(knowledgeTexts);
  const format = useFormat();
  if (state !== 'reading' || !progress) return null;
  const { unit, of } = progress;
  const done = format.number(progress.done);
  if (of === null || of === 0) {
    return (
      <span className="text-meta text-text-muted" data-figures>
        {unit === 'pages' ? texts.pagesSoFar(done) : texts.rowsSoFar(done)}
      </span>
    );
  }
  const all = format.number(of);
  return (
    <Progress
      value={progress.done / of}
      name={texts.readingOf(title)}
      label={unit === 'pages' ? texts.pagesDone(done, all) : texts.rowsDone(done, all)}
    />
  );
}

/** In the member's language; an unknown code in the server's own words. */
export function useErrorText(): (error: TrainingDataError) => string {
  const texts = useTexts(sourceTexts);
  const format = useFormat();
  const sentences: Readonly<Record<string, string>> = {
    unreadable: texts.unreadableFile,
    page_unreadable: '',
    locked: texts.locked,
    no_text: texts.noText,
    took_too_long: texts.tookTooLong,
    too_much_memory: texts.tooMuchMemory,
    too_much_text: texts.tooMuchText,
    file_lost: texts.fileLost,
    not_fetched: texts.notFetched,
    page_gone: texts.pageGone,
    robots_forbid: texts.robotsForbid,
    address_forbidden: texts.addressForbidden,
    type_not_read: texts.typeNotRead,
    too_large: texts.tooLarge,
    no_pages: texts.noPages,
    some_pages_failed: texts.somePagesFailed,
    canceled: texts.readingCanceled,
  };
  return ({ code, message, page }) => {
    const sentence = sentences[code];
    if (sentence === undefined) return message;
    const place = page === undefined ? '' : texts.pageUnreadable(format.number(page));
    return [place, sentence].filter(Boolean).join(' ');
  };
}

export function SourceError({ error, tone }: { error: TrainingDataError; tone: 'danger' | 'warning' }) {
  const errorText = useErrorText();
  return (
    <span
      className={`flex gap-1.5 text-meta ${tone === 'danger' ? 'text-danger-text' : 'text-warning-text'}`}
    >
      <CircleAlert size={16} aria-hidden="true" className="mt-px shrink-0" />
      {errorText(error)}
    </span>
  );
}
