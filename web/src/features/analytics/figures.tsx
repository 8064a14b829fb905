// One question of the page: its answer, the plot, and the table behind it, to read and to save.
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { saveFile, toCsv } from '../../lib/csv.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { Section } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ErrorState } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { analyticsTexts } from './texts.ts';

export interface FigureRow {
  readonly key: string;
  /** As many as there are heads. */
  readonly cells: readonly (string | number)[];
}

interface FiguresProps {
  title: string;
  description: string;
  query: {
    readonly isPending: boolean;
    readonly data?: unknown;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
  answer: string;
  /** Null where there is nothing to be seen. */
  plot: ReactNode;
  heads: readonly string[];
  rows: readonly FigureRow[];
  /** Of the file, without its ending. */
  fileName: string;
}

export function Figures({ title, description, query, answer, plot, heads, rows, fileName }: FiguresProps) {
  const texts = useTexts(analyticsTexts);
  if (query.isPending || !query.data) {
    return (
      <Section title={title} description={description}>
        {query.isPending ? (
          <SkeletonRows rows={4} />
        ) : (
          <ErrorState error={query.error} title={texts.unreadable} onRetry={() => void query.refetch()} />
        )}
      </Section>
    );
  }
  return (
    <Section title={title} description={description}>
      <p data-figures aria-live="polite" className="mb-4">
        {answer}
      </p>
      {plot}
      {rows.length > 0 && (
        <div className="mt-5">
          <Disclosure label={texts.table}>
            <div className="mb-3">
              <Table
                caption={title}
                rows={rows}
                rowKey={({ key }) => key}
                columns={heads.map((head, at) => ({
                  name: head,
                  head,
                  align:
                    at > 0 && typeof rows[0]?.cells[at] === 'number' ? ('end' as const) : ('start' as const),
                  cell: ({ cells }: FigureRow) => cells[at],
                }))}
              />
            </div>
            <Button
              icon={Download}
              onClick={() => saveFile(`${fileName}.csv`, toCsv([heads, ...rows.map(({ cells }) => cells)]))}
            >
              {texts.exportCsv}
            </Button>
          </Disclosure>
        </div>
      )}
    </Section>
  );
}
