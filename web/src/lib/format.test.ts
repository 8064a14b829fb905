import { describe, expect, test } from 'vitest';
import { formatIn, formatPhone } from './format.ts';

const now = new Date(2026, 10, 21, 14, 30).getTime();
const before = (milliseconds: number) => now - milliseconds;
const minute = 60_000;
const day = 24 * 60 * minute;
const plain = (text: string) => text.replaceAll(/\s/g, ' ');

describe('a moment in a list', () => {
  const { relative } = formatIn('en');
  test.each([
    ['now', before(20_000), 'now'],
    ['minutes', before(5 * minute), '5 min'],
    ['a time of today', before(3 * 60 * minute), '11:30 AM'],
    ['a day of this week', before(2 * day), 'Thu'],
    ['a day of this year', before(40 * day), 'Oct 12'],
    ['a day of another year', before(400 * day), 'Oct 17, 2025'],
  ])('is %s', (_name, at, expected) => {
    expect(plain(relative(at, now))).toBe(expected);
  });
});

test('each language says it in its own words', () => {
  expect(formatIn('es').day(now, now)).toBe('Hoy');
  expect(formatIn('pt').day(before(day), now)).toBe('Ontem');
  expect(formatIn('es').languageName('pt')).toBe('portugués');
});

test('within a sentence a day has the capitals that its language gives it', () => {
  const inThreeDays = before(-3 * day);
  expect(plain(formatIn('en').dayAndTime(inThreeDays, now))).toBe('Tuesday, November 24 2:30 PM');
  expect(plain(formatIn('es').dayAndTime(inThreeDays, now))).toBe('martes, 24 de noviembre 14:30');
  expect(plain(formatIn('pt').dayAndTime(before(-day), now))).toBe('amanhã 14:30');
  expect(formatIn('pt').dayWithin(now, now)).toBe('hoje');
});

test('a moment is told as finely as it was meant, and no clock is made up for a day', () => {
  const at = new Date(2026, 11, 1).getTime();
  const { moment } = formatIn('en');
  const told = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'].map((grain) =>
    plain(moment(at, grain, { nowMs: now })),
  );
  const onThatDay = 'Tuesday, December 1';
  expect(told).toEqual([
    `${onThatDay} 12:00 AM`,
    `${onThatDay} 12:00 AM`,
    onThatDay,
    onThatDay,
    'December 2026',
    'December 2026',
    '2026',
  ]);
  expect(formatIn('es').moment(at, 'month', { nowMs: now })).toBe('diciembre de 2026');
  expect(formatIn('pt').moment(before(-day), 'day', { nowMs: now })).toBe('amanhã');
});

test('a day is that of the zone in which it was meant, and a time is the member’s own', () => {
  const { moment } = formatIn('en');
  // Midnight of 1 December in Tokyo and in Los Angeles.
  for (const [timeZone, at] of [
    ['Asia/Tokyo', '2026-11-30T15:00:00Z'],
    ['America/Los_Angeles', '2026-12-01T08:00:00Z'],
  ] as const) {
    expect(moment(at, 'day', { timeZone, nowMs: now })).toBe('Tuesday, December 1');
    expect(moment(at, 'month', { timeZone, nowMs: now })).toBe('December 2026');
    expect(moment(at, 'hour', { timeZone, nowMs: now })).toBe(moment(at, 'hour', { nowMs: now }));
  }
});

test('a month is named', () => {
  expect(formatIn('en').month('2026-11')).toBe('November 2026');
  expect(formatIn('es').month('2026-11')).toBe('noviembre de 2026');
});

test('money of less than a unit shows what a text costs', () => {
  const { money } = formatIn('en');
  expect(money(7900, 'USD')).toBe('$0.0079');
  expect(money(12_500_000, 'USD')).toBe('$12.50');
  expect(money(0, 'USD')).toBe('$0.00');
});

test('durations have the unit in which they are felt', () => {
  const { duration } = formatIn('en');
  expect([duration(850), duration(1400), duration(180_000)]).toEqual(['850 ms', '1.4 sec', '3 min']);
});

test.each([
  ['+12025550142', '+1 (202) 555-0142'],
  ['+4915123456789', '+49 151 234 567 89'],
  ['+351912345678', '+351 912 345 678'],
  ['HARBOUR', 'HARBOUR'],
  ['whatsapp:+1202', 'whatsapp:+1202'],
])('the number %s is read as %s', (address, expected) => {
  expect(formatPhone(address)).toBe(expected);
});
