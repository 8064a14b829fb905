import type { Confirmation } from '@parley/contract/tools';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { WaitingConfirmations } from './confirmations.tsx';
import { ToolSteps } from './tool-steps.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const path = '/api/v1/confirmations';
const reminder: Confirmation = {
  id: 'c1',
  tool: 'schedule_reminder',
  input: { at: '2027-01-02T09:00:00.000Z', body: 'Take your pills <img src="https://evil.example/x">' },
  permission: 'messages:send',
  askedBy: { kind: 'contact', id: 'contact' },
  conversationId: 'conversation',
  state: 'waiting',
  decidedBy: null,
  decidedAt: null,
  result: null,
  errorCode: null,
  createdAt: '2026-11-29T12:00:00.000Z',
  expiresAt: '2126-11-30T12:00:00.000Z',
};

function open(items: Confirmation[], answers: Record<string, unknown> = {}, permissions = ['messages:send']) {
  const asked = serve({ [`GET ${path}`]: { items, nextCursor: null }, ...answers });
  return { ...renderInApp(<WaitingConfirmations conversationId="conversation" />, { permissions }), asked };
}

test('what waits is shown as it will be done, and confirmed by the keyboard', async () => {
  let decided = false;
  const { user, asked, container } = open([], {
    [`GET ${path}`]: () => ({ items: decided ? [] : [reminder], nextCursor: null }),
    [`PUT ${path}/c1/decision`]: () => {
      decided = true;
      return { ...reminder, state: 'done' };
    },
  });
  const card = within(await screen.findByRole('article', { name: 'Waits for confirmation' }));
  card.getByRole('heading', { name: 'The contact wants to be reminded' });
  card.getByText(/Take your pills <img/);
  expect(container.querySelectorAll('img')).toHaveLength(0);
  // The address in the text comes first.
  await user.tab();
  await user.tab();
  expect(document.activeElement?.textContent).toBe('Confirm');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(screen.queryByRole('article')).toBeNull());
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ decision: 'confirmed' });
  await screen.findByText('Confirmed.');
});

test('who may not decide sees what waits, and no button', async () => {
  open([reminder], {}, ['conversations:read']);
  await screen.findByRole('article', { name: 'Waits for confirmation' });
  expect(screen.queryByRole('button', { name: /Confirm|Refuse/ })).toBeNull();
});

test('a call of an HTTP tool shows every value, and a colleague who was faster is told of', async () => {
  const refund = { ...reminder, id: 'c2', tool: 'refund', input: { order: '7', amount: 12 } };
  const { user } = open([refund], {
    [`PUT ${path}/c2/decision`]: () => refuse(409, 'already_decided', 'Somebody has decided this already.'),
  });
  const card = within(await screen.findByRole('article', { name: 'Waits for confirmation' }));
  card.getByRole('heading', { name: 'The assistant wants to call refund' });
  expect(card.getAllByRole('definition').map(({ textContent }) => textContent)).toEqual(['7', '12']);
  await user.click(card.getByRole('button', { name: 'Refuse' }));
  await screen.findByText('Somebody else has decided this already.');
});

test('what ran out of time, and nothing, is not shown', async () => {
  const { asked } = open([{ ...reminder, expiresAt: '2020-01-01T00:00:00.000Z' }]);
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(screen.queryByRole('article')).toBeNull();
});

test('each call of a turn tells what it was called with and what came of it, as text', async () => {
  const step = {
    id: 's1',
    tool: 'find_order',
    state: 'done' as const,
    input: '{"order":"7"}',
    result: 'on its way <script>alert(1)</script>',
    errorCode: null,
    confirmationId: null,
    startedAt: '2026-11-29T12:00:00.000Z',
    durationMs: 12,
  };
  const { user, container } = renderInApp(
    <ToolSteps steps={[step, { ...step, id: 's2', state: 'failed' }]} />,
  );
  const [first] = screen.getAllByRole('listitem');
  if (!first) throw new Error('no step is shown');
  await user.click(within(first).getByText('find_order'));
  within(first).getByText('on its way <script>alert(1)</script>');
  within(first).getByText('done');
  expect(container.querySelectorAll('script')).toHaveLength(0);
});

test('a call that waits is confirmed where it is shown, and says what became of it', async () => {
  const step = {
    id: 's1',
    tool: 'send_message',
    state: 'waiting' as const,
    input: '{"body":"See you"}',
    result: 'It waits.',
    errorCode: null,
    confirmationId: 'c1',
    startedAt: '2026-11-29T12:00:00.000Z',
    durationMs: 12,
  };
  let state: Confirmation['state'] = 'waiting';
  const current = () => ({ ...reminder, state, result: state === 'done' ? 'It was sent.' : null });
  serve({
    [`GET ${path}/c1`]: current,
    [`PUT ${path}/c1/decision`]: () => {
      state = 'done';
      return current();
    },
  });
  const { user } = renderInApp(<ToolSteps steps={[step]} />, { permissions: ['messages:send'] });
  screen.getByText('Send a message');
  await user.click(await screen.findByRole('button', { name: 'Confirm' }));
  await screen.findByText('done');
  expect(screen.queryByRole('article')).toBeNull();
  screen.getByText('It was sent.');
});
