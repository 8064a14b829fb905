// Rows of facts. On a phone every row becomes a small card: what it is and what can be done with it on top, then the facts
// with their heads beside them.
import { clsx } from 'clsx';
import type { ReactNode } from 'react';

export interface Column<Row> {
  readonly name: string;
  readonly head: string;
  /** The head is there for a screen reader only (a column of buttons). */
  readonly headHidden?: boolean;
  readonly align?: 'start' | 'end';
  readonly cell: (row: Row) => ReactNode;
}

export interface TableProps<Row> {
  /** What the rows are, for a screen reader. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}

const isAction = ({ headHidden, align }: Column<never>) => headHidden && align === 'end';

export function Table<Row>({ caption, columns, rows, rowKey }: TableProps<Row>) {
  return (
    <table className="w-full border-collapse text-body">
      <caption className="sr-only">{caption}</caption>
      <thead className="phone:sr-only">
        <tr>
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              className={clsx(
                'border-line border-b px-3 py-2 font-medium text-meta text-text-muted first:pl-0 last:pr-0',
                column.align === 'end' ? 'text-right' : 'text-left',
              )}
            >
              <span className={column.headHidden ? 'sr-only' : undefined}>{column.head}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={rowKey(row)}
            className="border-line border-b last:border-0 phone:grid phone:grid-cols-[minmax(0,1fr)_auto] phone:items-center phone:gap-x-3 phone:py-3"
          >
            {columns.map((column, index) => (
              <td
                key={column.name}
                data-figures={column.align === 'end' || undefined}
                className={clsx(
                  'px-3 py-2.5 align-middle first:pl-0 last:pr-0 phone:px-0 phone:py-1',
                  column.align === 'end' && 'text-right',
                  index > 0 &&
                    (isAction(column)
                      ? 'phone:col-start-2 phone:row-start-1'
                      : 'phone:col-span-2 phone:flex phone:items-center phone:justify-between phone:gap-4'),
                )}
              >
                {index > 0 && !column.headHidden && (
                  <span aria-hidden="true" className="hidden text-meta text-text-muted phone:inline">
                    {column.head}
                  </span>
                )}
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
