import type { AnswerCase, CaseCheck } from '@parley/contract/answer-cases';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { Cases } from './cases.tsx';
import { FixAnswer } from './fix-answer.tsx';

const manager = ['assistant:read', 'assistant:manage', 'conversations:read'];
const at = '2026-11-29T12:00:00.000Z';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const aCase = (change: Partial<AnswerCase>): AnswerCase => ({
  id: 'dogs',
  question: 'May dogs come in?',
  language: 'en',
  expects: 'answer',
  trainingDataId: 'pair',
  sensitivity: 'normal',
  trainingDataTitle: 'May dogs come in?',
  mustContain: ['terrace'],
  result: null,
  createdAt: at,
  updatedAt: at,
  ...change,
});
const aCheck = (change: Partial<CaseCheck>): CaseCheck => ({
  id: 'check',
  state: 'done',
  total: 2,
  done: 2,
  failed: 1,
  costMicros: 0,
  startedAt: at,
  finishedAt: at,
  ...change,
});

function open(
  cases: AnswerCase[],
  checks: CaseCheck[],
  answers: Record<string, unknown> = {},
  may = manager,
) {
  const asked = serve({
    'GET /api/v1/assistant/cases': { items: cases, nextCursor: null },
    'GET /api/v1/assistant/checks': { items: checks, nextCursor: null },
    'GET /api/v1/training-data': { items: [], nextCursor: null },
    ...answers,
  });
  return { ...renderInApp(<Cases />, { permissions: may }), asked };
}

test('a case that fails says why, and what was said instead', async () => {
  const result = {
    passed: false,
    because: 'words_missing' as const,
    answer: 'They wait outside.',
    support: 0.9,
    model: 'parley/builtin',
    checkedAt: at,
  };
  open([aCase({ result }), aCase({ id: 'new', question: 'Do you deliver?' })], [aCheck({})]);
  const rows = within(await screen.findByRole('list', { name: 'Cases' })).getAllByRole('listitem');
  expect(rows[0]?.textContent).toContain('Words are missing in the answer.');
  expect(rows[0]?.textContent).toContain('They wait outside.');
  expect(rows[1]?.textContent).toContain('Not checked');
  screen.getByText('1 of 2 passed');
});

test('all cases are checked at once, and the check can be cancelled', async () => {
  const { asked } = open([aCase({})], [], {
    'POST /api/v1/assistant/checks': aCheck({ state: 'running', done: 0, total: 1, failed: 0 }),
    'PUT /api/v1/assistant/checks/check/cancellation': aCheck({ state: 'canceled', done: 0, failed: 0 }),
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Check all' }));
  await screen.findByRole('progressbar', { name: '0 of 1 checked' });
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await screen.findByText('The last check was cancelled.');
  expect(asked.filter(({ method }) => method !== 'GET')).toHaveLength(2);
});

test('who may not manage the assistant sees the cases and changes none', async () => {
  open([aCase({})], [], {}, ['assistant:read']);
  await screen.findByRole('list', { name: 'Cases' });
  expect(screen.queryByRole('button')).toBeNull();
});

test('a case is written with what is expected of its answer', async () => {
  const { asked } = open([], [], { 'POST /api/v1/assistant/cases': aCase({}) });
  fireEvent.click(await screen.findByRole('button', { name: 'Add case' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Add case' }));
  const submit = () => fireEvent.submit(dialog.getByLabelText('Question').closest('form') as HTMLFormElement);
  submit();
  dialog.getByText('What is asked?');
  fireEvent.change(dialog.getByLabelText('Question'), { target: { value: ' When? ' } });
  fireEvent.change(dialog.getByLabelText(/^Words/), { target: { value: 'nine, , ten' } });
  submit();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    question: 'When?',
    language: 'unknown',
    expects: 'answer',
    trainingDataId: null,
    mustContain: ['nine', 'ten'],
  });
});

test('the form for a better answer begins with what was asked and what was said', async () => {
  const asked = serve({
    'GET /api/v1/runs/run/question': { question: 'May dogs come in?', language: 'en', handedOver: false },
    'POST /api/v1/assistant/fixes': { trainingDataId: 'pair', caseId: 'dogs' },
  });
  const onClose = vi.fn();
  renderInApp(<FixAnswer runId="run" answer="No." onClose={onClose} />, { permissions: manager });
  const dialog = within(await screen.findByRole('dialog', { name: 'Fix this answer' }));
  const question = await dialog.findByLabelText<HTMLTextAreaElement>('Question');
  expect(question.value).toBe('May dogs come in?');
  const answer = dialog.getByLabelText<HTMLTextAreaElement>('Better answer');
  expect(answer.value).toBe('No.');
  fireEvent.change(answer, { target: { value: 'Yes, on the terrace.' } });
  fireEvent.click(dialog.getByRole('button', { name: 'Teach it' }));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    question: 'May dogs come in?',
    answer: 'Yes, on the terrace.',
    mustContain: [],
    runId: 'run',
  });
});
