import type { IntentModel } from '@parley/contract/intent-models';
import type { Intent } from '@parley/contract/intents';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { IntentsSection } from './intents-section.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const intents: Intent[] = [
  { name: 'opening_hours', origin: 'starter', enabled: true, examples: 0, corrections: 2 },
  { name: 'sharpen_skates', origin: 'workspace', enabled: true, examples: 1, corrections: 0 },
];
const aModel = (change: Partial<IntentModel>): IntentModel => ({
  id: 'm1',
  version: 1,
  origin: 'trained',
  state: 'done',
  progress: 1,
  live: false,
  data: { starter: 90, written: 8, corrected: 2, intents: 3, empty: 0, contradicting: 0, fingerprint: 'f' },
  metrics: {
    measured: 20,
    accuracy: 0.95,
    macroF1: 0.94,
    calibrationError: 0.03,
    trainSeconds: 1,
    microsPerMessage: 30,
    perIntent: [{ intent: 'opening_hours', examples: 10, precision: 1, recall: 0.9 }],
  },
  errorCode: null,
  bytes: 100_000,
  checksum: 'c',
  createdBy: 'u1',
  startedAt: '2026-11-30T10:00:00.000Z',
  finishedAt: '2026-11-30T10:00:05.000Z',
  ...change,
});

function open(
  models: () => IntentModel[],
  answers: Record<string, unknown> = {},
  permissions = ['assistant:manage'],
) {
  const asked = serve({
    'GET /api/v1/intents': { items: intents },
    'GET /api/v1/intent-models': () => ({ items: models(), nextCursor: null }),
    ...answers,
  });
  return { ...renderInApp(<IntentsSection />, { permissions: ['assistant:read', ...permissions] }), asked };
}

test('an intent is made by a name as it is said, and given examples by the line', async () => {
  const path = '/api/v1/intents/lost_parcel';
  const { user, asked } = open(() => [], {
    [`PUT ${path}`]: { ...intents[1], name: 'lost_parcel' },
    'GET /api/v1/intent-examples': { items: [], nextCursor: null },
    'POST /api/v1/intent-examples': { items: [] },
  });
  await screen.findByText('The model that comes with Parley reads messages');
  await user.click(screen.getByRole('button', { name: 'Add intent' }));
  const form = within(await screen.findByRole('dialog', { name: 'Add intent' }));
  await user.type(form.getByRole('textbox', { name: 'Name' }), 'Opening hours{Enter}');
  await form.findByText('There is one of this name.');
  await user.clear(form.getByRole('textbox', { name: 'Name' }));
  await user.type(form.getByRole('textbox', { name: 'Name' }), 'Lost parcel{Enter}');
  const examples = within(await screen.findByRole('dialog', { name: 'Examples of Lost parcel' }));
  await examples.findByText('No examples of your own yet.');
  await user.click(examples.getByRole('button', { name: 'Add examples' }));
  await examples.findByText('Write at least one line.');
  await user.type(
    examples.getByRole('textbox', { name: 'Add examples' }),
    'Where is my parcel?{Enter}{Enter}  It never came ',
  );
  await user.click(examples.getByRole('button', { name: 'Add examples' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      intent: 'lost_parcel',
      texts: ['Where is my parcel?', 'It never came'],
    }),
  );
});

test('a training shows how far it is and can be cancelled, and what it came to is promoted and rolled back', async () => {
  let models = [aModel({ id: 'm2', version: 2, state: 'running', progress: 0.4, data: null, metrics: null })];
  const { user, asked } = open(() => models, {
    'PUT /api/v1/intent-models/m2/cancellation': () => {
      models = [aModel({ id: 'm2', version: 2, state: 'canceled', data: null, metrics: null }), aModel({})];
      return models[0];
    },
    'PUT /api/v1/intent-models/live': () => {
      models = models.map((model) => ({ ...model, live: model.id === 'm1' && !model.live }));
      return { modelId: 'm1' };
    },
  });
  await screen.findByRole('progressbar', { name: 'Version 2. Training, 40%' });
  expect(screen.getByRole('button', { name: 'Train' }).hasAttribute('disabled')).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await screen.findByText('Cancelled');
  screen.getByText('Learned from 100 examples of 3 intents · 95% right on what was kept back');
  await user.click(screen.getByRole('button', { name: 'Promote: Version 1' }));
  await screen.findByText('Reads messages');
  await user.click(screen.getByRole('button', { name: 'Stop using it: Version 1' }));
  await screen.findByRole('button', { name: 'Promote: Version 1' });
  expect(asked.filter(({ path }) => path.endsWith('/live')).map(({ body }) => body)).toEqual([
    { modelId: 'm1' },
    { modelId: null },
  ]);
});

test('a training that failed says why', async () => {
  open(() => [aModel({ state: 'failed', errorCode: 'one_intent', data: null, metrics: null })]);
  await screen.findByText('It needs examples of two intents at least.');
});

test('an intent is switched off, and is on again where the server refuses it', async () => {
  const { user } = open(() => [], {
    'PUT /api/v1/intents/opening_hours': refuse(500, 'internal', 'It broke.'),
  });
  await user.click(await screen.findByRole('switch', { name: 'Use Opening hours' }));
  await screen.findByText('It broke.');
  await waitFor(() =>
    expect(screen.getByRole('switch', { name: 'Use Opening hours' }).getAttribute('aria-checked')).toBe(
      'true',
    ),
  );
});

test('who may not manage the assistant sees all of it, and no button that changes it', async () => {
  open(() => [aModel({})], {}, []);
  await screen.findByText('Version 1');
  for (const name of ['Train', 'Add intent', /Promote/])
    expect(screen.queryByRole('button', { name })).toBeNull();
  expect(screen.getByRole('switch', { name: 'Use Opening hours' }).hasAttribute('disabled')).toBe(true);
});
