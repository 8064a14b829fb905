// What came in and went out by day, how people sounded, and what they wanted.
import { useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { useTexts } from '../../lib/texts.ts';
import { BarChart, StackedChart } from '../../ui/charts.tsx';
import { Page } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { useChannels } from '../conversations/queries.ts';
import { useIntentName } from '../understanding/intent-name.ts';
import { Figures } from './figures.tsx';
import { amountsByDay, daysFrom, firstMoment, sum, totalsBy } from './stats-figures.ts';
import { type Asked, useChannelStats, useIntentStats, useSentimentStats } from './stats-queries.ts';
import { analyticsTexts } from './texts.ts';

const spans = ['7', '31', '90'] as const;
/** No id begins with a dash. */
const all = '-all';
const barsMax = 8;

export function AnalyticsPage() {
  const texts = useTexts(analyticsTexts);
  const format = useFormat();
  const nowMs = useNow();
  const { items: channels } = useChannels();
  const [span, setSpan] = useState<(typeof spans)[number]>('31');
  const [channelId, setChannelId] = useState<string>();
  const first = firstMoment(Number(span), nowMs);
  const shown = { days: daysFrom(first, Number(span)), asked: { from: first.toISOString(), channelId } };
  return (
    <Page title={texts.title} description={texts.text}>
      <div className="mb-6 grid grid-cols-2 gap-2">
        <Select
          aria-label={texts.time}
          value={span}
          options={spans.map((value) => ({ value, label: texts.lastDays(format.number(Number(value))) }))}
          onChange={setSpan}
        />
        <Select
          aria-label={texts.channel}
          value={channelId ?? all}
          options={[
            { value: all, label: texts.allChannels },
            ...channels.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) => setChannelId(value === all ? undefined : value)}
        />
      </div>
      <Messages {...shown} />
      <Sentiments {...shown} />
      <Intents {...shown} />
    </Page>
  );
}

interface ShownProps {
  days: readonly string[];
  asked: Asked;
}

/** Noon is that day wherever the browser is. */
const useDayName = () => {
  const format = useFormat();
  return (day: string) => format.day(`${day}T12:00:00`);
};

function Messages({ days, asked }: ShownProps) {
  const texts = useTexts(analyticsTexts);
  const format = useFormat();
  const dayName = useDayName();
  const query = useChannelStats(asked);
  const items = query.data?.items ?? [];
  const kinds = ['inbound', 'byAssistant', 'byMembers', 'failed'] as const;
  const by = Object.fromEntries(
    kinds.map((kind) => [kind, amountsByDay(days, items, (item) => item[kind])]),
  ) as Record<(typeof kinds)[number], number[]>;
  const outbound = sum(by.byAssistant) + sum(by.byMembers);
  const isEmpty = sum(by.inbound) + outbound === 0;
  const answer = isEmpty
    ? texts.noMessages
    : texts.messagesAnswer(format.number(sum(by.inbound)), format.number(outbound));
  return (
    <Figures
      title={texts.messages}
      description={texts.messagesText}
      query={query}
      answer={answer}
      plot={
        isEmpty ? null : (
          <StackedChart
            labels={days.map(dayName)}
            answer={answer}
            series={[
              { key: 'inbound', label: texts.byContacts, colour: 'neutral', amounts: by.inbound },
              { key: 'assistant', label: texts.byAssistant, colour: 'accent', amounts: by.byAssistant },
              { key: 'members', label: texts.byMembers, colour: 'info', amounts: by.byMembers },
            ]}
          />
        )
      }
      heads={[texts.day, texts.byContacts, texts.byAssistant, texts.byMembers, texts.failed]}
      rows={days
        .map((day, at) => ({ key: day, cells: [dayName(day), ...kinds.map((kind) => by[kind][at] ?? 0)] }))
        .filter(({ cells }) => cells.some((cell) => typeof cell === 'number' && cell > 0))
        .toReversed()}
      fileName="parley-messages"
    />
  );
}

const sentimentColours = { negative: 'danger', neutral: 'neutral', positive: 'success' } as const;
const sentiments = ['negative', 'neutral', 'positive'] as const;

function Sentiments({ days, asked }: ShownProps) {
  const texts = useTexts(analyticsTexts);
  const format = useFormat();
  const dayName = useDayName();
  const query = useSentimentStats(asked);
  const items = query.data?.items ?? [];
  const series = sentiments.map((sentiment) => ({
    key: sentiment,
    label: texts[sentiment],
    colour: sentimentColours[sentiment],
    amounts: amountsByDay(
      days,
      items.filter((item) => item.sentiment === sentiment),
      ({ messages }) => messages,
    ),
  }));
  const total = sum(series.map(({ amounts }) => sum(amounts)));
  const answer =
    total === 0
      ? texts.nothingUnderstood
      : texts.moodsAnswer(format.number(sum(series[0]?.amounts ?? [])), format.number(total));
  return (
    <Figures
      title={texts.moods}
      description={texts.moodsText}
      query={query}
      answer={answer}
      plot={total === 0 ? null : <StackedChart labels={days.map(dayName)} answer={answer} series={series} />}
      heads={[texts.day, ...series.map(({ label }) => label)]}
      rows={days
        .map((day, at) => ({
          key: day,
          cells: [dayName(day), ...series.map(({ amounts }) => amounts[at] ?? 0)],
        }))
        .filter(({ cells }) => cells.some((cell) => typeof cell === 'number' && cell > 0))
        .toReversed()}
      fileName="parley-sentiment"
    />
  );
}

const noIntent = '';

function Intents({ asked }: ShownProps) {
  const texts = useTexts(analyticsTexts);
  const format = useFormat();
  const query = useIntentStats(asked);
  const intentName = useIntentName();
  const items = query.data?.items ?? [];
  const keyOf = ({ intent }: { intent: string | null }) => intent ?? noIntent;
  const totals = totalsBy(items, keyOf, ({ messages }) => messages);
  const corrected = new Map(
    totalsBy(items, keyOf, (item) => item.corrected).map(({ key, amount }) => [key, amount]),
  );
  const nameOf = (key: string) => (key === noIntent ? texts.noIntent : intentName(key));
  const total = sum(totals.map(({ amount }) => amount));
  const [most] = totals;
  const answerOf = () => {
    if (!most) return texts.nothingUnderstood;
    const [count, of] = [format.number(most.amount), format.number(total)];
    if (most.key === noIntent) return texts.mostHadNone(count, of);
    return texts.intentsAnswer(nameOf(most.key), count, of);
  };
  const answer = answerOf();
  return (
    <Figures
      title={texts.intents}
      description={texts.intentsText}
      query={query}
      answer={answer}
      plot={
        totals.length === 0 ? null : (
          <BarChart
            answer={answer}
            bars={totals.slice(0, barsMax).map(({ key, amount }) => ({
              key,
              label: nameOf(key),
              amount,
              shown: format.number(amount),
            }))}
          />
        )
      }
      heads={[texts.intent, texts.messages, texts.corrected]}
      rows={totals.map(({ key, amount }) => ({ key, cells: [nameOf(key), amount, corrected.get(key) ?? 0] }))}
      fileName="parley-intents"
    />
  );
}
