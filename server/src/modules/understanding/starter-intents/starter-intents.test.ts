import { expect, test } from 'vitest';
import { classify } from '../../../learning/intent-model.ts';
import { trainIntentClassifier } from '../../../learning/intent-training.ts';
import { seededRandom, stratifiedFolds } from '../../../learning/random.ts';
import { runToEnd } from '../../../learning/steps.ts';
import { starterExamples, starterIntents } from './starter-intents.ts';

const examples = starterExamples();

test('every intent has 12 to 20 phrasings in each language, none of them twice', () => {
  for (const language of ['en', 'es', 'pt'] as const) {
    for (const label of starterIntents) {
      const phrasings = examples.filter((one) => one.language === language && one.label === label);
      expect(phrasings.length, `${language} ${label}`).toBeGreaterThanOrEqual(12);
      expect(phrasings.length, `${language} ${label}`).toBeLessThanOrEqual(20);
    }
  }
  const texts = examples.map(({ text, language }) => `${language} ${text.toLowerCase()}`);
  expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  expect(examples.filter(({ text }) => text === '')).toEqual([]);
});

test('a classifier that has seen four fifths of the phrasings knows the intent of the rest', () => {
  const labels = examples.map(({ label }) => starterIntents.indexOf(label));
  const folds = stratifiedFolds(labels, 5, seededRandom(1));
  const left = examples.filter((_, at) => folds[at] === 0);
  const { model } = runToEnd(
    // Nothing is held out to learn how sure it may be: which intent is likeliest does not depend on that.
    trainIntentClassifier(
      examples.filter((_, at) => folds[at] !== 0),
      { heldOut: [] },
    ),
  );
  const right = left.filter(({ text, label }) => classify(model, text).ranked[0]?.label === label);
  expect(right.length / left.length).toBeGreaterThanOrEqual(0.85);
});
