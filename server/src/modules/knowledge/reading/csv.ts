// Tables as text: each row a passage of "column: value", or a question with its answer where the columns say so.
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { partOfRow, ReadingError, type Reporter } from './reader.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const recordLengthMax = 200_000;
const rowsPerReport = 500;
const sampleLines = 12;

/** How a text is delimited if it is a table; null if it is none. `sure`: its name says that it is one. */
export function delimiterOf(text: string, sure: boolean): string | null {
  const lines = text.slice(0, 20_000).split(/\r?\n/, sampleLines + 1);
  // The last one may be cut.
  if (lines.length > sampleLines || text.length > 20_000) lines.pop();
  const filled = lines.filter((line) => line.trim() !== '');
  const columns = (delimiter: string) => filled.map((line) => outsideQuotes(line).split(delimiter).length);
  const candidates = DELIMITERS.map((delimiter) => ({ delimiter, counts: columns(delimiter) })).filter(
    ({ counts }) => (counts[0] ?? 0) > 1,
  );
  const best = candidates.toSorted((a, b) => steadiness(b.counts) - steadiness(a.counts))[0];
  if (sure) return best?.delimiter ?? ',';
  // Prose has commas too: without a name that says so, at least three columns and three rows, all of them alike.
  const [width = 0] = best?.counts ?? [];
  const alike = best?.counts.every((count) => count === width);
  return best && alike && filled.length > 2 && width > 2 ? best.delimiter : null;
}

function outsideQuotes(line: string): string {
  return line.replace(/"(?:[^"]|"")*"/g, '');
}

function steadiness(counts: readonly number[]): number {
  const [first = 0] = counts;
  return counts.filter((count) => count === first).length * 100 + first;
}

/** A little at a time, or all rows would be there before the first is taken. */
function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 16_384) yield text.slice(at, at + 16_384);
}

/** @throws ReadingError */
export async function readCsv(text: string, delimiter: string, report: Reporter): Promise<void> {
  const rows = Readable.from(slices(text)).pipe(
    parse({
      delimiter,
      bom: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: recordLengthMax,
    }),
  );
  let names: readonly string[] | null = null;
  let done = 0;
  try {
    for await (const row of rows as AsyncIterable<string[]>) {
      if (names === null) {
        names = row.map((name) => name.trim());
        continue;
      }
      const columns = names;
      const part = partOfRow(row.map((value, at) => [columns[at] ?? '', value.trim()] as const));
      if (part) report.part(part);
      done += 1;
      if (done % rowsPerReport === 0) report.rows(done);
    }
  } catch (cause) {
    throw new ReadingError('unreadable', { cause });
  }
  // A single line is no header.
  if (done === 0 && names) report.part({ text: names.join('; ') });
  report.rows(done);
}
