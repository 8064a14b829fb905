import { expect, it } from 'vitest';
import { trainIntentClassifier } from './intent-training.ts';
import { bytesOf, OpenedModels } from './opened-models.ts';
import { runToEnd } from './steps.ts';

const { model, bytes } = runToEnd(
  trainIntentClassifier([
    { text: 'when do you open', label: 'opening_hours' },
    { text: 'how much is it', label: 'price' },
  ]),
);

it('an opened model counts with the numbers that it holds, which are more than its file has', () => {
  expect(bytesOf(model)).toBeGreaterThan(bytes.length);
  expect(
    bytesOf({ weights: new Float32Array(3), spaces: { hashes: new Uint32Array(2) }, labels: ['a'] }),
  ).toBe(20);
});

it('what was used longest ago makes room for what is used now', () => {
  const opened = new OpenedModels<typeof model>(2 * bytesOf(model));
  opened.set('first', model);
  opened.set('second', model);
  expect(opened.get('first')).toBe(model);
  opened.set('third', model);
  expect(opened.get('second')).toBeUndefined();
  expect(opened.get('first')).toBe(model);
  expect(opened.get('third')).toBe(model);
  // The same once more takes no more room.
  opened.set('third', model);
  expect(opened.get('first')).toBe(model);
});

it('one that is larger than the limit is not kept, and what is small stands again after it', () => {
  const opened = new OpenedModels<typeof model>(bytesOf(model) - 1);
  opened.set('large', model);
  expect(opened.get('large')).toBeUndefined();
  const small = { ...model, linear: { ...model.linear, weights: new Float32Array(1) } };
  opened.set('small', small);
  expect(opened.get('small')).toBe(small);
});
