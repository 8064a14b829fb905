// What was understood of a contact's message, in a word below it; behind it all of it, to correct.
import type { Insight, InsightCorrection, SentimentLabel } from '@parley/contract/insights';
import { clsx } from 'clsx';
import { Frown, type LucideIcon, OctagonAlert, Smile } from 'lucide-react';
import { useFormat } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Select } from '../../ui/select.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useLanguageName } from '../conversations/language-name.ts';
import { useCorrectInsight, useInsight, useWorkspaceZone } from './insight-queries.ts';
import { useIntentName } from './intent-name.ts';
import { useIntents } from './intent-queries.ts';
import { insightTexts } from './texts-insights.ts';

interface MessageInsightProps {
  messageId: string;
  /** Of the message: dates are shown in its words. */
  body: string;
}

/** What is worth a word; where nothing is, the way to say what it is shows itself to who points at the message. */
export function MessageInsight({ messageId, body }: MessageInsightProps) {
  const texts = useTexts(insightTexts);
  const { data: insight } = useInsight(messageId);
  const intentName = useIntentName();
  if (!insight) return null;
  const { intent, sentiment, spam } = insight;
  const words = [
    spam?.value === true && texts.spam,
    intent?.value && intentName(intent.value),
    sentiment && sentiment.value !== 'neutral' && texts[sentiment.value],
  ].filter((word) => typeof word === 'string');
  const Icon = iconOf(insight);
  return (
    <Popover
      label={texts.understood}
      side="top"
      className="w-72 text-meta"
      trigger={
        <button
          type="button"
          aria-label={words.length > 0 ? texts.understoodAs(words.join(', ')) : texts.sayWhatItIs}
          className={clsx(
            "relative inline-flex items-center gap-1 rounded-small underline-offset-2 after:absolute after:-inset-2 after:content-[''] hover:text-text hover:underline phone:after:-inset-3.5",
            spam?.value === true && 'text-warning-text',
            words.length === 0 &&
              'opacity-0 focus-visible:opacity-100 group-hover:opacity-100 phone:opacity-100',
          )}
        >
          {Icon && <Icon size={12} aria-hidden="true" />}
          {words.length > 0 ? words.join(' · ') : texts.sayWhatItIs}
        </button>
      }
    >
      <InsightForm insight={insight} body={body} />
    </Popover>
  );
}

function iconOf({ spam, sentiment }: Insight): LucideIcon | null {
  if (spam?.value) return OctagonAlert;
  if (sentiment?.value === 'negative') return Frown;
  return sentiment?.value === 'positive' ? Smile : null;
}

const languages = ['en', 'es', 'pt'] as const;
const sentiments = ['negative', 'neutral', 'positive'] as const;
/** No intent has a name with a dash. */
const none = '-';

function InsightForm({ insight, body }: { insight: Insight; body: string }) {
  const texts = useTexts(insightTexts);
  const format = useFormat();
  const languageName = useLanguageName();
  const intentName = useIntentName();
  const mayCorrect = useCan('conversations:write');
  const { data: known = [] } = useIntents();
  const correct = useCorrectInsight(insight.messageId);
  const say = (correction: InsightCorrection) => correct.mutate(correction);
  const { language, intent, sentiment, spam, dates } = insight;
  const names = [
    ...new Set([...known.map(({ name }) => name), ...(intent?.value ? [intent.value] : [])]),
  ].sort();
  const parts = [language, intent, sentiment, spam];
  const hintOf = (judged: Insight['intent'] | Insight['sentiment'] | Insight['language']) => {
    if (!judged) return undefined;
    return judged.correctedBy ? texts.saidByMember : texts.sure(format.percent(judged.confidence));
  };
  return (
    <div className="flex flex-col gap-3">
      <Field label={texts.intent} hint={hintOf(intent)}>
        <Select
          value={intent?.value ?? none}
          disabled={!mayCorrect}
          options={[
            ...names.map((name) => ({ value: name, label: intentName(name) })),
            { value: none, label: texts.noIntent },
          ]}
          onChange={(value) => say({ intent: value === none ? null : value })}
        />
      </Field>
      <Field label={texts.sentiment} hint={hintOf(sentiment)}>
        <Select<SentimentLabel>
          value={sentiment?.value ?? 'neutral'}
          disabled={!mayCorrect}
          options={sentiments.map((value) => ({ value, label: texts[value] }))}
          onChange={(value) => say({ sentiment: value })}
        />
      </Field>
      <Field label={texts.language} hint={hintOf(language)}>
        <Select<Insight['language']['value']>
          value={language.value}
          disabled={!mayCorrect}
          options={[...languages, ...(language.value === 'unknown' ? (['unknown'] as const) : [])].map(
            (value) => ({ value, label: languageName(value) }),
          )}
          onChange={(value) => value !== 'unknown' && say({ language: value })}
        />
      </Field>
      {dates.length > 0 && <Dates dates={dates} body={body} />}
      <Switch
        label={texts.isSpam}
        checked={spam?.value ?? false}
        disabled={!mayCorrect}
        onChange={(value) => say({ spam: value })}
      />
      <p className="text-text-muted">{texts.learns}</p>
      {parts.some((part) => part?.correctedBy) && mayCorrect && (
        <Button size="small" disabled={correct.isPending} onClick={() => correct.mutate(null)}>
          {texts.takeBack}
        </Button>
      )}
    </div>
  );
}

function Dates({ dates, body }: { dates: Insight['dates']; body: string }) {
  const texts = useTexts(insightTexts);
  const format = useFormat();
  const timeZone = useWorkspaceZone();
  const said = dates.map(({ from, to, start, grain }) =>
    start ? `${body.slice(from, to)} (${format.moment(start, grain, { timeZone })})` : body.slice(from, to),
  );
  return (
    <p>
      <span className="text-text-muted">{texts.dates}: </span>
      {said.join(' · ')}
    </p>
  );
}
