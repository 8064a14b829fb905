// The model of intents that ships with Parley, for who has trained none; see models/intent.md.
import type { IntentModel } from '../../../learning/intent-model.ts';
import { shippedModel } from '../shipped-model.ts';
import { openIntentModel } from './open.ts';

export interface LiveModel {
  readonly model: IntentModel;
  /** Kept with each insight. */
  readonly name: string;
}

export const starterModelName = 'parley-intent@1';

export const loadStarterModel: () => Promise<LiveModel> = shippedModel(
  new URL('../models/intent.bin', import.meta.url),
  (bytes) => ({ model: openIntentModel(bytes), name: starterModelName }),
);
