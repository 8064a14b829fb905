// A model of intents as a file: taken elsewhere, and brought back.
import { createHash } from 'node:crypto';
import type { IntentModel } from '@parley/contract/intent-models';
import type { Context } from '../../../core/context.ts';
import { ParleyError } from '../../../core/errors.ts';
import { ModelFileError } from '../../../learning/model-file.ts';
import { readFile } from './live.ts';
import { openIntentModel } from './open.ts';
import { findIntentModel, finishIntentModel, insertIntentModel, keepLearned, toIntentModel } from './rows.ts';

/** A model of 500 intents is smaller. */
export const modelFileBytesMax = 8 * 1024 * 1024;

export interface ModelDownload {
  readonly file: Uint8Array;
  readonly version: number;
  readonly checksum: string;
}

/** @throws ParleyError 404, 409 `not_trained` */
export async function exportIntentModel(ctx: Context, id: string): Promise<ModelDownload> {
  return ctx.transaction(async (tx) => {
    const { version, checksum } = await findIntentModel(tx, id);
    return { file: await readFile(tx, id), version, checksum: checksum ?? '' };
  });
}

/**
 * Keeps it as the next version, which reads nothing until it is promoted.
 * @throws ParleyError 400 `model_file.{problem}`, 409 `training_running`
 */
export async function importIntentModel(ctx: Context, file: Uint8Array): Promise<IntentModel> {
  try {
    // A copy: what reads it wants bytes that are nobody else's.
    openIntentModel(new Uint8Array(file));
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new ParleyError({
      status: 400,
      code: `model_file.${error.problem}`,
      message: error.message,
      cause: error,
    });
  }
  return ctx.transaction(async (tx) => {
    const id = await insertIntentModel(tx, 'imported');
    const checksum = createHash('sha256').update(file).digest('hex');
    await keepLearned(tx, id, { file, checksum, data: null, reference: null });
    await finishIntentModel(tx, id, null);
    return toIntentModel(await findIntentModel(tx, id));
  });
}
