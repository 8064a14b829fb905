import type { ChatDetail, ChatMessage } from '@parley/contract/chat';
import { QueryClient } from '@tanstack/react-query';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { queryKeys } from '../../lib/query.ts';
import { createChatUpdates, type Piece, withPiece } from './chat-updates.ts';
import { mergeMessage } from './queries.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const message = (part: Partial<ChatMessage> = {}): ChatMessage => ({
  id: 'answer',
  chatId: 'chat',
  parentId: 'question',
  role: 'assistant',
  text: '',
  state: 'writing',
  take: 1,
  siblings: ['answer'],
  files: [],
  steps: [],
  notices: [],
  model: null,
  reasons: [],
  readPassages: [],
  inputTokens: null,
  outputTokens: null,
  costMicros: null,
  durationMs: null,
  errorCode: null,
  createdAt: '2026-11-29T12:00:00.000Z',
  ...part,
});
const piece = (offset: number, text: string, take = 1): Piece => ({
  kind: 'chat_writing',
  chatId: 'chat',
  messageId: 'answer',
  take,
  offset,
  text,
});

describe('a piece of an answer', () => {
  it('goes where it stands: in order, twice, or late, no word is there twice or gone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (words, repeated) => {
          const whole = words.join('');
          const pieces = words.map((text, at) => piece(words.slice(0, at).join('').length, text));
          let known = message();
          for (const [at, each] of pieces.entries()) {
            known = withPiece(known, each) ?? known;
            // What was heard before comes once more, from another process.
            const again = pieces[(repeated[at] ?? 0) % (at + 1)];
            known = (again && withPiece(known, again)) ?? known;
          }
          expect(known.text).toBe(whole);
        },
      ),
    );
  });

  it('that leaves a gap waits; of an earlier beginning, or after the end, it changes nothing', () => {
    expect(withPiece(message({ text: 'We' }), piece(5, 'open'))).toBeNull();
    const second = message({ take: 2, text: 'Blue' });
    expect(withPiece(second, piece(0, 'Red'))).toBe(second);
    const ended = message({ state: 'done', text: 'All.' });
    expect(withPiece(ended, piece(4, ' More'))).toBe(ended);
  });

  it('of a later beginning replaces what was there', () => {
    expect(withPiece(message({ text: 'Red, green' }), piece(0, 'Blue', 2))).toMatchObject({
      take: 2,
      text: 'Blue',
    });
    expect(withPiece(message({ text: 'Red, green' }), piece(4, ' sky', 2))).toBeNull();
  });
});

describe('what the server wrote down', () => {
  it('takes no word back that was heard already, and has the last word at the end', () => {
    const heard = message({ text: 'We are open' });
    expect(mergeMessage(heard, message({ text: 'We are' })).text).toBe('We are open');
    expect(mergeMessage(heard, message({ text: 'We are open from' })).text).toBe('We are open from');
    expect(mergeMessage(heard, message({ state: 'done', text: 'We are' })).text).toBe('We are');
    expect(mergeMessage(heard, message({ take: 2, text: 'No' })).text).toBe('No');
    const done = message({ state: 'done', text: 'We are open.' });
    expect(mergeMessage(done, message({ text: 'We are' }))).toBe(done);
  });
});

it('pieces that overtake each other between processes need no reading', () => {
  const client = new QueryClient();
  const chat = { id: 'chat', title: 'Hi', createdAt: '', updatedAt: '', messages: [message()] };
  client.setQueryData<ChatDetail>(queryKeys.chat('chat'), chat);
  const asked = serve({});
  const updates = createChatUpdates(client);
  for (const each of [piece(6, ' are'), piece(10, ' open'), piece(0, 'Today,'), piece(0, 'Today,')])
    updates.hear(each);
  expect(client.getQueryData<ChatDetail>(queryKeys.chat('chat'))?.messages[0]?.text).toBe('Today, are open');
  expect(asked).toEqual([]);
  updates.stop();
});

it('a page that was loaded in mid-answer reads what it missed, and goes on from there', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 50 });
  const client = new QueryClient();
  const chat = { id: 'chat', title: 'Hi', createdAt: '', updatedAt: '', messages: [message({ text: 'We' })] };
  client.setQueryData<ChatDetail>(queryKeys.chat('chat'), chat);
  const kept = ['We are', 'We are open fr'];
  const asked = serve({ 'GET /api/v1/chat-messages/answer': () => message({ text: kept.shift() ?? '' }) });
  const updates = createChatUpdates(client);
  const shown = () => client.getQueryData<ChatDetail>(queryKeys.chat('chat'))?.messages[0]?.text;
  updates.hear(piece(11, ' from'));
  updates.hear(piece(16, ' nine'));
  await vi.waitFor(() => expect(shown()).toBe('We are open from nine'), { timeout: 5000 });
  expect(asked.length).toBe(2);
  updates.hear(piece(21, ' to six.'));
  expect(shown()).toBe('We are open from nine to six.');
  updates.stop();
});
