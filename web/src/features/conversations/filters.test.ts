import type { Conversation } from '@parley/contract/conversations';
import { expect, test } from 'vitest';
import { fits, moveTo, placeOf, places, readFilters, writeFilters } from './filters.ts';

const conversation = {
  status: 'active',
  owner: { kind: 'member', id: 'ana' },
  snoozedUntil: null,
  unread: true,
  draftCount: 0,
  channelId: 'channel',
  language: 'es',
} as Conversation;

test('an address without words shows what is open, and is written without words', () => {
  expect(readFilters(new URLSearchParams())).toEqual({ open: true });
  expect(writeFilters({ open: true }).toString()).toBe('');
  expect(readFilters(new URLSearchParams('unread=true'))).toEqual({ open: true, unread: true });
});

test('every place comes back from its address as itself, also when it is narrowed', () => {
  for (const { name, filters } of places) {
    const narrowed = { ...filters, unread: true, language: 'pt' as const };
    expect(placeOf(readFilters(writeFilters(filters)))).toBe(name);
    expect(readFilters(writeFilters(narrowed))).toEqual(narrowed);
  }
});

test('a word that nobody understands is left out of the filters', () => {
  expect(readFilters(new URLSearchParams('status=lost&open=maybe&color=red'))).toEqual({ open: true });
});

test('moving to another place keeps channel, language and unread', () => {
  expect(moveTo({ open: true, unread: true, channelId: 'c' }, 'flagged')).toEqual({
    status: 'flagged_for_review',
    unread: true,
    channelId: 'c',
  });
});

test('a conversation that is archived, snoozed or given away leaves the lists that it no longer fits', () => {
  const mine = { open: true, ownerId: 'me' };
  expect(fits(conversation, mine, 'ana')).toBe(true);
  expect(fits(conversation, mine, 'ben')).toBe(false);
  expect(fits({ ...conversation, status: 'archived' }, mine, 'ana')).toBe(false);
  expect(fits({ ...conversation, snoozedUntil: '2026-01-01T00:00:00Z' }, { open: true }, 'ana')).toBe(false);
  expect(fits({ ...conversation, unread: false }, { open: true, unread: true }, 'ana')).toBe(false);
});

test('who is called in a note is left for the server to know', () => {
  expect(fits(conversation, { mentioned: true }, 'ana')).toBeNull();
});
