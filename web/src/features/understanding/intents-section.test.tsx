import type { IntentDrift } from '@parley/contract/intent-drift';
import type { IntentModel } from '@parley/contract/intent-models';
import type { Intent } from '@parley/contract/intents';
import { act, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { takeUploads } from '../../../test/training-data.ts';
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

const steady: IntentDrift = {
  modelId: null,
  state: 'steady',
  reasons: [],
  driftedAt: null,
  reference: {
    from: '2026-10-01T00:00:00.000Z',
    to: '2026-10-15T00:00:00.000Z',
    messages: 1200,
    confidence: 0.78,
  },
  recent: {
    from: '2026-11-23T00:00:00.000Z',
    to: '2026-11-30T00:00:00.000Z',
    messages: 180,
    confidence: 0.61,
  },
  stabilityIndex: 0.02,
  shares: [
    { intent: null, reference: 0.12, recent: 0.24 },
    { intent: 'delivery', reference: 0.08, recent: 0.2 },
    { intent: 'price', reference: 0.3, recent: 0.2 },
    { intent: 'thanks', reference: 0.1, recent: 0.11 },
  ],
  lookedAt: 60,
  corrected: 18,
  checkedAt: '2026-11-30T10:00:00.000Z',
};

function open(
  models: () => IntentModel[],
  answers: Record<string, unknown> = {},
  permissions = ['assistant:manage'],
) {
  const asked = serve({
    'GET /api/v1/intents': { items: intents },
    'GET /api/v1/intent-drift': steady,
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

test('messages that drifted are told in plain words, with what changed and what to do', async () => {
  const reasons = ['mix', 'confidence', 'disagreement'] as const;
  open(() => [], { 'GET /api/v1/intent-drift': { ...steady, state: 'drifted', reasons } });
  const notice = within(await screen.findByRole('region', { name: 'Messages are not what they were' }));
  expect(notice.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'Twice as many messages mean none of the intents: 24%, before 12%.',
    'More often: Delivery (20%, before 8%).',
    'Less often: Price (20%, before 30%).',
    'The model is less sure of them: 61% on average, before 78%.',
    'Of 60 messages that members looked at, they corrected the intent of 18.',
  ]);
  notice.getByText(/train again/);
  notice.getByText(/^180 messages since .*, compared with 1,200 from/);
});

test('where only members disagree, nothing is said of the messages; where all is well, nothing at all', async () => {
  const disagreement = {
    ...steady,
    reference: null,
    recent: null,
    state: 'drifted',
    reasons: ['disagreement'],
  };
  const { unmount } = open(() => [], { 'GET /api/v1/intent-drift': disagreement });
  const notice = within(await screen.findByRole('region', { name: 'Members often disagree with the model' }));
  expect(notice.getAllByRole('listitem')).toHaveLength(1);
  unmount();
  open(() => []);
  await screen.findByText('The model that comes with Parley reads messages');
  await screen.findByRole('button', { name: 'Opening hours' });
  expect(screen.queryByText(/train again/)).toBeNull();
});

test('a model comes from a file: how far it is shows, a damaged one is refused in words, and one that is taken stands there', async () => {
  let models: IntentModel[] = [];
  const { user } = open(() => models);
  const sent = takeUploads();
  await screen.findByText('The model that comes with Parley reads messages');
  const give = (name: string) =>
    user.upload(screen.getByLabelText('Upload a model', { selector: 'input' }), new File(['…'], name));
  await give('intents-3.parley');
  act(() => sent[0]?.progress(1, 4));
  await screen.findByRole('progressbar', { name: 'Uploading the model' });
  act(() => sent[0]?.answer(400, { error: { code: 'model_file.damaged', message: 'It is damaged.' } }));
  expect((await screen.findByRole('alert')).textContent).toBe(
    'The file is damaged. Download it again where it comes from.',
  );
  await give('intents-3.parley');
  expect(screen.queryByRole('alert')).toBeNull();
  models = [aModel({ origin: 'imported', data: null, metrics: null })];
  act(() => sent[1]?.answer(201, models[0]));
  await screen.findByText('From a file');
  expect(screen.queryByRole('progressbar')).toBeNull();
  await give('other.parley');
  act(() => sent[2]?.loseConnection());
  await screen.findByText('The upload did not get through. Try again.');
});

test('a version is saved as a file, and where it cannot be read that is said', async () => {
  let answer: Response | undefined = new Response('a model');
  const saved: string[] = [];
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:model', revokeObjectURL: () => undefined }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  const { user } = open(() => [aModel({})], { 'GET /api/v1/intent-models/m1/file': () => answer });
  await user.click(await screen.findByText('Figures: Version 1'));
  await user.click(screen.getByRole('button', { name: 'Download' }));
  await waitFor(() => expect(saved).toEqual(['intents-1.parley']));
  answer = undefined;
  await user.click(screen.getByRole('button', { name: 'Download' }));
  await screen.findByText('There is nothing here.');
});
