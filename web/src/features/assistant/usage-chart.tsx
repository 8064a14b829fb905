// The plot of what was spent: a column for each day, or a bar for each of the largest. The table behind it says the same in
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
