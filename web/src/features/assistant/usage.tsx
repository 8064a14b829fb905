// What was spent, by what the member wants to know: a question, its answer, the plot, and the table behind it.
import { type SpendingPurpose, spendingPurposes, type UsageQuery } from '@parley/contract/budgets';
import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { saveFile, toCsv } from '../../lib/csv.ts';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { BarChart, ColumnChart } from '../../ui/charts.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Section } from '../../ui/page.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { currency } from './model-state.tsx';
import { useUsage } from './spending-queries.ts';
import { spendingTexts } from './texts-spending.ts';
import {
  amountOf,
  byAmount,
  everyDay,
  firstMoment,
  type Measure,
  measures,
  totalOf,
  type UsageItem,
} from './usage-figures.ts';

type By = UsageQuery['by'];
const waysToCount: readonly By[] = ['day', 'model', 'conversation', 'contact', 'purpose'];
const spans = ['7', '31', '90'] as const;
const barsMax = 8;

export function UsageSection() {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  const nowMs = useNow();
  const [by, setBy] = useState<By>('day');
  const [days, setDays] = useState<(typeof spans)[number]>('31');
  const [measure, setMeasure] = useState<Measure>('cost');
  const from = firstMoment(Number(days), nowMs);
  const usage = useUsage(by, from);
  const words = useWords();
  return (
    <Section title={texts.usage}>
      <div className="mb-5 grid grid-cols-3 gap-2 phone:grid-cols-2">
        <Select
          aria-label={texts.by}
          value={by}
          options={waysToCount.map((value) => ({ value, label: words.by[value] }))}
          onChange={setBy}
        />
        <Select
          aria-label={texts.time}
          value={days}
          options={spans.map((value) => ({ value, label: texts.lastDays(format.number(Number(value))) }))}
          onChange={setDays}
        />
        <Select
          aria-label={texts.measure}
          value={measure}
          options={measures.map((value) => ({ value, label: words.measure[value] }))}
          onChange={setMeasure}
          className="phone:col-span-2"
        />
      </div>
      {usage.isPending && <SkeletonRows rows={4} />}
      {usage.isError && !usage.data && (
        <ErrorState error={usage.error} title={texts.usageUnreadable} onRetry={() => void usage.refetch()} />
      )}
      {usage.data && (
        <Shown
          by={by}
          measure={measure}
          items={
            by === 'day'
              ? everyDay(usage.data.items, from, Number(days))
              : byAmount(usage.data.items, measure)
          }
        />
      )}
    </Section>
  );
}

function useWords() {
  const texts = useTexts(spendingTexts);
  return useMemo(
    () => ({
      by: {
        day: texts.byDay,
        model: texts.byModel,
        conversation: texts.byConversation,
        contact: texts.byContact,
        purpose: texts.byPurpose,
      },
      measure: {
        cost: texts.costMeasure,
        tokens: texts.tokensMeasure,
        segments: texts.segmentsMeasure,
        calls: texts.callsMeasure,
      },
      question: {
        day: texts.questionDay,
        model: texts.questionModel,
        conversation: texts.questionConversation,
        contact: texts.questionContact,
        purpose: texts.questionPurpose,
      },
      purpose: {
        run: texts.purposeRun,
        trial: texts.purposeTrial,
        test: texts.purposeTest,
        api: texts.purposeApi,
        chat: texts.purposeChat,
        check: texts.purposeCheck,
        shadow: texts.purposeShadow,
        embeddings: texts.purposeEmbeddings,
        send: texts.purposeSend,
        code: texts.purposeCode,
        consent: texts.purposeConsent,
        before: texts.purposeBefore,
      } satisfies Record<SpendingPurpose, string>,
    }),
    [texts],
  );
}

/** What an item is called. */
function useLabel(by: By): (item: UsageItem) => string {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  const { purpose } = useWords();
  return ({ key, name }) => {
    if (by === 'day') return format.day(`${key}T12:00:00Z`);
    if (by === 'model') return name ?? (key === 'sms' ? texts.sms : (key ?? ''));
    if (by === 'purpose') {
      const known = spendingPurposes.find((each) => each === key);
      return known ? purpose[known] : (key ?? '');
    }
    return name ? formatPhone(name) : by === 'contact' ? texts.noContact : texts.noConversation;
  };
}

