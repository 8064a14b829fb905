import { expect, test } from 'vitest';
import { momentsFrom, readLocalInput, toLocalInput } from './moments.ts';

const names = (now: Date) => momentsFrom(now).map(({ name }) => name);

test('in the morning all moments are offered, soonest first', () => {
  const moments = momentsFrom(new Date(2026, 10, 18, 9, 20));
  expect(moments.map(({ name }) => name)).toEqual(['later_today', 'tonight', 'tomorrow', 'next_week']);
  expect(moments.map(({ at }) => toLocalInput(at))).toEqual([
    '2026-11-18T12:00',
    '2026-11-18T18:00',
    '2026-11-19T09:00',
    '2026-11-23T09:00',
  ]);
});

test('late in the evening nothing of today is offered', () => {
  expect(names(new Date(2026, 10, 18, 22, 30))).toEqual(['tomorrow', 'next_week']);
});

test('on a Sunday, tomorrow morning and next week are one moment', () => {
  expect(names(new Date(2026, 10, 22, 21, 30))).toEqual(['tomorrow']);
});

test('on a Monday, next week is a week away', () => {
  expect(momentsFrom(new Date(2026, 10, 23, 10)).at(-1)?.at).toEqual(new Date(2026, 10, 30, 9));
});

test('a typed moment is within the next year, or says what is wrong with it', () => {
  const now = new Date(2026, 10, 18, 9);
  expect(readLocalInput('2026-11-18T10:30', now)).toEqual(new Date(2026, 10, 18, 10, 30));
  expect(readLocalInput('2026-11-18T08:30', now)).toBe('past');
  expect(readLocalInput('2028-11-18T08:30', now)).toBe('too_far');
  expect(readLocalInput('', now)).toBe('unreadable');
});
