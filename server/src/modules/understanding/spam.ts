// The model of spam that ships with Parley; see models/spam.md. It only marks.
import { readSpamModel } from '../../learning/spam.ts';
import { shippedModel } from './shipped-model.ts';

/** Kept with each insight. */
export const spamModel = 'parley-spam@1';

export const loadSpamModel = shippedModel(new URL('models/spam.bin', import.meta.url), readSpamModel);
