// The model of intents that ships: made from the phrasings that come with Parley, and measured on fifths of them that were kept back.

import { classify } from '../../server/src/learning/intent-model.ts';
import { trainIntentClassifier } from '../../server/src/learning/intent-training.ts';
import { seededRandom, stratifiedFolds } from '../../server/src/learning/random.ts';
import { runToEnd } from '../../server/src/learning/steps.ts';
import {
  starterExamples,
  starterIntents,
} from '../../server/src/modules/understanding/starter-intents/starter-intents.ts';
import { BARE, type EvalInput, percent, type Row } from './rows.ts';

const folds = 5;

export function trainStarterIntents(_dataDirectory: string, seed: number): Uint8Array {
  return runToEnd(trainIntentClassifier(starterExamples(), { seed })).bytes;
}

/** Of phrasings that it did not see, for how many the likeliest intent is the right one, by language. */
export async function measureStarterIntents({ seed }: EvalInput): Promise<Row[]> {
  const examples = starterExamples();
  const fold = stratifiedFolds(
    examples.map(({ label }) => starterIntents.indexOf(label)),
    folds,
    seededRandom(seed),
  );
  const isRight: boolean[] = [];
  for (let turn = 0; turn < folds; turn += 1) {
    const { model } = runToEnd(
      // Which intent is likeliest does not depend on how sure it may be.
      trainIntentClassifier(
        examples.filter((_, at) => fold[at] !== turn),
        { seed, heldOut: [] },
      ),
    );
    for (const [at, { text, label }] of examples.entries())
      if (fold[at] === turn) isRight[at] = classify(model, text).ranked[0]?.label === label;
  }
  return (['en', 'es', 'pt'] as const).map((language) => {
    const right = isRight.filter((_, at) => examples[at]?.language === language);
    return {
      ...BARE,
      task: 'intent',
      set: `starter-intents/${language}`,
      split: 'folds',
      metric: 'right',
      value: percent(right.filter(Boolean).length, right.length),
      unit: '%',
      count: right.length,
    };
  });
}
