// What an eval reports, and how it reads the data sets: one JSON object a line, parsed before it is trusted.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** One figure of one set. `task`, `set` and `metric` stay the same from release to release. */
export interface Row {
  readonly task: string;
  /** The name of the data set, and what part of it after a slash: `langid_lingua/sentences`. */
  readonly set: string;
  readonly split: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: '%' | 'AUROC' | 'error' | 'share';
  /** What training took in processor time, see `processorSeconds`; null where nothing was trained. */
  readonly trainSeconds: number | null;
  /** The size of the model as a file; null where there is none. */
  readonly bytes: number | null;
  /** Processor time too; null where it was not measured. */
  readonly microsPerRow: number | null;
  /** The published or plainly reached figure on the held-back part, and whose it is; null where there is none. */
  readonly baseline: { readonly value: number; readonly from: string } | null;
  /** The same figure of other packages in this run, by their names on npm. */
  readonly peers: Readonly<Record<string, number>>;
  /** How many rows were measured. */
  readonly count: number;
}

/** A row of which nothing but the figure is known, to be completed. */
export const BARE = {
  trainSeconds: null,
  bytes: null,
  microsPerRow: null,
  baseline: null,
  peers: {},
} as const satisfies Partial<Row>;

export interface EvalInput {
  /** The folder that holds one folder for each data set. */
  readonly dataDirectory: string;
  /** Which part of each set: `dev` unless told otherwise. */
  readonly split: string;
  /** What random choices are made from: the same seed gives the same figures. */
  readonly seed: number;
  /** Whether packages that take minutes to train are measured too. */
  readonly peers: boolean;
}

/** The public data beside the project: what a set is trained on where `--data` holds only the part to be measured. */
export const publicData = join(import.meta.dirname, '../../../shared/evals');

/** Reads `{dataDirectory}/{set}/{file}.jsonl`. @throws when a file is missing or a row has not the shape of the schema */
export function readRows<T>(dataDirectory: string, set: string, file: string, schema: z.ZodType<T>): T[] {
  const lines = readFileSync(join(dataDirectory, set, `${file}.jsonl`), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
}

/** The part that a model learns from, or that its threshold is chosen on; see `publicData`. @throws as `readRows` does */
export function readPublicRows<T>(
  dataDirectory: string,
  set: string,
  file: string,
  schema: z.ZodType<T>,
): T[] {
  const isHere = existsSync(join(dataDirectory, set, `${file}.jsonl`));
  return readRows(isHere ? dataDirectory : publicData, set, file, schema);
}

/** Seconds of processor time that this process has taken in all its threads: whoever shares the machine does not count. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function percent(right: number, all: number): number {
  return all === 0 ? Number.NaN : (100 * right) / all;
}

export function formatValue(value: number, unit: Row['unit']): string {
  return unit === '%' ? `${value.toFixed(1)} %` : value.toFixed(unit === 'share' ? 4 : 3);
}
