import { expect, test } from 'vitest';
import { type SaidAnswer, supportOfAnswer } from './answer-support.ts';
import { failureOf } from './judge-case.ts';
import { verdictOf } from './shadow-work.ts';

const hours = 'When are you open?\nWe are open from 9 am to 6 pm on weekdays.';
const said = (answer: Partial<SaidAnswer>) =>
  supportOfAnswer({
    text: 'We are open from 9 am to 6 pm.',
    isBuiltIn: false,
    citedSupports: [0.9],
    sources: [hours],
    asked: ['When are you open?'],
    usedTools: false,
    ...answer,
  });

test('an answer that names a passage which speaks to the question has much support', () => {
  expect(said({})).toBeGreaterThan(0.95);
  // In another language than the passage, no word of it is found again.
  expect(said({ text: 'Abrimos de 9 a 18.', citedSupports: [0.05] })).toBeGreaterThan(0.6);
});

test('an answer that names nothing is held against what was read', () => {
  expect(said({ citedSupports: [] })).toBeGreaterThan(0.7);
  expect(said({ citedSupports: [], text: 'Parking is free behind the building.' })).toBeLessThan(0.3);
  // To say the question back proves nothing.
  expect(said({ citedSupports: [], text: 'Yes, you are open!' })).toBeLessThan(0.3);
});

test('a number that stands nowhere takes support away, and another way to tell the time does not', () => {
  expect(said({ text: 'We are open from 9 am to 6 pm, and it costs 49 dollars.' })).toBeLessThan(0.5);
  expect(said({ text: 'We are open from 9:00 to 18:00.' })).toBeGreaterThan(0.9);
});

test('what a tool told may be answered from without naming a passage', () => {
  const answer = { citedSupports: [], text: 'Your parcel arrives on the 12th.' };
  expect(said({ ...answer, sources: [hours, 'parcel: arrives 12 May'], usedTools: true })).toBeGreaterThan(
    0.6,
  );
  expect(said(answer)).toBeLessThan(0.3);
});

test('the built-in model is as sure as of its weakest passage', () => {
  expect(said({ isBuiltIn: true, citedSupports: [0.9, 0.7] })).toBe(0.7);
});

const expected = {
  question: 'When are you open?',
  language: 'en' as const,
  expects: 'answer' as const,
  trainingDataId: 'a',
  mustContain: ['MAÑANA'],
};
const given = { text: 'Por la manana.', handOver: false, model: 'm', citedDataIds: ['b', 'a'] };

test('a case passes with the right source and words, and says why it does not', () => {
  expect(failureOf(expected, given)).toBeNull();
  expect(failureOf(expected, { ...given, text: 'Por la tarde.' })).toBe('words_missing');
  expect(failureOf(expected, { ...given, citedDataIds: ['b'] })).toBe('other_source');
  expect(failureOf(expected, { ...given, handOver: true })).toBe('handed_over');
  expect(failureOf(expected, { ...given, model: null })).toBe('not_answered');
  expect(failureOf({ ...expected, expects: 'hand_over' }, given)).toBe('answered');
  expect(failureOf({ ...expected, expects: 'hand_over' }, { ...given, handOver: true })).toBeNull();
});

test('two answers are the same by their words or their sources, and a hand-over is told apart', () => {
  const passage = (cited: boolean) => ({
    textId: 't',
    version: 1,
    title: '',
    passageId: 'p',
    score: 1,
    cited,
  });
  const before = { outcome: 'answered' as const, said: 'From 9  to 6.', readPassages: [passage(true)] };
  const after = { handOver: false, text: 'from 9 to 6.', model: 'm', passages: [passage(false)] };
  expect(verdictOf(before, after)).toBe('same');
  expect(verdictOf(before, { ...after, text: 'At nine.', passages: [passage(true)] })).toBe('same');
  expect(verdictOf(before, { ...after, text: 'At nine.' })).toBe('differs');
  expect(verdictOf(before, { ...after, handOver: true })).toBe('now_hands_over');
  expect(verdictOf({ ...before, outcome: 'handed_over' }, after)).toBe('now_answers');
  expect(verdictOf({ ...before, outcome: 'handed_over' }, { ...after, handOver: true })).toBe('same');
  expect(verdictOf(before, { ...after, model: null })).toBe('failed');
});