interface ShownProps {
  by: By;
  measure: Measure;
  items: readonly UsageItem[];
}

function Shown({ by, measure, items }: ShownProps) {
  const texts = useTexts(spendingTexts);
  const format = useFormat();
  const words = useWords();
  const label = useLabel(by);
  const show = (amount: number) =>
    measure === 'cost' ? format.money(amount, currency) : format.number(amount);
  const total = totalOf(items, measure);
  const unpriced = items.reduce((sum, { unpricedCalls }) => sum + unpricedCalls, 0);
  const [most] = byAmount(items, measure);
  const answer =
    most && total > 0
      ? texts.answer(
          show(total),
          by === 'day' ? format.dayWithin(`${most.key}T12:00:00Z`) : label(most),
          show(amountOf(most, measure)),
        )
      : texts.nothing;
  const bars = items.map((item) => ({
    key: item.key ?? '',
    label: label(item),
    amount: amountOf(item, measure),
    shown: show(amountOf(item, measure)),
  }));
  const largest = bars.filter(({ amount }) => amount > 0).slice(0, barsMax);
  const rows = by === 'day' ? items.filter(({ calls }) => calls > 0).toReversed() : items;
  const save = () =>
    saveFile(
      `parley-${by}.csv`,
      toCsv([
        [
          words.by[by],
          texts.calls,
          `${texts.cost} (${currency})`,
          texts.read,
          texts.written,
          texts.segments,
          texts.unpricedCalls,
        ],
        ...rows.map((item) => [
          by === 'day' ? (item.key ?? '') : label(item),
          item.calls,
          item.costMicros / 1e6,
          item.inputTokens,
          item.outputTokens,
          item.segments,
          item.unpricedCalls,
        ]),
      ]),
    );
  return (
    <>
      <h3 className="font-semibold">{words.question[by]}</h3>
      <p data-figures aria-live="polite" className="mb-4 text-text-muted">
        {answer}
        {measure === 'cost' && unpriced > 0 && ` ${texts.unpriced(unpriced, format.number(unpriced))}`}
      </p>
      {total > 0 &&
        (by === 'day' ? (
          <ColumnChart
            bars={bars}
            answer={answer}
            from={bars[0]?.label ?? ''}
            to={bars.at(-1)?.label ?? ''}
          />
        ) : (
          <BarChart bars={largest} answer={answer} />
        ))}
      {by !== 'day' && rows.length > largest.length && largest.length === barsMax && (
        <p className="mt-2 text-meta text-text-muted">
          {texts.others(format.number(rows.length - largest.length))}
        </p>
      )}
      {rows.length > 0 && (
        <div className="mt-5">
          <Disclosure label={texts.table}>
            <div className="mb-3">
              <Table
                caption={words.question[by]}
                rows={rows}
                rowKey={({ key }) => key ?? ''}
                columns={[
                  {
                    name: 'what',
                    head: words.by[by],
                    cell: (item) => <What by={by} item={item} text={label(item)} />,
                  },
                  {
                    name: 'calls',
                    head: texts.calls,
                    align: 'end',
                    cell: ({ calls }) => format.number(calls),
                  },
                  {
                    name: 'cost',
                    head: texts.cost,
                    align: 'end',
                    cell: ({ costMicros, unpricedCalls }) =>
                      unpricedCalls > 0 && costMicros === 0
                        ? texts.costUnknown
                        : format.money(costMicros, currency),
                  },
                  {
                    name: 'read',
                    head: texts.read,
                    align: 'end',
                    cell: ({ inputTokens }) => format.number(inputTokens),
                  },
                  {
                    name: 'written',
                    head: texts.written,
                    align: 'end',
                    cell: ({ outputTokens }) => format.number(outputTokens),
                  },
                  {
                    name: 'segments',
                    head: texts.segments,
                    align: 'end',
                    cell: ({ segments }) => format.number(segments),
                  },
                ]}
              />
            </div>
            <Button icon={Download} onClick={save}>
              {texts.exportCsv}
            </Button>
          </Disclosure>
        </div>
      )}
    </>
  );
}

function What({ by, item, text }: { by: By; item: UsageItem; text: string }) {
  if (by !== 'conversation' || item.key === null) return text;
  return (
    <Link
      to={`/inbox/${item.key}`}
      className="relative underline underline-offset-2 after:absolute after:-inset-3.5"
    >
      {text}
    </Link>
  );
}
