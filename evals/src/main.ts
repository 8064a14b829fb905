// `npm run evals -- TASK… --data DIR --split NAME --json --seed S --peers`: how well Parley understands, beside what plain methods reach.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { run as answering } from './answering.ts';
import { run as dates } from './dates.ts';
import { run as intent } from './intent.ts';
import { run as language } from './language.ts';
import { run as phones } from './phones.ts';
import { run as recommendation } from './recommendation.ts';
import { run as retrieval } from './retrieval.ts';
import { type EvalInput, formatValue, publicData, type Row } from './rows.ts';
import { run as sentiment } from './sentiment.ts';
import { run as spam } from './spam.ts';
import { trainShipped } from './train-shipped.ts';

const EVALS: Readonly<Record<string, (input: EvalInput) => Promise<Row[]>>> = {
  answering,
  dates,
  intent,
  language,
  phones,
  recommendation,
  retrieval,
  sentiment,
  spam,
};

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string', default: publicData },
    split: { type: 'string', default: 'dev' },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    peers: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed)) {
  console.error(`--seed is a whole number, and not ${values.seed}.`);
  process.exit(2);
}
const isTraining = positionals[0] === 'train-shipped';
const unknown = (isTraining ? [] : positionals).filter((name) => !Object.hasOwn(EVALS, name));
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

const input: EvalInput = { dataDirectory: values.data, split: values.split, seed, peers: values.peers };
if (isTraining) {
  await trainShipped(positionals.slice(1), input);
  process.exit(0);
}

const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(EVALS)) {
  rows.push(...((await EVALS[name]?.(input)) ?? []));
}
if (values.json) for (const row of rows) console.log(JSON.stringify(row));
else printTable(rows);

function printTable(table: readonly Row[]): void {
  const lines = table.map((row) => [
    `${row.task} ${row.set}`,
    row.metric,
    formatValue(row.value, row.unit),
    row.baseline === null ? '' : `${formatValue(row.baseline.value, row.unit)} ${row.baseline.from}`,
    Object.entries(row.peers)
      .map(([peer, value]) => `${peer} ${formatValue(value, row.unit)}`)
      .join(', '),
    row.trainSeconds === null ? '' : `${row.trainSeconds.toFixed(1)} s`,
    row.bytes === null ? '' : `${Math.ceil(row.bytes / 1024)} KB`,
    row.microsPerRow === null ? '' : `${row.microsPerRow.toFixed(0)} µs`,
    String(row.count),
  ]);
  const head = ['set', 'figure', 'ours', 'baseline', 'peers', 'training', 'size', 'a row', 'rows'];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)),
  );
  for (const line of [head, ...lines]) {
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}
