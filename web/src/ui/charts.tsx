// Plots: a column for each day, whole or in parts, or a bar for each of the largest. The table behind a plot says the same in
// figures, so that here is nothing that only an eye can read.
import { clsx } from 'clsx';

export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly amount: number;
  readonly shown: string;
}

interface ChartProps {
  bars: readonly Bar[];
  /** What it shows, in a sentence. */
  answer: string;
}

const shareOf = (amount: number, most: number) => (most === 0 ? 0 : amount / most);

/** @param from, to under the first and the last column. */
export function ColumnChart({ bars, answer, from, to }: ChartProps & { from: string; to: string }) {
  const most = Math.max(...bars.map(({ amount }) => amount));
  return (
    <figure role="img" aria-label={answer} className="m-0">
      <div className="flex h-40 items-end gap-px border-line border-b">
        {bars.map(({ key, label, amount, shown }) => (
          <div key={key} title={`${label}: ${shown}`} className="group flex h-full min-w-0 flex-1 items-end">
            <div
              className={clsx(
                'mx-auto w-full max-w-6 rounded-t-small bg-accent group-hover:bg-accent-hover',
                amount > 0 && 'min-h-0.5',
              )}
              style={{ height: `${shareOf(amount, most) * 100}%` }}
            />
          </div>
        ))}
      </div>
      <div data-figures className="mt-1 flex justify-between text-meta text-text-muted">
        <span>{from}</span>
        <span>{to}</span>
      </div>
    </figure>
  );
}

export function BarChart({ bars, answer }: ChartProps) {
  const most = Math.max(...bars.map(({ amount }) => amount));
  return (
    <figure role="img" aria-label={answer} className="m-0 flex flex-col gap-2">
      {bars.map(({ key, label, amount, shown }) => (
        <div
          key={key}
          className="grid grid-cols-[minmax(0,12rem)_minmax(0,1fr)_auto] items-center gap-3 phone:grid-cols-[minmax(0,1fr)_auto] phone:gap-y-1"
        >
          <span className="truncate">{label}</span>
          <span className="phone:order-last phone:col-span-2">
            <span
              className="block h-3 min-w-0.5 rounded-small bg-accent"
              style={{ width: `${shareOf(amount, most) * 100}%` }}
            />
          </span>
          <span data-figures className="text-right text-text-muted">
            {shown}
          </span>
        </div>
      ))}
    </figure>
  );
}

export type SeriesColour = 'accent' | 'info' | 'danger' | 'success' | 'neutral';

const seriesColours: Readonly<Record<SeriesColour, string>> = {
  accent: 'bg-accent',
  info: 'bg-info',
  danger: 'bg-danger',
  success: 'bg-success',
  neutral: 'bg-line-strong',
};

export interface Series {
  readonly key: string;
  readonly label: string;
  readonly colour: SeriesColour;
  /** One for each column. */
  readonly amounts: readonly number[];
}

interface StackedProps {
  /** What stands under each column: the first and the last are shown, the others when they are pointed at. */
  labels: readonly string[];
  /** The first stands at the bottom. */
  series: readonly Series[];
  /** What it shows, in a sentence. */
  answer: string;
}

export function StackedChart({ labels, series, answer }: StackedProps) {
  const totals = labels.map((_, at) => series.reduce((sum, { amounts }) => sum + (amounts[at] ?? 0), 0));
  const most = Math.max(...totals, 0);
  const share = (amount: number) => `${shareOf(amount, most) * 100}%`;
  return (
    <figure role="img" aria-label={answer} className="m-0">
      <div className="flex h-40 items-end gap-px border-line border-b">
        {labels.map((label, at) => (
          <div
            key={label}
            title={[label, ...series.map((each) => `${each.label}: ${each.amounts[at] ?? 0}`)].join('\n')}
            className="group flex h-full min-w-0 flex-1 items-end"
          >
            <div
              className="mx-auto flex w-full max-w-6 flex-col-reverse overflow-hidden rounded-t-small group-hover:opacity-80"
              style={{ height: share(totals[at] ?? 0) }}
            >
              {series.map(({ key, colour, amounts }) => (
                <div
                  key={key}
                  className={clsx('shrink-0', seriesColours[colour])}
                  style={{ height: `${shareOf(amounts[at] ?? 0, totals[at] ?? 0) * 100}%` }}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      <div data-figures className="mt-1 flex justify-between text-meta text-text-muted">
        <span>{labels[0]}</span>
        <span>{labels.at(-1)}</span>
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-meta">
        {series.map(({ key, label, colour }) => (
          <li key={key} className="flex items-center gap-1.5">
            <span className={clsx('size-2.5 rounded-small', seriesColours[colour])} />
            {label}
          </li>
        ))}
      </ul>
    </figure>
  );
}
