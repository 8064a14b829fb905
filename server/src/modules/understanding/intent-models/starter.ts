// The model of intents that ships with Parley, for who has trained none; see models/intent.md.
import { readFile } from 'node:fs/promises';
import { readIntentModel } from '../../../learning/intent-file.ts';
import type { IntentModel } from '../../../learning/intent-model.ts';

export interface LiveModel {
  readonly model: IntentModel;
  /** Kept with each insight. */
  readonly name: string;
}

export const starterModelFile = new URL('../models/intent.bin', import.meta.url);

let loading: Promise<LiveModel> | null = null;

/** Read at the first call. */
export function loadStarterModel(): Promise<LiveModel> {
  loading ??= readFile(starterModelFile).then((bytes) => ({
    model: readIntentModel(new Uint8Array(bytes)),
    name: 'parley-intent@1',
  }));
  return loading;
}
