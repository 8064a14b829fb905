// A model of intents from its file: also one that somebody made elsewhere says only what an insight can hold.
import { intentName } from '@parley/contract/insights';
import { intentsMax } from '@parley/contract/intents';
import { readIntentModel } from '../../../learning/intent-file.ts';
import { classify, type IntentModel } from '../../../learning/intent-model.ts';
import { ModelFileError } from '../../../learning/model-file.ts';

/** @throws ModelFileError */
export function openIntentModel(bytes: Uint8Array): IntentModel {
  const model = readIntentModel(bytes);
  const { labels, factor, scope, linear } = model;
  const numbers = [factor, scope.offset, ...scope.weights];
  const isWhole =
    labels.every((label) => intentName.safeParse(label).success) &&
    new Set(labels).size === labels.length &&
    labels.length <= Math.min(intentsMax, linear.classCount) &&
    numbers.every((number) => Math.abs(number) < largest);
  if (!isWhole) throw new ModelFileError('other_shape', 'This model does not say names of intents.');
  return model;
}

/** Beyond it, scores are no numbers any more. */
const largest = 1e6;

/** What a message wants as an insight says it; null: nothing that the model has a name for. With the probability that it is right. */
export function sayIntent(
  model: IntentModel,
  text: string,
): { readonly name: string | null; readonly confidence: number } {
  const { label, probability, inScope } = classify(model, text);
  return { name: label, confidence: label === null ? 1 - inScope : inScope * probability };
}
