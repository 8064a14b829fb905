import type { Tool } from '@parley/contract/tools';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { draftOf, inputOf } from './tool-draft.ts';
import { Tools } from './tools.tsx';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const tool = (changes: Partial<Tool>): Tool => ({
  name: 'send_message',
  description: 'Sends a message.',
  input: { type: 'object' },
  permission: 'messages:send',
  origin: 'built_in',
  originId: null,
  forContacts: false,
  forMembers: true,
  contacts: false,
  members: true,
  confirmation: true,
  alwaysConfirmed: true,
  ...changes,
});
const order = tool({
  name: 'find_order',
  description: 'Finds an order.',
  input: { type: 'object', properties: { order: { type: 'string', description: 'Its number' } } },
  origin: 'http',
  originId: 'tool-1',
  forContacts: true,
  alwaysConfirmed: false,
});

function open(answers: Record<string, unknown> = {}, permissions = ['assistant:read', 'assistant:manage']) {
  const asked = serve({
    'GET /api/v1/tools': { items: [tool({}), order] },
    'GET /api/v1/tool-servers': { items: [] },
    ...answers,
  });
  return { ...renderInApp(<Tools />, { permissions }), asked };
}

test('what cannot be undone keeps its confirmation, and the rest is given to whom the member wants', async () => {
  const { user, asked } = open({
    'PUT /api/v1/tools/find_order/choice': ({ body }: { body: object }) => ({ ...order, ...body }),
  });
  const fixed = within(await screen.findByRole('group', { name: 'Who may use Send a message' }));
  expect(fixed.getByRole('checkbox', { name: 'Confirm first' })).toHaveProperty('disabled', true);
  expect(fixed.queryByRole('checkbox', { name: 'Contacts' })).toBeNull();
  const own = within(screen.getByRole('group', { name: 'Who may use find_order' }));
  await user.click(own.getByRole('checkbox', { name: 'Contacts' }));
  expect(asked.at(-1)?.body).toEqual({ contacts: true, members: true, confirmation: true });
  expect(own.getByRole('checkbox', { name: 'Contacts' }).getAttribute('aria-checked')).toBe('true');
});

test('a choice that is refused is taken back', async () => {
  const { user } = open({
    'PUT /api/v1/tools/find_order/choice': () => refuse(403, 'forbidden', 'Not you.'),
  });
  const own = within(await screen.findByRole('group', { name: 'Who may use find_order' }));
  await user.click(own.getByRole('checkbox', { name: 'Contacts' }));
  await waitFor(() =>
    expect(own.getByRole('checkbox', { name: 'Contacts' }).getAttribute('aria-checked')).toBe('false'),
  );
});

test('a tool is made of a name, an address, values and secrets', async () => {
  const { user, asked } = open({ 'POST /api/v1/http-tools': { name: 'book_table' } });
  await user.click(await screen.findByRole('button', { name: 'Add tool' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  dialog.getByText('Needed.');
  await user.type(dialog.getByLabelText('Name'), 'book_table');
  await user.type(dialog.getByLabelText('What it does, and when to use it'), 'Books a table.');
  await user.type(dialog.getByLabelText('Address'), 'tables.example/book');
  await user.click(dialog.getByRole('button', { name: 'Add value' }));
  await user.type(dialog.getByLabelText('Value'), 'people');
  await user.click(dialog.getByRole('button', { name: 'Add header' }));
  await user.type(dialog.getByLabelText('Header'), 'authorization');
  await user.type(dialog.getByLabelText('Its value'), 'Bearer x');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    name: 'book_table',
    description: 'Books a table.',
    method: 'GET',
    url: 'https://tables.example/book',
    contacts: false,
    members: true,
    confirmation: true,
    input: { type: 'object', properties: { people: { type: 'string' } }, required: ['people'] },
    headers: [{ name: 'authorization', value: 'Bearer x' }],
  });
});

test('a tool is tried, and shows what a model would be told', async () => {
  const { user, asked } = open({
    'POST /api/v1/http-tools/tool-1/tests': { ok: true, result: 'status: 200\n\non its way', durationMs: 5 },
  });
  await user.click(await screen.findByRole('button', { name: 'Try: find_order' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.type(dialog.getByLabelText('order'), '7');
  await user.click(dialog.getByRole('button', { name: 'Call it' }));
  await dialog.findByText(/on its way/);
  expect(asked.at(-1)?.body).toEqual({ input: { order: '7' } });
});

test('who only looks on changes nothing', async () => {
  open({}, ['assistant:read']);
  await screen.findByRole('group', { name: 'Who may use find_order' });
  for (const box of screen.getAllByRole('checkbox')) expect(box).toHaveProperty('disabled', true);
  expect(screen.queryByRole('button', { name: 'Add tool' })).toBeNull();
});

test('a schema that rows cannot show, and a secret that is kept, stay as they are', () => {
  const known = {
    id: 'tool-1',
    name: 'pay',
    description: 'Pays.',
    method: 'POST' as const,
    url: 'https://pay.example/',
    input: { type: 'object' as const, properties: { how: { enum: ['card', 'cash'] } } },
    contacts: false,
    members: true,
    confirmation: true,
    headerNames: ['x-key'],
    createdAt: '2026-11-29T12:00:00.000Z',
    updatedAt: '2026-11-29T12:00:00.000Z',
  };
  const input = inputOf(draftOf(known));
  expect(input.input).toEqual(known.input);
  expect(input.headers).toEqual([{ name: 'x-key' }]);
});
