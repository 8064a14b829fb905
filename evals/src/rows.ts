// What an eval reports, and how it reads the data sets: one JSON object a line, parsed before it is trusted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

export interface Row {
  /** `{eval}/{set}/{figure}`: stays the same from release to release. */
  readonly name: string;
  readonly value: number;
  readonly unit: '%' | 'µs' | 'AUROC';
  /** The published or plainly reached figure on the held-back part, and whose it is; null where there is none. */
  readonly baseline: { readonly value: number; readonly from: string } | null;
  /** How many rows were measured. */
  readonly count: number;
}

export interface EvalInput {
  /** The folder that holds one folder for each data set. */
  readonly dataDirectory: string;
  /** Which part of each set: `dev` unless told otherwise. */
  readonly split: string;
}

/** Reads `{dataDirectory}/{set}/{file}.jsonl`. @throws when a file is missing or a row has not the shape of the schema */
export function readRows<T>(dataDirectory: string, set: string, file: string, schema: z.ZodType<T>): T[] {
  const lines = readFileSync(join(dataDirectory, set, `${file}.jsonl`), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
}

export function percent(right: number, all: number): number {
  return all === 0 ? Number.NaN : (100 * right) / all;
}
