import type { Cap } from '@parley/contract/budgets';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { aConversation } from '../../../test/conversations.ts';
import { type Asked, refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { Spending } from './spending.tsx';

const cap: Cap = {
  id: '01990000-0000-7000-8000-0000000000c1',
  scope: 'workspace',
  subjectId: null,
  subjectName: null,
  period: 'month',
  unit: 'money',
  limit: 20_000_000,
  warnPercent: 80,
  whenReached: 'stop',
  spent: 15_000_000,
  reserved: 2_000_000,
  warned: 1,
  reached: 0,
  updatedAt: '2026-11-29T10:00:00.000Z',
};
const spent = { calls: 2, unpricedCalls: 0, inputTokens: 100, outputTokens: 20, segments: 3 };

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

function open(caps: Cap[], answers: Record<string, unknown> = {}) {
  const asked = serve({
    'GET /api/v1/budget-caps': () => ({ items: caps }),
    [`DELETE /api/v1/budget-caps/${cap.id}`]: () => {
      caps.splice(0);
      return new Response(null, { status: 204 });
    },
    'POST /api/v1/budget-caps': ({ body }: Asked) => {
      caps.push({ ...cap, ...(body as object) });
      return caps.at(-1);
    },
    'GET /api/v1/usage': ({ path }: Asked) => ({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-29T00:00:00.000Z',
      items: path.includes('by=conversation')
        ? [
            { key: 'c1', name: '+12025550142', costMicros: 3_000_000, ...spent },
            { key: null, name: null, costMicros: 1_000_000, ...spent },
          ]
        : [],
    }),
    ...answers,
  });
  const app = renderInApp(<Spending />, { permissions: ['assistant:read', 'assistant:manage'] });
  return { ...app, asked };
}

test('a cap shows what is spent and held of it, what happens then, and that it has warned', async () => {
  open([cap]);
  const row = within(await screen.findByRole('list', { name: 'Caps' })).getByRole('listitem');
  within(row).getByText('$17.00 of $20.00');
  within(row).getByText('Warned');
  within(row).getByText(/then: a person, and no model/);
  expect(within(row).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('85');
});

test('a cap that is deleted is gone at once, and comes back as it was', async () => {
  const { user, asked } = open([cap]);
  await user.click(await screen.findByRole('button', { name: 'More about The whole workspace, a month' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete' }));
  await screen.findByText('No caps yet');
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  await screen.findByText('$17.00 of $20.00');
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    scope: 'workspace',
    subjectId: null,
    period: 'month',
    unit: 'money',
    limit: 20_000_000,
    warnPercent: 80,
    whenReached: 'stop',
  });
});

test('a new cap is written in dollars, and a refusal is said where it was written', async () => {
  const { user, asked } = open([], {
    'POST /api/v1/budget-caps': refuse(409, 'cap_exists', 'There is such a cap already: change that one.'),
  });
  await user.click(await screen.findByRole('button', { name: 'Add cap' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add cap' }));
  await user.click(dialog.getByRole('button', { name: 'Add cap' }));
  dialog.getByText(/^A number from/);
  await user.type(dialog.getByLabelText('At most'), '12,50');
  await user.click(dialog.getByRole('button', { name: 'Add cap' }));
  await dialog.findByText('There is such a cap already: change that one.');
  const post = asked.find(({ method }) => method === 'POST');
  expect(post?.body).toMatchObject({ limit: 12_500_000, unit: 'money', scope: 'workspace' });
  expect(post?.idempotencyKey).not.toBeNull();
});

test('what was spent is a question with an answer, and a table that leads to the conversations', async () => {
  const { user } = open([cap]);
  await screen.findByText('Nothing was spent in this time.');
  await user.selectOptions(screen.getByLabelText('By'), 'Conversation');
  await screen.findByRole('heading', { name: 'Which conversations is it spent on?' });
  await waitFor(() =>
    screen.getByRole('img', { name: '$4.00 in all; most of it: +1 (202) 555-0142, $3.00.' }),
  );
  await user.click(screen.getByText('Table'));
  const rows = screen.getAllByRole('row').map((row) => row.textContent);
  expect(rows).toHaveLength(3);
  expect(screen.getByRole('link', { name: '+1 (202) 555-0142' }).getAttribute('href')).toBe('/inbox/c1');
  screen.getByRole('button', { name: 'Export CSV' });
});

test('a cap for one contact is set for whoever is found by name, and told by it', async () => {
  const ana = aConversation();
  const { user, asked } = open([{ ...cap, scope: 'contact', subjectId: 'x', subjectName: '+12025550143' }], {
    'GET /api/v1/search': { items: [{ conversation: ana, message: null, note: null }], nextCursor: null },
  });
  await screen.findByText('+1 (202) 555-0143, a month');
  await user.click(screen.getByRole('button', { name: 'Add cap' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add cap' }));
  await user.selectOptions(dialog.getByLabelText('Of whom'), 'One contact');
  await user.type(dialog.getByLabelText('At most'), '5');
  await user.click(dialog.getByRole('button', { name: 'Add cap' }));
  dialog.getByText('Choose a contact.');
  await user.type(dialog.getByLabelText('Which contact'), 'emma');
  await user.click(await dialog.findByRole('button', { name: /^Emma Clarke/ }));
  await user.click(dialog.getByRole('button', { name: 'Add cap' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({
      scope: 'contact',
      subjectId: ana.contact.id,
      limit: 5_000_000,
    }),
  );
});
