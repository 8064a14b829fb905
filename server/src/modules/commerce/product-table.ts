// A table of products as somebody's spreadsheet or shop wrote it: any of the usual encodings, separators and ways to write a
// price. What a row means, or what is wrong with it.
import { setImmediate } from 'node:timers/promises';
import { type ProductImport, productLimits } from '@parley/contract/commerce';
import { type Options, parse } from 'csv-parse';
import { decodeText } from '../../core/decode-text.ts';
import { ParleyError, validationError } from '../../core/errors.ts';
import { priceMinorOf } from './prices.ts';

export type Problem = ProductImport['problems'][number];

export const productColumns = ['sku', 'name', 'description', 'price', 'currency', 'in_stock'] as const;
export type ProductColumn = (typeof productColumns)[number];

/** As the table of products has it; what the file has no column for is as for a new product. */
export interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly priceMinor: number | null;
  readonly currency: string | null;
  readonly inStock: boolean;
}

export interface ProductTable {
  readonly columns: ReadonlySet<ProductColumn>;
  readonly ignoredColumns: string[];
  readonly rows: ProductRow[];
  readonly problems: Problem[];
  readonly refused: number;
}

const DELIMITERS = [',', ';', '\t'];
const ROWS_MAX = 100_000;
const COLUMNS_MAX = 200;
const PROBLEMS_MAX = 1_000;
const IGNORED_MAX = 50;
/** So much is read before others have their turn. */
const SLICE_CHARACTERS = 65_536;
const TURN_MS = 20;
const YES = new Set(['', 'yes', 'true', '1', 'y', 'sí', 'si', 's', 'sim']);
const NO = new Set(['no', 'false', '0', 'n', 'não', 'nao']);
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** @throws ParleyError 400 for what is no such table, or too long a one, `too_many_columns` */
export async function readProductTable(bytes: Uint8Array): Promise<ProductTable> {
  const lines = await readLines(decodeText(bytes));
  const [header = []] = lines;
  const names = header.map((cell) => cell.trim().toLowerCase());
  if (!names.includes('sku') || !names.includes('name'))
    throw validationError('The first row names the columns, among them sku and name.');
  const places = new Map(productColumns.map((column) => [column, names.indexOf(column)]));
  const problems: Problem[] = [];
  const rows: ProductRow[] = [];
  const seen = new Set<string>();
  let refused = 0;
  let restedAt = performance.now();
  for (const [at, line] of lines.entries()) {
    if (performance.now() - restedAt > TURN_MS) {
      await setImmediate();
      restedAt = performance.now();
    }
    if (at === 0 || line.every((cell) => cell.trim() === '')) continue;
    const cell = (column: ProductColumn) => plain(line[places.get(column) ?? -1] ?? '');
    const found = problemsOf(cell);
    const sku = cell('sku');
    if (sku !== '' && seen.has(sku)) found.push({ column: 'sku', code: 'sku_repeated' });
    seen.add(sku);
    const isBeyond = (cell: string, column: number) => column >= header.length && cell.trim() !== '';
    if (line.some(isBeyond)) found.push({ column: header.at(-1)?.trim() ?? '', code: 'too_many_cells' });
    if (found.length === 0) rows.push(rowOf(cell));
    else refused += 1;
    // As a spreadsheet counts.
    for (const problem of found.slice(0, PROBLEMS_MAX - problems.length))
      problems.push({ row: at + 1, ...problem });
  }
  const isKnown = (name: string): name is ProductColumn => productColumns.some((column) => column === name);
  return {
    columns: new Set(names.filter(isKnown)),
    ignoredColumns: header
      .map((cell) => cell.trim().slice(0, 100))
      .filter((name) => name !== '' && !isKnown(name.toLowerCase()))
      .slice(0, IGNORED_MAX),
    rows,
    problems,
    refused,
  };
}

/** Every line of the file, empty ones too. @throws ParleyError 400 */
async function readLines(text: string): Promise<string[][]> {
  const [firstLine = ''] = text.split(/\r?\n|\r/, 1);
  const delimiter = DELIMITERS.toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0];
  // A quote within a cell is one: 6" nails. Lines may be of any length.
  const options: Options = { delimiter: delimiter as string, relax_column_count: true, relax_quotes: true };
  const lines: string[][] = [];
  const parser = parse(options);
  const failed: Error[] = [];
  parser.on('data', (line: string[]) => lines.push(line));
  parser.on('error', (error) => failed.push(error));
  const mustBeTable = () => {
    if (failed[0]) throw notATable(failed[0]);
    if (lines[0] && lines[0].length > COLUMNS_MAX) throw tooManyColumns();
    if (lines.length > ROWS_MAX + 1)
      throw validationError(`A file has ${ROWS_MAX.toLocaleString('en')} rows at most.`);
  };
  for (let at = 0; at < text.length; at += SLICE_CHARACTERS) {
    parser.write(text.slice(at, at + SLICE_CHARACTERS));
    await setImmediate();
    mustBeTable();
  }
  await new Promise<void>((resolve) => {
    parser.once('close', resolve);
    parser.end();
  });
  mustBeTable();
  return lines;
}

function tooManyColumns() {
  const message = `A file has ${COLUMNS_MAX} columns at most.`;
  return new ParleyError({ status: 400, code: 'too_many_columns', message });
}

function notATable(error: Error) {
  const row = Number((error as { records?: unknown }).records) + 1;
  const where = Number.isInteger(row) ? ` Look at row ${row}: a quote may not be closed there.` : '';
  return validationError(`This file cannot be read as a table with a row for each product.${where}`);
}

/** Without what spreadsheets put around it: ="00123" keeps its zeros. */
function plain(cell: string): string {
  const text = cell.trim();
  return (/^="([^"]*)"$/.exec(text)?.[1] ?? text).trim();
}

type Cells = (column: ProductColumn) => string;

function problemsOf(cell: Cells): Omit<Problem, 'row'>[] {
  const problems: Omit<Problem, 'row'>[] = [];
  for (const column of ['sku', 'name'] as const)
    if (cell(column) === '') problems.push({ column, code: 'missing' });
  for (const column of ['sku', 'name', 'description'] as const) {
    if (cell(column).length > productLimits[column]) problems.push({ column, code: 'too_long' });
    if (cell(column).includes('\0')) problems.push({ column, code: 'not_text' });
  }
  const currency = cell('currency').toUpperCase();
  const isCurrency = currency === '' || CURRENCIES.has(currency);
  if (!isCurrency) problems.push({ column: 'currency', code: 'not_a_currency' });
  const price = priceMinorOf(cell('price'), isCurrency ? currency : '');
  if (cell('price') !== '') {
    if (price === null) problems.push({ column: 'price', code: 'not_a_price' });
    else if (price < 0) problems.push({ column: 'price', code: 'negative' });
    else if (price > productLimits.priceMinorMax) problems.push({ column: 'price', code: 'too_large' });
  }
  const inStock = cell('in_stock').toLowerCase();
  if (!YES.has(inStock) && !NO.has(inStock)) problems.push({ column: 'in_stock', code: 'not_yes_or_no' });
  return problems;
}

function rowOf(cell: Cells): ProductRow {
  const currency = cell('currency').toUpperCase();
  return {
    sku: cell('sku'),
    name: cell('name'),
    description: cell('description'),
    priceMinor: priceMinorOf(cell('price'), currency),
    currency: currency || null,
    inStock: !NO.has(cell('in_stock').toLowerCase()),
  };
}
