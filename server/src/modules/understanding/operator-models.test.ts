import { describe, expect, it } from 'vitest';
import {
  askIntent,
  askSentiment,
  type TextClassifier,
  wrongIntentLabels,
  wrongSentimentLabels,
} from './operator-models.ts';

/** A model that says the same of every text. */
function model(
  labels: TextClassifier['labels'],
  said: Record<string, number> = {},
  threshold = 0.5,
): TextClassifier {
  return { version: 'm@1', labels, settings: { languages: [], threshold }, classify: async () => said };
}
const never = new AbortController().signal;

describe('labels', () => {
  it('are names of intents and sentiments, in whatever case and with whatever between the words', () => {
    expect(wrongSentimentLabels(model({ POSITIVE: 'POSITIVE', Negative: 'Negative' }))).toBeNull();
    expect(wrongIntentLabels(model({ 'Order Status': 'Order Status', oos: 'oos', x: null }))).toBeNull();
  });

  it('that are others are told by name, with what would be right', () => {
    expect(wrongSentimentLabels(model({ LABEL_0: 'LABEL_0', b: 'positive' }))).toMatch(
      /^It says LABEL_0, which .+ negative, neutral and positive\.$/,
    );
    expect(wrongSentimentLabels(model({ a: 'neutral', b: 'positive' }))).toMatch(/no negative from positive/);
    expect(wrongIntentLabels(model({ a: 'opening_hours', b: 'weather' }))).toMatch(
      /^It says b, .+ order_status/,
    );
    expect(wrongIntentLabels(model({}))).toMatch(/no classifier/);
  });
});

describe('what a model says', () => {
  it('counts together where labels mean the same', async () => {
    const labels = { one: 'negative', two: 'negative', three: 'neutral', four: 'positive' };
    const said = { one: 0.25, two: 0.3, three: 0.4, four: 0.05 };
    expect(await askSentiment(model(labels, said), 'text', never)).toEqual({
      label: 'negative',
      confidence: expect.closeTo(0.55),
      score: expect.closeTo(-0.5),
      model: 'm@1',
    });
  });

  it('is an intent only where that is likely enough', async () => {
    const labels = { price: 'price', thanks: 'thanks', none: 'none' };
    const sure = { price: 0.7, thanks: 0.2, none: 0.1 };
    expect(await askIntent(model(labels, sure), 'text', never)).toMatchObject({
      name: 'price',
      confidence: 0.7,
    });
    expect(await askIntent(model(labels, sure, 0.8), 'text', never)).toMatchObject({
      name: null,
      confidence: expect.closeTo(0.3),
    });
    const none = { price: 0.2, thanks: 0.2, none: 0.6 };
    expect(await askIntent(model(labels, none), 'text', never)).toMatchObject({
      name: null,
      confidence: 0.6,
    });
  });

  it('is an error where it is no number', async () => {
    const labels = { price: 'price', thanks: 'thanks' };
    await expect(askIntent(model(labels, { price: Number.NaN }), 'text', never)).rejects.toThrow();
    await expect(askIntent(model(labels, {}), 'text', never)).rejects.toThrow();
  });
});
