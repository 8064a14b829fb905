// What Parley and the process that runs models say to each other.
import type { OnnxModel } from './folder.ts';

export type Task = 'text-classification' | 'feature-extraction';

export interface Question {
  readonly id: number;
  readonly task: Task;
  readonly folder: string;
  readonly dtype: OnnxModel['dtype'];
  readonly pooling: OnnxModel['settings']['pooling'];
  readonly texts: readonly string[];
  /** Somebody waits for it: it goes before what nobody waits for. */
  readonly urgent: boolean;
}

/** By a label of the model, how probable it is. */
export type Probabilities = Readonly<Record<string, number>>;

export interface Answer {
  readonly id: number;
  /** Of each text what was asked for. */
  readonly results: readonly (Probabilities | Float32Array)[];
  /** That all texts together were cut into. */
  readonly tokens: number;
}

export type Said = Answer | { readonly id: number; readonly error: string };

/** Nobody waits any more. */
export interface Cancelled {
  readonly cancelled: number;
}
