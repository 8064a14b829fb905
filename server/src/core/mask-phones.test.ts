import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskPhones } from './mask-phones.ts';

test('a masked number keeps its country code and its last digits alone', () => {
  expect(maskPhones('+15551230001')).toBe('+1•••0001');
  expect(maskPhones('+5511987654321')).toBe('+55•••4321');
  expect(maskPhones('(212) 555-2368')).toBe('•••2368');
  expect(maskPhones('5551234')).toBe('•••34');
});

test('numbers inside free text are masked, ids, dates and times are not', () => {
  expect(maskPhones('send from:+15551230001 to=+34 612 34 56 78: refused')).toBe(
    'send from:+1•••0001 to=+34•••5678: refused',
  );
  expect(maskPhones('/webhook?From=%2B15551230001&To=40404')).toBe('/webhook?From=%2B1•••0001&To=40404');
  expect(maskPhones('call 212-555-2368.Then wait')).toBe('call •••2368.Then wait');
  for (const kept of [
    'at 2026-11-21T12:34:56.789Z',
    'on 2026-11-21 12:34',
    'on 21/11/2026',
    'job 01901234-1234-7123-8901-123456789012 done',
    'SM01234567890123456789012345678901',
    'peer 192.168.100.200',
    'ratio 0.123456789',
  ]) {
    expect(maskPhones(kept)).toBe(kept);
  }
});

// Example numbers of the plans themselves: area code and subscriber drawn freely, so many are valid and some are not.
const internationalNumber = fc
  .tuple(
    fc.constantFrom('1', '34', '55', '351', '52', '44', '49', '54'),
    fc.stringMatching(/^[1-9]\d{6,10}$/),
  )
  .map(([code, rest]) => `+${code}${rest}`);

test('no masked text holds seven digits of a number in a row, and masking twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string(), internationalNumber, fc.string(), (before, number, after) => {
      const masked = maskPhones(`${before}${number}${after}`);
      expect(masked).not.toContain(number.slice(1, 8));
      expect(maskPhones(masked)).toBe(masked);
    }),
    { numRuns: 500 },
  );
});
