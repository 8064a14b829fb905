// How good a model of intents is, on a part of the examples that it did not learn from. Pure.
import type { IntentModelMetrics } from '@parley/contract/intent-models';
import { classify, type IntentModel } from '../../../learning/intent-model.ts';
import type { IntentExample } from '../../../learning/intent-training.ts';
import { accuracy, calibrationError, classMetrics, macroF1 } from '../../../learning/metrics.ts';
import { seededRandom, stratifiedFolds } from '../../../learning/random.ts';

const folds = 5;
/** Of fewer examples, a fifth says nothing. */
const measuredMin = 50;

export interface SplitExamples {
  readonly learned: readonly IntentExample[];
  /** Empty: too few to keep any back. */
  readonly measured: readonly IntentExample[];
}

/** A fifth of each intent's examples is kept back, the same for the same seed. */
export function splitOff(examples: readonly IntentExample[], seed: number): SplitExamples {
  if (examples.length < measuredMin) return { learned: examples, measured: [] };
  const indices = new Map<string | null, number>();
  for (const { label } of examples) if (!indices.has(label)) indices.set(label, indices.size);
  const fold = stratifiedFolds(
    examples.map(({ label }) => indices.get(label) ?? 0),
    folds,
    seededRandom(seed),
  );
  return {
    learned: examples.filter((_, at) => fold[at] !== 0),
    measured: examples.filter((_, at) => fold[at] === 0),
  };
}

/** On examples that the model did not see; those about none of the intents do not count. */
export function measure(
  model: IntentModel,
  examples: readonly IntentExample[],
): Omit<IntentModelMetrics, 'trainSeconds'> {
  const known = examples.filter(({ label }) => label !== null);
  const names = [...new Set(known.map(({ label }) => label as string))].sort();
  const indices = new Map(names.map((name, at) => [name, at]));
  const began = performance.now();
  const likeliest = known.map(({ text }) => classify(model, text).ranked[0]);
  const elapsedMs = performance.now() - began;
  // One more for what the examples do not name.
  const predicted = likeliest.map((ranked) => indices.get(ranked?.label ?? '') ?? names.length);
  const actual = known.map(({ label }) => indices.get(label as string) as number);
  const right = predicted.map((label, at) => label === actual[at]);
  return {
    measured: known.length,
    accuracy: accuracy(predicted, actual),
    macroF1: macroF1(predicted, actual, names.length + 1),
    calibrationError: calibrationError(
      likeliest.map((ranked) => ranked?.probability ?? 0),
      right,
    ),
    microsPerMessage: (1000 * elapsedMs) / known.length,
    perIntent: classMetrics(predicted, actual, names.length + 1)
      .slice(0, names.length)
      .map(({ precision, recall, support }, at) => ({
        intent: names[at] as string,
        examples: support,
        precision,
        recall,
      })),
  };
}
