// The model of spam that ships with Parley; see models/spam.md. It only marks.
import { readFile } from 'node:fs/promises';
import { readSpamModel, type SpamModel } from '../../learning/spam.ts';

/** Kept with each insight. */
export const spamModel = 'parley-spam@1';

export const spamModelFile = new URL('models/spam.bin', import.meta.url);

let loading: Promise<SpamModel> | null = null;

/** Read at the first call. */
export function loadSpamModel(): Promise<SpamModel> {
  loading ??= readFile(spamModelFile).then((bytes) => readSpamModel(new Uint8Array(bytes)));
  return loading;
}
