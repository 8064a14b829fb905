import type { Conversation } from '@parley/contract/conversations';
import type { TimelineItem, TimelinePage } from '@parley/contract/inbox';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addNewest,
  type ConversationPages,
  keyOf,
  mergeNewest,
  placeConversation,
  removeItem,
  type TimelinePages,
} from './pages.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const conversation = (id: string, minute: number) => ({ id, lastMessageAt: at(minute) }) as Conversation;
const lists = (pages: Conversation[][], nextCursor: string | null = null): ConversationPages => ({
  pages: pages.map((items, index) => ({ items, nextCursor: index < pages.length - 1 ? 'more' : nextCursor })),
  pageParams: pages.map(() => null),
});
const idsOf = (pages: ConversationPages) =>
  pages.pages.map(({ items }) => items.map(({ id }) => id).join(''));

const message = (id: string, minute: number): TimelineItem => ({
  kind: 'message',
  at: at(minute),
  message: { id, createdAt: at(minute) } as Extract<TimelineItem, { kind: 'message' }>['message'],
});
const page = (ids: [string, number][], nextCursor: string | null): TimelinePage => ({
  items: ids.map(([id, minute]) => message(id, minute)),
  nextCursor,
});
const thread = (...pages: TimelinePage[]): TimelinePages => ({ pages, pageParams: pages.map(() => null) });
const keysOf = (known: TimelinePages) =>
  known.pages
    .flatMap(({ items }) => items)
    .map(keyOf)
    .join('');

test('a conversation with a new message rises to the top, also from a later page', () => {
  const known = lists([[conversation('a', 9), conversation('b', 8)], [conversation('c', 7)]]);
  expect(idsOf(placeConversation(known, conversation('c', 10), true))).toEqual(['cab', '']);
});

test('a change without a new message leaves a conversation where it stands', () => {
  const known = lists([[conversation('a', 9), conversation('b', 8)]]);
  const changed = { ...conversation('b', 8), unread: true };
  const after = placeConversation(known, changed, true);
  expect(idsOf(after)).toEqual(['ab']);
  expect(after.pages[0]?.items[1]).toBe(changed);
});

test('a conversation that no longer fits leaves the list, and one that is new to it comes in by its time', () => {
  const known = lists([[conversation('a', 9), conversation('b', 7)]]);
  expect(idsOf(placeConversation(known, conversation('a', 9), false))).toEqual(['b']);
  expect(idsOf(placeConversation(known, conversation('c', 8), true))).toEqual(['acb']);
  expect(idsOf(placeConversation(known, conversation('c', 1), true))).toEqual(['abc']);
});

test('what belongs behind the loaded pages waits for its page', () => {
  const known = lists([[conversation('a', 9)]], 'more');
  expect(idsOf(placeConversation(known, conversation('c', 1), true))).toEqual(['a']);
});

test('where only the server knows whether it fits, nothing comes in and nothing leaves', () => {
  const known = lists([[conversation('a', 9)]]);
  expect(idsOf(placeConversation(known, conversation('c', 10), null))).toEqual(['a']);
  expect(idsOf(placeConversation(known, conversation('a', 10), null))).toEqual(['a']);
});

test('the newest page replaces what it covers and keeps what is older', () => {
  const known = thread(
    page(
      [
        ['d', 4],
        ['c', 3],
      ],
      'x',
    ),
    page(
      [
        ['b', 2],
        ['a', 1],
      ],
      null,
    ),
  );
  const merged = mergeNewest(
    known,
    page(
      [
        ['f', 6],
        ['e', 5],
        ['c', 3],
      ],
      'y',
    ),
  );
  expect(keysOf(merged)).toBe('fecba');
  expect(merged.pages.at(-1)?.nextCursor).toBeNull();
});

test('a page that does not reach what is known stands alone, so that no hole is shown', () => {
  const known = thread(
    page(
      [
        ['b', 2],
        ['a', 1],
      ],
      null,
    ),
  );
  expect(
    keysOf(
      mergeNewest(
        known,
        page(
          [
            ['z', 9],
            ['y', 8],
          ],
          'more',
        ),
      ),
    ),
  ).toBe('zy');
});

test('what was removed at the server is gone when the whole thread fits in a page', () => {
  expect(
    keysOf(
      mergeNewest(
        thread(
          page(
            [
              ['b', 2],
              ['a', 1],
            ],
            null,
          ),
        ),
        page([['a', 1]], null),
      ),
    ),
  ).toBe('a');
});

test('a message that is told twice stands once, and in its place by time', () => {
  const known = thread(
    page(
      [
        ['c', 3],
        ['a', 1],
      ],
      null,
    ),
  );
  const once = addNewest(known, message('b', 2));
  expect(keysOf(once)).toBe('cba');
  expect(keysOf(addNewest(once, message('b', 2)))).toBe('cba');
  expect(keysOf(removeItem(once, 'b'))).toBe('ca');
});

test('however the thread grew and was read, its items stand in order, each once, without a hole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (before, added, size, pagesRead) => {
        const all = Array.from({ length: before + added }, (_, index) => message(`m${1000 + index}`, index));
        const read = (count: number, offset: number): TimelinePage => {
          const items = all
            .slice(0, count)
            .toReversed()
            .slice(offset, offset + size);
          return { items, nextCursor: offset + size < count ? `${offset + size}` : null };
        };
        const known = thread(
          ...Array.from({ length: pagesRead }, (_, index) => read(before, index * size)).filter(
            ({ items }) => items.length > 0,
          ),
        );
        const merged = mergeNewest(known, read(before + added, 0));
        const keys = merged.pages.flatMap(({ items }) => items).map(keyOf);
        expect(keys).toEqual(all.toReversed().slice(0, keys.length).map(keyOf));
      },
    ),
  );
});
