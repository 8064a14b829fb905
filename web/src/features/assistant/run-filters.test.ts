import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNarrowed, queryOf, type RunFilters, readFilters, spanNames, writeFilters } from './run-filters.ts';

const nothing: RunFilters = {
  q: '',
  outcome: null,
  model: null,
  policy: null,
  span: null,
  failed: false,
  conversationId: null,
};

test('every way to narrow the list survives its way through the address', () => {
  const filters = fc.record({
    q: fc.string(),
    outcome: fc.constantFrom(null, 'answered', 'handed_over'),
    model: fc.option(fc.string({ minLength: 1 }), { nil: null }),
    policy: fc.constantFrom(null, 'off', 'draft', 'auto'),
    span: fc.constantFrom(null, ...spanNames),
    failed: fc.boolean(),
    conversationId: fc.option(fc.uuid(), { nil: null }),
  });
  fc.assert(
    fc.property(filters, (some) => {
      const search = writeFilters(some);
      expect(readFilters(new URLSearchParams(search.toString()))).toEqual(some);
      expect(isNarrowed(some)).toBe(search.size > 0);
    }),
  );
});

test('what an address says that nobody knows is left out', () => {
  const search = new URLSearchParams('outcome=exploded&policy=never&time=aeon&failed=perhaps');
  expect(readFilters(search)).toEqual(nothing);
});

test('a span of time begins at a whole minute, and what is not asked for is not sent', () => {
  const nowMs = Date.parse('2026-11-29T10:20:30.400Z');
  expect(queryOf({ ...nothing, span: 'week', failed: true }, nowMs)).toEqual({
    q: '',
    outcome: null,
    model: null,
    policy: null,
    conversationId: null,
    failed: true,
    from: '2026-11-22T10:20:00.000Z',
  });
});
