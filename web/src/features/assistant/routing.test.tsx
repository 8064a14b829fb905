import type { KnowledgeVectors } from '@parley/contract/knowledge-vectors';
import { type RoutingSettings, routingSettings } from '@parley/contract/routing';
import { screen, waitFor, within } from '@testing-library/react';
import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { aModel } from '../../../test/models.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { moved } from './move.ts';
import { Routing } from './routing.tsx';

const first = aModel({ name: 'First' });
const second = aModel({ id: '01990000-0000-7000-8000-0000000000a2', name: 'Second' });

interface OpenOptions {
  readonly manages?: boolean;
  readonly dryRun?: object;
  readonly vectors?: Partial<KnowledgeVectors>;
}

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const third = aModel({
  id: '01990000-0000-7000-8000-0000000000a3',
  name: 'Third',
  local: true,
  capabilities: ['embeddings'],
});

function open({ manages = true, dryRun = {}, vectors = {} }: OpenOptions = {}) {
  let settings: RoutingSettings = routingSettings.parse({ order: { message: [first.id, second.id] } });
  const asked = serve({
    'GET /api/v1/routing': () => settings,
    'PUT /api/v1/routing': ({ body }: { body: unknown }) => {
      settings = body as RoutingSettings;
      return settings;
    },
    'GET /api/v1/models': {
      items: [first, second, third],
      nextCursor: null,
      builtIn: { name: 'parley/builtin' },
    },
    'GET /api/v1/assistant': { policy: 'auto', modelId: second.id },
    'GET /api/v1/routing/receipts': { items: [], nextCursor: null },
    'GET /api/v1/knowledge-vectors': {
      state: settings.embeddingModelId === null ? 'off' : 'making',
      model: null,
      passages: 0,
      embedded: 0,
      withheld: 0,
      problem: null,
      ...vectors,
    },
    'GET /api/v1/usage': {
      items: [{ key: 'embeddings', name: null, costMicros: 1_250_000, unpricedCalls: 0 }],
    },
    'POST /api/v1/routing/dry-run': dryRun,
  });
  const permissions = manages ? ['assistant:read', 'assistant:manage'] : ['assistant:read'];
  const app = renderInApp(<Routing />, { permissions });
  const saved = () => asked.filter(({ method }) => method === 'PUT').map(({ body }) => body);
  return { ...app, asked, saved };
}

const placed = async () =>
  within(await screen.findByRole('list', { name: 'In this order' }))
    .getAllByRole('listitem')
    .map((item) => item.textContent);

test('a model is moved with the keyboard, keeps the focus, and its new place is said', async () => {
  const { user, saved } = open();
  expect(await placed()).toEqual(['1First', '2Second']);
  screen.getByRole('button', { name: 'Move Second up' }).focus();
  await user.keyboard('{Enter}');
  expect(await placed()).toEqual(['1Second', '2First']);
  screen.getByText('Second is now 1 of 2');
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Move Second down'));
  await waitFor(() => expect(saved()).toMatchObject([{ order: { message: [second.id, first.id] } }]));
});

test('what is changed twice in a moment is stored with both changes, in order', async () => {
  const { user, saved } = open();
  await user.click(await screen.findByRole('switch', { name: 'E-mail addresses' }));
  await user.type(screen.getByLabelText('Private words'), 'salary{Enter}');
  await waitFor(() => expect(saved()).toHaveLength(2));
  expect(saved()[1]).toMatchObject({
    detectors: ['card', 'iban', 'national_id', 'health', 'email'],
    privateWords: ['salary'],
  });
});

