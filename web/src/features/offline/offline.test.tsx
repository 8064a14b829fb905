import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { outboxEntries, sendThroughOutbox } from '../../lib/offline/outbox.ts';
import { setScreen } from '../../lib/store.ts';
import { leaveWith } from './leave.ts';
import { OfflineBanner } from './offline-banner.tsx';
import { SignOutQuestion } from './sign-out-question.tsx';
import { useOffline } from './use-offline.ts';

function App() {
  useOffline();
  return (
    <>
      <OfflineBanner />
      <SignOutQuestion />
    </>
  );
}

const write = (body: string) =>
  sendThroughOutbox({
    kind: 'message',
    method: 'POST',
    path: '/api/v1/messages',
    body: { conversationId: 'one', body },
    conversationId: 'one',
  });

let isOnline = true;

beforeEach(() => {
  vi.unstubAllGlobals();
  isOnline = true;
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => isOnline);
  setScreen({ language: 'en' });
});
afterEach(() => vi.restoreAllMocks());

const posts = (asked: ReturnType<typeof serve>) => asked.filter(({ method }) => method === 'POST');

test('what was refused is told with its reason, can be changed, and goes out under a new key', async () => {
  let answer: unknown = refuse(409, 'opted_out', 'This contact said STOP.');
  const asked = serve({ 'POST /api/v1/messages': () => answer });
  const { user } = renderInApp(<App />, { permissions: [], path: '/inbox' });
  await expect(write('Hello')).resolves.toMatchObject({ kind: 'refused', refusal: { code: 'opted_out' } });
  await screen.findByText('1 message was not accepted.', { exact: false });
  await user.click(screen.getByRole('button', { name: 'Look at it' }));
  await screen.findByText('This contact said STOP.');
  const field = screen.getByRole('textbox', { name: 'Message' });
  answer = { id: 'sent' };
  await user.clear(field);
  await user.type(field, 'Hello again');
  await user.click(screen.getByRole('button', { name: 'Send again' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const [first, second] = posts(asked);
  expect(second?.body).toEqual({ conversationId: 'one', body: 'Hello again' });
  expect(second?.idempotencyKey).not.toBe(first?.idempotencyKey);
  expect(outboxEntries()).toEqual([]);
});

test('who leaves words behind is asked first, and staying keeps them', async () => {
  isOnline = false;
  const asked = serve({});
  const { user } = renderInApp(<App />, { permissions: [], path: '/inbox' });
  await write('Hello');
  const signOut = vi.fn(async () => undefined);
  await leaveWith(signOut);
  await screen.findByText('Not sent yet: 1 message. Signing out removes it from this device.');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(signOut).not.toHaveBeenCalled();
  expect(outboxEntries()).toHaveLength(1);
  await leaveWith(signOut);
  await user.click(await screen.findByRole('button', { name: 'Sign out' }));
  await waitFor(() => expect(outboxEntries()).toHaveLength(0));
  expect(signOut).toHaveBeenCalledTimes(1);
  expect(posts(asked)).toEqual([]);
});
