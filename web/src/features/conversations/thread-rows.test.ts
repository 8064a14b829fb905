import type { TimelineItem } from '@parley/contract/inbox';
import type { Message } from '@parley/contract/messages';
import { expect, test } from 'vitest';
import type { OutboxEntry } from '../../lib/offline/outbox-queue.ts';
import { isHeld, rowsOf } from './thread-rows.ts';

const at = (minute: number, day = 1) => new Date(2026, 0, day, 12, minute).toISOString();
const message = (id: string, minute: number, change: Partial<Message> = {}, day = 1): TimelineItem => ({
  kind: 'message',
  at: at(minute, day),
  message: {
    id,
    direction: 'inbound',
    sender: { kind: 'contact', id: null },
    status: 'received',
    sendAt: null,
    createdAt: at(minute, day),
    ...change,
  } as Message,
});
const rows = (items: TimelineItem[], entries: OutboxEntry[] = []) =>
  rowsOf({ items: items.toReversed(), entries, writing: undefined });
const shapes = (items: TimelineItem[]) =>
  rows(items).map((row) =>
    row.kind === 'message' ? `${row.key}${row.isFirst ? '<' : ''}${row.isLast ? '>' : ''}` : row.kind,
  );

test('what one speaker says in a row is one group, until a pause or another speaker', () => {
  const assistant = { direction: 'outbound', sender: { kind: 'assistant', id: null } } as const;
  expect(
    shapes([message('a', 0), message('b', 1), message('c', 2, assistant), message('d', 3), message('e', 20)]),
  ).toEqual(['day', 'a<', 'b>', 'c<>', 'd<>', 'e<>']);
});

test('every day begins with its line', () => {
  expect(shapes([message('a', 0), message('b', 0, {}, 2)])).toEqual(['day', 'a<>', 'day', 'b<>']);
});

test('a message that was undone before it left is gone, a scheduled one that was called off stays', () => {
  const held = { status: 'canceled', sendAt: new Date(Date.parse(at(0)) + 5000).toISOString() } as const;
  expect(shapes([message('a', 0, held)])).toEqual([]);
  expect(shapes([message('a', 0, { status: 'canceled', sendAt: at(0, 3) })])).toEqual(['day', 'a<>']);
});

test('only a message that waits for less than a minute is held', () => {
  expect(isHeld({ createdAt: at(0), sendAt: at(0) })).toBe(true);
  expect(isHeld({ createdAt: at(0), sendAt: at(5) })).toBe(false);
  expect(isHeld({ createdAt: at(0), sendAt: null })).toBe(false);
});

test('what is on its way stands at the end, and changes of the conversation are no rows', () => {
  const entry = (id: string, kind: OutboxEntry['kind']) => ({ id, kind }) as OutboxEntry;
  expect(
    rows([message('a', 0)], [entry('x', 'message'), entry('y', 'change')])
      .map(({ key }) => key)
      .slice(1),
  ).toEqual(['a', 'x']);
});
