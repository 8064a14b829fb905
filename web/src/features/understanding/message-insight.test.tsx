import type { Insight } from '@parley/contract/insights';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { MessageInsight } from './message-insight.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const model = { confidence: 0.91, modelVersion: 'starter@1', correctedBy: null };
const anInsight = (messageId: string, change: Partial<Insight> = {}): Insight => ({
  messageId,
  language: { value: 'en', ...model },
  intent: { value: 'opening_hours', ...model },
  sentiment: { value: 'negative', ...model },
  spam: { value: false, ...model },
  dates: [
    {
      from: 13,
      to: 21,
      kind: 'instant',
      start: '2026-12-01T05:00:00.000Z',
      end: null,
      grain: 'day',
      rrule: null,
      duration: null,
      confidence: 0.9,
    },
  ],
  understoodAt: '2026-11-29T12:00:00.000Z',
  ...change,
});

const workspace = { timeZone: null, installationTimeZone: 'America/Lima' };
const intents = { 'GET /api/v1/intents': { items: [{ name: 'opening_hours' }, { name: 'order_status' }] } };

function open(
  items: Insight[],
  answers: Record<string, unknown> = {},
  permissions = ['conversations:write'],
) {
  const asked = serve({
    'GET /api/v1/insights': { items },
    'GET /api/v1/workspace': workspace,
    ...intents,
    ...answers,
  });
  const messages = items.map(({ messageId }) => (
    <MessageInsight key={messageId} messageId={messageId} body="Are you open tomorrow?" />
  ));
  return { ...renderInApp(<div>{messages}</div>, { permissions }), asked };
}

test('what was understood of all messages on the screen is asked for at once', async () => {
  const { asked } = open([
    anInsight('m1'),
    anInsight('m2', { intent: { value: null, ...model }, sentiment: { value: 'neutral', ...model } }),
    anInsight('m3', { spam: { value: true, ...model }, intent: null, sentiment: null }),
  ]);
  await screen.findByRole('button', { name: 'Understood: Opening hours, Negative. Show and correct' });
  await screen.findByRole('button', { name: 'Understood: Spam. Show and correct' });
  // Of the second nothing is worth a word, and it can be corrected all the same.
  await screen.findByRole('button', { name: 'Say what it is' });
  expect(screen.getAllByRole('button')).toHaveLength(3);
  expect(asked.filter(({ path }) => path.startsWith('/api/v1/insights'))).toHaveLength(1);
});

test('a member says what a message is instead, and takes it back', async () => {
  const corrected = anInsight('m1', {
    intent: { ...model, value: 'order_status', confidence: 1, correctedBy: 'u1' },
  });
  const path = '/api/v1/messages/m1/correction';
  const { user, asked } = open([anInsight('m1')], {
    [`PUT ${path}`]: corrected,
    [`DELETE ${path}`]: anInsight('m1'),
  });
  await user.click(await screen.findByRole('button', { name: /^Understood: Opening hours/ }));
  const panel = within(await screen.findByRole('dialog', { name: 'What was understood' }));
  const intent = panel.getByRole('combobox', { name: 'Intent' });
  await waitFor(() => expect(within(intent).getAllByRole('option')).toHaveLength(3));
  expect(panel.getAllByText('91% sure')).toHaveLength(3);
  // A day has no clock.
  await panel.findByText(/^tomorrow \([^:]+\)$/);
  await user.selectOptions(intent, 'Order status');
  await screen.findByRole('button', { name: /^Understood: Order status/, hidden: true });
  panel.getByText('Said by a member');
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ intent: 'order_status' });
  await user.click(panel.getByRole('button', { name: 'Take corrections back' }));
  await screen.findByRole('button', { name: /^Understood: Opening hours/, hidden: true });
  expect(panel.queryByRole('button', { name: 'Take corrections back' })).toBeNull();
});

test('a correction that the server refuses changes nothing, and says why', async () => {
  const { user } = open([anInsight('m1')], {
    'PUT /api/v1/messages/m1/correction': refuse(404, 'insight.not_found', 'There is no such insight.'),
  });
  await user.click(await screen.findByRole('button', { name: /^Understood/ }));
  await user.click(await screen.findByRole('switch', { name: 'It is spam' }));
  await screen.findByText('There is no such insight.');
  await screen.findByRole('button', { name: /^Understood: Opening hours/, hidden: true });
});

test('who may only look on sees what was understood, and changes nothing', async () => {
  const { user } = open([anInsight('m1')], {}, []);
  await user.click(await screen.findByRole('button', { name: /^Understood/ }));
  const panel = within(await screen.findByRole('dialog'));
  for (const control of [...panel.getAllByRole('combobox'), panel.getByRole('switch')])
    expect(control.hasAttribute('disabled')).toBe(true);
});
