import type { Conversation } from '@parley/contract/conversations';
import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aConversation, aMessage, anError, type Call, serve } from '../../../test/conversations.ts';
import { renderInApp } from '../../../test/render.tsx';
import { openOutbox, useOutbox } from '../../lib/offline/outbox.ts';
import { Compose } from './compose.tsx';
import { WaitingBubble } from './waiting-bubble.tsx';

const permissions = ['conversations:read', 'conversations:write', 'messages:send', 'channels:read'];
const quickReply = {
  id: 'q',
  shortcut: 'hours',
  body: 'Hi {{contact.name}}, we open at 9.',
  createdAt: '',
  updatedAt: '',
};
const member = { userId: 'ben', name: 'Ben Ito', email: 'ben@example.com', role: 'agent', joinedAt: '' };
let refuse = false;
let closeOutbox: () => void = () => undefined;
let calls: Call[] = [];
let conversation: Conversation;

/** Each test has a conversation of its own, so that nothing is written in it yet. */
let count = 0;
beforeEach(() => {
  count += 1;
  refuse = false;
  conversation = aConversation({ id: `01990000-0000-7000-8000-${String(count).padStart(12, '0')}` });
  calls = serve(({ method, path, body }) => {
    if (path.startsWith('/api/v1/quick-replies')) return { body: { items: [quickReply] } };
    if (path.startsWith('/api/v1/members')) return { body: { items: [member] } };
    if (path.startsWith('/api/v1/channels')) {
      const capabilities = { media: false, bodyLengthMax: 1600, numbers: true, segments: true };
      return {
        body: { items: [{ id: conversation.channelId, name: 'Shop', capabilities }], nextCursor: null },
      };
    }
    if (method === 'POST' && refuse)
      return { status: 409, body: anError('consent_opted_out', 'They said STOP.') };
    if (method === 'POST')
      return { status: 201, body: aMessage({ conversationId: conversation.id, ...(body as object) }) };
    return undefined;
  });
  closeOutbox = openOutbox({ userId: 'user', workspaceId: '01990000-0000-7000-8000-000000000001' });
});
afterEach(() => {
  closeOutbox();
  vi.unstubAllGlobals();
});

function Written() {
  return useOutbox(conversation.id).map((entry) => <WaitingBubble key={entry.id} entry={entry} />);
}

function show(change: Partial<Conversation> = {}, allowed = permissions) {
  const shown = { ...conversation, ...change };
  return renderInApp(
    <>
      <Written />
      <Compose conversation={shown} />
    </>,
    { permissions: allowed },
  );
}
const sent = () => calls.filter(({ method }) => method === 'POST');
const box = () => screen.getByRole<HTMLTextAreaElement>('textbox');

test('Enter sends what is written, held back for five seconds, and Shift begins a new line', async () => {
  const { user } = show();
  await user.type(box(), 'One{Shift>}{Enter}{/Shift}two');
  expect(sent()).toEqual([]);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]?.body).toEqual({ conversationId: conversation.id, body: 'One\ntwo', holdSeconds: 5 });
  expect(sent()[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(box().value).toBe('');
  expect(document.activeElement).toBe(box());
});

test('a refused reply says why, and its words come back into the box', async () => {
  refuse = true;
  const { user } = show();
  await user.type(box(), 'Are you there?{Enter}');
  await screen.findByText('They said STOP.');
  await user.click(screen.getByRole('button', { name: 'Edit' }));
  await waitFor(() => expect(box().value).toBe('Are you there?'));
  expect(screen.queryByText('They said STOP.')).toBeNull();
});

test('the box says beforehand whom a reply takes the conversation over from', () => {
  show();
  screen.getByText('Reply takes over from the assistant');
});

test('to a contact who opted out nothing can be written, and colleagues still can be told', async () => {
  const { user } = show({ contact: { ...conversation.contact, optedOut: true } });
  screen.getByText(/This contact opted out/);
  expect(screen.queryByRole('textbox')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Note' }));
  box();
});

test('who may only read sees why there is no box', () => {
  show({}, ['conversations:read']);
  screen.getByText('Your role may read, and not write.');
  expect(screen.queryByRole('textbox')).toBeNull();
});

test('a quick reply is chosen by the keyboard, with its variables filled in', async () => {
  const { user } = show();
  await user.type(box(), '/ho');
  const option = await screen.findByRole('option', { name: /\/hours/ });
  expect(option.getAttribute('aria-selected')).toBe('true');
  await user.keyboard('{Enter}');
  expect(box().value).toBe('Hi Emma Clarke, we open at 9.');
  expect(sent()).toEqual([]);
});

test('a character that makes the text dearer is named, and goes with one press', async () => {
  const { user } = show();
  const text = `It’s ${'a'.repeat(70)}`;
  await user.click(box());
  await user.paste(text);
  expect(screen.getByRole('status').textContent).toContain('One segment more because of ’');
  await user.click(screen.getByRole('button', { name: 'Make it GSM-7' }));
  expect(box().value).toBe(text.replace('’', "'"));
  expect(screen.queryByRole('status')).toBeNull();
});

test('a note calls whom it names', async () => {
  const { user } = show();
  await user.click(screen.getByRole('button', { name: 'Note' }));
  await user.type(box(), 'Look, @be');
  await screen.findByRole('option', { name: /Ben Ito/ });
  await user.keyboard('{Enter}please{Enter}');
  await waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]).toMatchObject({
    path: `/api/v1/conversations/${conversation.id}/notes`,
    body: { body: 'Look, @Ben Ito please', mentions: ['ben'] },
  });
});

test('what is written stays with its conversation when another one is looked at', async () => {
  const { user, unmount } = show();
  await user.type(box(), 'Half a thou');
  unmount();
  show({ id: '01990000-0000-7000-8000-0000000000ff' });
  expect(box().value).toBe('');
  screen.getByRole('textbox');
  renderInApp(<Compose conversation={conversation} />, { permissions });
  expect(screen.getAllByRole<HTMLTextAreaElement>('textbox')[1]?.value).toBe('Half a thou');
});
