import type { KnowledgeProposal, LookThrough } from '@parley/contract/knowledge-proposals';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { sourcesPath } from './knowledge-queries.ts';
import { Proposals } from './proposals.tsx';

const manager = ['assistant:read', 'assistant:manage', 'conversations:read'];
const at = '2026-11-29T12:00:00.000Z';
const on = { learnFromConversations: true, since: at };
const off = { learnFromConversations: false, since: null };

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const aProposal = (change: Partial<KnowledgeProposal> = {}): KnowledgeProposal => ({
  id: 'dogs',
  state: 'proposed',
  question: 'Can my dog come along?',
  answer: 'Dogs are welcome on the terrace.',
  language: 'en',
  asked: 4,
  conversationId: 'talk',
  questionMessageId: 'question',
  answerMessageId: 'answer',
  answeredBy: 'ana',
  answeredAt: at,
  trainingDataId: null,
  decidedBy: null,
  decidedAt: null,
  createdAt: at,
  ...change,
});
const parking = aProposal({
  id: 'parking',
  question: 'Where can I park?',
  answer: 'Behind the house.',
  asked: 1,
});
const aLook = (change: Partial<LookThrough> = {}): LookThrough => ({
  id: 'look',
  state: 'running',
  days: 30,
  total: 8,
  done: 2,
  found: 1,
  startedAt: at,
  finishedAt: null,
  ...change,
});

function open(
  items: KnowledgeProposal[],
  answers: Record<string, unknown> = {},
  { learning = on as object, looks = [] as LookThrough[], permissions = manager } = {},
) {
  const asked = serve({
    [`GET ${sourcesPath}/learning`]: learning,
    [`GET ${sourcesPath}/proposals`]: { items, nextCursor: null },
    [`GET ${sourcesPath}/look-throughs`]: { items: looks, nextCursor: null },
    'GET /api/v1/members': { items: [], nextCursor: null },
    ...answers,
  });
  return { ...renderInApp(<Proposals />, { permissions }), asked };
}
const changes = (asked: { method: string; path: string; body: unknown }[]) =>
  asked.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => [method, path, body]);
const decision = (id: string) => `${sourcesPath}/proposals/${id}/decision`;
const rowOf = async (question: string) => within(await screen.findByRole('listitem', { name: question }));

test('a proposal says how often it was asked and where, and is accepted with a way back', async () => {
  const { user, asked } = open([aProposal(), parking], {
    [`PUT ${decision('dogs')}`]: aProposal({ state: 'accepted', trainingDataId: 'pair' }),
    [`DELETE ${decision('dogs')}`]: aProposal(),
  });
  const row = await rowOf('Can my dog come along?');
  row.getByText('Asked 4 times');
  expect(row.getByRole('link', { name: 'Open the conversation' }).getAttribute('href')).toBe(
    '/inbox/talk?message=answer',
  );
  const accept = row.getByRole('button', { name: 'Accept' });
  await user.click(accept);
  await screen.findByText('The assistant knows it now');
  expect(screen.queryByText('Can my dog come along?')).toBeNull();
  // The keyboard goes on with the next one.
  await waitFor(() => expect(document.activeElement?.textContent).toContain('Where can I park?'));
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await rowOf('Can my dog come along?');
  expect(changes(asked)).toEqual([
    ['PUT', decision('dogs'), { decision: 'accepted' }],
    ['DELETE', decision('dogs'), undefined],
  ]);
});

test('it is accepted with better words, and dismissed for good', async () => {
  const { user, asked } = open([aProposal(), parking], {
    [`PUT ${decision('dogs')}`]: aProposal({ state: 'accepted' }),
    [`PUT ${decision('parking')}`]: { ...parking, state: 'dismissed' },
  });
  await user.click((await rowOf('Can my dog come along?')).getByRole('button', { name: 'Edit' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Edit and accept' }));
  const answer = dialog.getByLabelText('Answer');
  await user.clear(answer);
  await user.click(dialog.getByRole('button', { name: 'Accept' }));
  dialog.getByText('What is the answer?');
  await user.type(answer, 'Yes, on the terrace.');
  await user.click(dialog.getByRole('button', { name: 'Accept' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.click((await rowOf('Where can I park?')).getByRole('button', { name: 'Dismiss' }));
  await screen.findByText('It will not be proposed again');
  await screen.findByText('Nothing to look at');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('switch')));
  expect(changes(asked).map(([, , body]) => body)).toEqual([
    { decision: 'accepted', question: 'Can my dog come along?', answer: 'Yes, on the terrace.' },
    { decision: 'dismissed' },
  ]);
});

test('it says what it is while it is off, and is switched on there', async () => {
  const { user, asked } = open([], { [`PUT ${sourcesPath}/learning`]: on }, { learning: off });
  await screen.findByText('It does not learn from conversations');
  expect(screen.queryByRole('button', { name: 'Look through' })).toBeNull();
  await user.click(screen.getByRole('switch', { name: 'Learn from conversations' }));
  await screen.findByText('Nothing to look at');
  expect(changes(asked)).toEqual([['PUT', `${sourcesPath}/learning`, { learnFromConversations: true }]]);
});

test('the past is looked through, and that can be cancelled', async () => {
  const { user, asked } = open([], {
    [`POST ${sourcesPath}/look-throughs`]: aLook(),
    [`PUT ${sourcesPath}/look-throughs/look/cancellation`]: aLook({ state: 'canceled', finishedAt: at }),
  });
  await user.selectOptions(await screen.findByLabelText('Look through the past'), '90');
  await user.click(screen.getByRole('button', { name: 'Look through' }));
  await screen.findByRole('progressbar', { name: '2 of 8 conversations looked through' });
  // What was pressed stays where it is.
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Look through' }));
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await screen.findByText(
    /The last look through was cancelled\. Conversations looked through: 2\. New proposals: 1\./,
  );
  expect(changes(asked)[0]).toEqual(['POST', `${sourcesPath}/look-throughs`, { days: 90 }]);
});

test('who may not manage the assistant reads them, and decides nothing', async () => {
  open([aProposal()], {}, { permissions: ['assistant:read', 'conversations:read'], looks: [aLook()] });
  await rowOf('Can my dog come along?');
  await screen.findByRole('progressbar');
  expect(within(screen.getByRole('list', { name: 'Proposals' })).queryByRole('button')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull();
  expect(screen.getByRole('switch').hasAttribute('disabled')).toBe(true);
});

test('what cannot be read says so, and what a colleague decided meanwhile is told', async () => {
  const { user } = open([aProposal()], {
    [`PUT ${decision('dogs')}`]: refuse(409, 'proposal_decided', 'Decided.'),
  });
  await user.click((await rowOf('Can my dog come along?')).getByRole('button', { name: 'Dismiss' }));
  await screen.findByText('Somebody has decided on it already.');
});

test('a failed reading can be tried again', async () => {
  open([], { [`GET ${sourcesPath}/proposals`]: refuse(500, 'internal', 'It broke.') });
  await screen.findByText('The proposals could not be read.');
  screen.getByRole('button', { name: 'Try again' });
});
