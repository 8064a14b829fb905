// `npm run evals -- NAME… --data DIR --split NAME --json`: how well Parley understands, beside what plain methods reach.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run as answering } from './answering.ts';
import { run as language } from './language.ts';
import { run as phones } from './phones.ts';
import { run as retrieval } from './retrieval.ts';
import type { EvalInput, Row } from './rows.ts';

const EVALS: Readonly<Record<string, (input: EvalInput) => Promise<Row[]>>> = {
  answering,
  language,
  phones,
  retrieval,
};

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string', default: join(import.meta.dirname, '../../../shared/evals') },
    split: { type: 'string', default: 'dev' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(EVALS, name));
if (unknown.length > 0) {
  console.error(
    `There is no eval called ${unknown.join(', ')}. There are: ${Object.keys(EVALS).join(', ')}.`,
  );
  process.exit(2);
}
if (!existsSync(values.data)) {
  console.error(
    `There is no evaluation data at ${values.data}: nothing was measured. Point --data at the folder.`,
  );
  process.exit(!process.env.CI ? 0 : 1);
}

const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(EVALS)) {
  rows.push(...((await EVALS[name]?.({ dataDirectory: values.data, split: values.split })) ?? []));
}
if (values.json) for (const row of rows) console.log(JSON.stringify(row));
else printTable(rows);

function printTable(table: readonly Row[]): void {
  const lines = table.map(({ name, value, unit, baseline, count }) => [
    name,
    format(value, unit),
    baseline === null ? '' : `${format(baseline.value, unit)}  ${baseline.from}`,
    String(count),
  ]);
  const all = [['eval', 'ours', 'baseline', 'rows'], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  for (const [name = '', ours = '', baseline = '', count = ''] of all) {
    console.log(
      `${name.padEnd(widths[0] ?? 0)}  ${ours.padStart(widths[1] ?? 0)}  ${baseline.padEnd(widths[2] ?? 0)}  ${count}`,
    );
  }
}

function format(value: number, unit: Row['unit']): string {
  if (unit === 'AUROC') return value.toFixed(3);
  return `${value.toFixed(unit === '%' ? 1 : 0)} ${unit}`;
}
