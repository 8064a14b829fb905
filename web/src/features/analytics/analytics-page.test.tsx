import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { AnalyticsPage } from './analytics-page.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const path = '/api/v1/analytics';
const span = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-30T12:00:00.000Z', timeZone: 'UTC' };
const today = () => {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
};

function open(answers: Record<string, unknown> = {}) {
  const asked = serve({
    'GET /api/v1/channels': { items: [{ id: 'c1', name: 'Shop' }], nextCursor: null },
    [`GET ${path}/channel-stats`]: { ...span, items: [] },
    [`GET ${path}/sentiment-stats`]: { ...span, items: [] },
    [`GET ${path}/intent-stats`]: { ...span, items: [] },
    ...answers,
  });
  return { ...renderInApp(<AnalyticsPage />, { permissions: ['conversations:read'] }), asked };
}

test('the figures answer a question each, and a table says the same as the plot', async () => {
  const day = today();
  const { user } = open({
    [`GET ${path}/channel-stats`]: {
      ...span,
      items: [
        { day, channelId: 'c1', inbound: 3, byAssistant: 2, byMembers: 1, failed: 1, conversations: 2 },
        { day, channelId: 'c2', inbound: 1, byAssistant: 0, byMembers: 0, failed: 0, conversations: 1 },
      ],
    },
    [`GET ${path}/sentiment-stats`]: {
      ...span,
      items: [
        { day, sentiment: 'negative', messages: 1, corrected: 0 },
        { day, sentiment: 'neutral', messages: 3, corrected: 1 },
      ],
    },
    [`GET ${path}/intent-stats`]: {
      ...span,
      items: [
        { day, intent: 'opening_hours', messages: 3, corrected: 1 },
        { day, intent: null, messages: 1, corrected: 0 },
      ],
    },
  });
  await screen.findByText('4 came in, 3 went out.');
  await screen.findByRole('img', { name: '1 of 4 messages sounded negative.' });
  await screen.findByRole('img', { name: 'Opening hours came most: 3 of 4 messages.' });
  for (const summary of screen.getAllByText('Table')) await user.click(summary);
  const messages = within(screen.getByRole('table', { name: 'Messages' }));
  const cells = messages.getAllByRole('cell').map(({ textContent }) => textContent?.match(/\d+$/)?.[0]);
  expect(cells.slice(1)).toEqual(['4', '2', '1', '1']);
  within(screen.getByRole('table', { name: 'Intents' })).getByText('None of them');
});

test('a channel and a span narrow what is asked for', async () => {
  const { user, asked } = open();
  await screen.findByText('No messages in this period.');
  await screen.findAllByText('Nothing was understood in this period.');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Channel' }), 'Shop');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Time' }), 'The last 7 days');
  await screen.findByText('No messages in this period.');
  const last = new URL(
    asked.findLast((each) => each.path.includes('intent-stats'))?.path ?? '',
    location.href,
  );
  expect(last.searchParams.get('channelId')).toBe('c1');
  const days = (Date.now() - Date.parse(last.searchParams.get('from') ?? '')) / 86_400_000;
  expect(days).toBeGreaterThan(5.9);
  expect(days).toBeLessThan(7.1);
});

test('figures that cannot be read say so, and the others stand', async () => {
  open({ [`GET ${path}/sentiment-stats`]: refuse(500, 'internal', 'It broke.') });
  await screen.findByText('The figures could not be read.');
  await screen.findByText('No messages in this period.');
});
