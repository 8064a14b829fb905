import type { Conversation } from '@parley/contract/conversations';
import { useQueryClient } from '@tanstack/react-query';
import { waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aConversation, type Call, serve } from '../../../test/conversations.ts';
import { renderInApp } from '../../../test/render.tsx';
import { openOutbox } from '../../lib/offline/outbox.ts';
import { type ConversationActions, useConversationActions } from './actions.ts';
import { putConversation } from './cache.ts';
import { undoLast } from './undo.ts';

const conversation = aConversation();
let calls: Call[] = [];
let closeOutbox: () => void = () => undefined;
let actions: ConversationActions;
/** What the socket brings. */
let hear: (now: Conversation) => void;

function App() {
  const client = useQueryClient();
  actions = useConversationActions();
  hear = (now) => putConversation(client, now, { userId: 'user' });
  return null;
}

beforeEach(() => {
  let now = conversation;
  calls = serve(({ path, body }) => {
    const change = body as { status?: Conversation['status']; until?: string } | undefined;
    if (path.endsWith('/snooze')) now = { ...now, snoozedUntil: change?.until ?? null };
    else now = { ...now, status: change?.status ?? now.status };
    return { body: now };
  });
  closeOutbox = openOutbox({ userId: 'user', workspaceId: 'workspace' });
  renderInApp(<App />, { permissions: [] });
  hear(conversation);
});
afterEach(() => {
  closeOutbox();
  vi.unstubAllGlobals();
});

const bodies = () => calls.map(({ body }) => body);

test('what was archived comes back when that is undone', async () => {
  await actions.archive(conversation);
  expect(undoLast()).toBe(true);
  await waitFor(() => expect(bodies()).toEqual([{ status: 'archived' }, { status: 'active' }]));
});

test('undoing an archiving takes no flag off a conversation that the contact brought back meanwhile', async () => {
  await actions.archive(conversation);
  hear({ ...conversation, status: 'flagged_for_review', flagReason: 'handed_over', unread: true });
  expect(undoLast()).toBe(true);
  await actions.flag(conversation);
  expect(bodies()).toEqual([{ status: 'archived' }, { status: 'flagged_for_review' }]);
});

test('undoing never hides a message that came meanwhile until a moment that was chosen before it', async () => {
  const until = '2030-01-01T00:00:00.000Z';
  const snoozed = { ...conversation, snoozedUntil: until };
  hear(snoozed);
  await actions.archive(snoozed);
  hear({ ...conversation, unread: true });
  expect(undoLast()).toBe(true);
  hear(snoozed);
  await actions.snooze(snoozed, new Date('2031-01-01T00:00:00.000Z'));
  hear({ ...conversation, unread: true });
  expect(undoLast()).toBe(true);
  await actions.flag(conversation);
  expect(bodies()).toEqual([
    { status: 'archived' },
    { until: '2031-01-01T00:00:00.000Z' },
    { status: 'flagged_for_review' },
  ]);
});