test('the dry run asks about the assistant’s own first choice, and says every step in words', async () => {
  const { user, asked } = open({
    dryRun: {
      sensitivity: 'private',
      because: ['card'],
      candidates: [{ modelId: null, model: 'parley/builtin', reason: 'fallback', step: 'order' }],
      skipped: [
        {
          modelId: second.id,
          model: 'Second',
          reason: 'private_content',
          step: 'sensitivity',
          because: ['card'],
        },
      ],
      lastResort: 'built_in',
    },
  });
  await screen.findByRole('option', { name: 'As the assistant: Second' });
  await user.type(screen.getByLabelText('What somebody writes'), '4242 4242 4242 4242');
  await user.click(screen.getByRole('button', { name: 'Show the way' }));
  await screen.findByText(/Private, because of a card number/);
  screen.getByText('Built-in');
  screen.getByText(': private content stays with local models (a card number)');
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({
    text: '4242 4242 4242 4242',
    modelId: second.id,
    automatic: false,
  });
});

test('one kind of work gets an order, a last resort and privacy of its own', async () => {
  const { user, saved } = open();
  await user.click(await screen.findByRole('tab', { name: 'Chat of members' }));
  await user.click(screen.getByRole('switch', { name: 'Everything is private here' }));
  const lastResort = { name: 'When no model has answered' };
  await user.selectOptions(screen.getByRole('combobox', lastResort), 'A person is called');
  await user.click(screen.getByRole('switch', { name: 'An order of its own' }));
  const lists = await screen.findAllByRole('list', { name: 'The others' });
  await user.click(
    within(lists.at(-1) as HTMLElement).getByRole('button', { name: 'Put Second in the order' }),
  );
  await waitFor(() =>
    expect(saved().at(-1)).toMatchObject({
      overrides: { chat: { order: [second.id], alwaysPrivate: true, lastResort: 'person' } },
    }),
  );
  await user.click(screen.getByRole('tab', { name: 'Programs' }));
  expect(screen.queryByRole('combobox', lastResort)).toBeNull();
});

test('who may only look can try where something goes, and change nothing', async () => {
  open({ manages: false });
  await screen.findByRole('list', { name: 'In this order' });
  expect(screen.queryByRole('button', { name: 'Move Second up' })).toBeNull();
  expect(screen.getByRole('switch', { name: 'Everything is private' })).toHaveProperty('disabled', true);
  screen.getByRole('button', { name: 'Show the way' });
});

test('whatever is moved, nothing is lost and the others keep their order', () => {
  const places = fc
    .uniqueArray(fc.nat(), { minLength: 1 })
    .chain((items) => fc.tuple(fc.constant(items), fc.nat(items.length - 1), fc.nat(items.length - 1)));
  fc.assert(
    fc.property(places, ([items, from, to]) => {
      const after = moved(items, from, to);
      expect(after[to]).toBe(items[from]);
      expect(after.toSpliced(to, 1)).toEqual(items.toSpliced(from, 1));
    }),
  );
});

test('a model that makes vectors is chosen for the search by meaning, and others cannot be', async () => {
  const { user, saved } = open();
  const choice = await screen.findByRole('combobox', { name: 'Model that makes the vectors' });
  const names = within(choice)
    .getAllByRole('option')
    .map(({ textContent }) => textContent);
  expect(names).toEqual(['None: words alone', 'Third (on your machines)']);
  await user.selectOptions(choice, third.id);
  await waitFor(() => expect(saved()).toMatchObject([{ embeddingModelId: third.id }]));
  await screen.findByText('Cost in the last 30 days: $1.25');
  await user.selectOptions(choice, 'None: words alone');
  await waitFor(() => expect(saved().at(-1)).toMatchObject({ embeddingModelId: null }));
});

test('how far vectors are is shown, with what stays here and why it does not go on', async () => {
  open({
    vectors: {
      state: 'making',
      model: 'Third',
      passages: 1200,
      embedded: 300,
      withheld: 7,
      problem: 'budget_exhausted',
    },
  });
  const bar = await screen.findByRole('progressbar', { name: 'Vectors are being made' });
  expect(bar.getAttribute('aria-valuenow')).toBe('25');
  screen.getByText('300 of 1,200 passages are found by meaning');
  screen.getByText(/7 of them are private/);
  screen.getByText(/It does not go on: the budget is used up/);
});
