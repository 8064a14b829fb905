import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FoldedState,
  foldable,
  foldStatus,
  isReceipt,
  type OutboundStatus,
  statusesBelow,
} from './delivery-state.ts';

const statuses: OutboundStatus[] = [
  'draft',
  'pending',
  'unknown',
  'queued',
  'sending',
  'sent',
  'canceled',
  'failed',
  'undelivered',
  'delivered',
  'read',
];
const state: fc.Arbitrary<FoldedState> = fc.record({
  status: fc.constantFrom(...statuses),
  attempt: fc.integer({ min: 1, max: 3 }),
  errorCode: fc.constantFrom(null, '30003', '30008'),
});
const start: FoldedState = { status: 'draft', attempt: 1, errorCode: null };
const fold = (events: readonly FoldedState[]) => events.reduce(foldStatus, start);

describe('the state of a message', () => {
  it('is the same in whatever order the same events arrive', () => {
    fc.assert(
      fc.property(
        fc
          .array(state, { maxLength: 12 })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
            ),
          ),
        ([events, shuffled]) => {
          expect(fold(shuffled)).toEqual(fold(events));
        },
      ),
    );
  });

  it('is the same however often each event arrives', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 8 }), (events) => {
        expect(fold([...events, ...events].flatMap((event) => [event, event]))).toEqual(fold(events));
      }),
    );
  });

  it('never goes back: once left, a state is not entered again', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 20 }), (events) => {
        const left = new Set<string>();
        let current = start;
        for (const event of events) {
          const next = foldStatus(current, event);
          const [before, after] = [current, next].map((seen) => `${seen.status}/${seen.attempt}`);
          if (before !== after) left.add(before as string);
          expect(left.has(after as string)).toBe(false);
          current = next;
        }
      }),
    );
  });

  it('stays delivered whatever else is reported, of this attempt or another one', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 12 }), fc.nat(12), (events, position) => {
        const delivered: FoldedState = { status: 'delivered', attempt: 1, errorCode: null };
        const all = [...events.slice(0, position), delivered, ...events.slice(position)];
        expect(isReceipt(fold(all).status)).toBe(true);
      }),
    );
  });

  it('is what SQL makes of it by the statuses below', () => {
    fc.assert(
      fc.property(state, state, (current, incoming) => {
        fc.pre(incoming.attempt === current.attempt && incoming.status !== current.status);
        const moves = statusesBelow(incoming.status).includes(current.status);
        expect(foldStatus(current, incoming).status).toBe(moves ? incoming.status : current.status);
      }),
    );
  });

  it.each<[string, FoldedState[], OutboundStatus]>([
    ['a late `sent` after `delivered`', [of('delivered'), of('sent')], 'delivered'],
    ['a receipt after the carrier gave up', [of('undelivered', '30003'), of('delivered')], 'delivered'],
    ['a retry after a failure', [of('failed', '30008'), of('pending', null, 2)], 'pending'],
    [
      'a late failure of the attempt before the retry',
      [of('failed'), of('pending', null, 2), of('undelivered', '1')],
      'pending',
    ],
    ['a receipt of the attempt before the retry', [of('pending', null, 2), of('delivered')], 'delivered'],
    ['a reading after the receipt', [of('delivered'), of('read')], 'read'],
  ])('after %s is %3$s', (_name, events, status) => {
    expect(fold(events).status).toBe(status);
  });
});

it('a word without a meaning for outbound messages is history only', () => {
  expect(foldable('unknown')).toBeNull();
  expect(foldable('received')).toBeNull();
  expect(foldable('sent')).toBe('sent');
});

function of(status: OutboundStatus, errorCode: string | null = null, attempt = 1): FoldedState {
  return { status, attempt, errorCode };
}
