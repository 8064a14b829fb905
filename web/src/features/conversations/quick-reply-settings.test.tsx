import type { QuickReply } from '@parley/contract/inbox';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Asked, refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { QuickReplySettings } from './quick-reply-settings.tsx';

const at = '2026-11-20T10:00:00.000Z';
const path = '/api/v1/quick-replies';
const quickReply = (shortcut: string, body: string): QuickReply => ({
  id: shortcut,
  shortcut,
  body,
  createdAt: at,
  updatedAt: at,
});
const writer = ['conversations:read', 'conversations:write'];

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

/** @param answers more than the list, which keeps what is sent */
function open(items: QuickReply[], permissions = writer, answers: Record<string, unknown> = {}) {
  let kept = items;
  const asked = serve({
    [`GET ${path}`]: () => ({ items: kept }),
    [`POST ${path}`]: ({ body }: Asked) => {
      const { shortcut, body: text } = body as QuickReply;
      const made = quickReply(shortcut, text);
      kept = [...kept, made];
      return Response.json(made, { status: 201 });
    },
    ...Object.fromEntries(
      items.map(({ id }) => [
        `DELETE ${path}/${id}`,
        () => {
          kept = kept.filter((item) => item.id !== id);
          return new Response(null, { status: 204 });
        },
      ]),
    ),
    ...answers,
  });
  return { ...renderInApp(<QuickReplySettings />, { permissions }), asked };
}
const dialog = () => screen.findByRole('dialog');
const field = async (name: string) => within(await dialog()).getByRole<HTMLInputElement>('textbox', { name });

test('the first one is made from the empty page, and what a contact would read is seen meanwhile', async () => {
  const { user, asked } = open([]);
  await screen.findByText('No quick replies yet');
  await user.click(screen.getByRole('button', { name: 'Make quick reply' }));
  await user.type(await field('Shortcut'), '/hours');
  expect((await field('Shortcut')).value).toBe('hours');
  await user.type(await field('Text'), 'Hi , we open at 9.');
  (await field('Text')).setSelectionRange(3, 3);
  await user.click(within(await dialog()).getByRole('button', { name: 'Contact’s name' }));
  expect((await field('Text')).value).toBe('Hi {{contact.name}}, we open at 9.');
  expect(document.activeElement).toBe(await field('Text'));
  within(await dialog()).getByText('Hi Emma Clarke, we open at 9.');
  within(await dialog()).getByText(/^To a contact without a name: Hi, we open at 9\.$/);
  await user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  within(screen.getByRole('list', { name: 'Quick replies' })).getByText('/hours');
  const made = asked.find(({ method }) => method === 'POST');
  expect(made?.body).toEqual({ shortcut: 'hours', body: 'Hi {{contact.name}}, we open at 9.' });
  expect(made?.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
});

test('a variable that is none is named before it is sent to anybody', async () => {
  const { user } = open([quickReply('order', 'Your order {{order.id}}')]);
  await user.click(await screen.findByRole('button', { name: /^Edit ?\/order/ }));
  within(await dialog()).getByText('Not known, and sent as it stands: {{order.id}}');
});

test('what is missing or wrong is said at its field, which takes the focus', async () => {
  const { user, asked } = open([]);
  await user.click(await screen.findByRole('button', { name: 'Make quick reply' }));
  await user.type(await field('Shortcut'), 'a/b');
  await user.click(within(await dialog()).getByRole('button', { name: 'Save' }));
  within(await dialog()).getByText('A shortcut has letters, digits, - and _, 40 at most.');
  within(await dialog()).getByText('Write what is to be sent.');
  expect(document.activeElement).toBe(await field('Shortcut'));
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
});

test('a shortcut that another one has is refused at its field, and what was written stays', async () => {
  const taken = { [`POST ${path}`]: () => refuse(409, 'shortcut_taken', 'Said by the server.') };
  const { user } = open([quickReply('hours', 'We open at 9.')], writer, taken);
  await user.click(await screen.findByRole('button', { name: 'Make quick reply' }));
  await user.type(await field('Shortcut'), 'Hours');
  await user.type(await field('Text'), 'At nine');
  await user.click(within(await dialog()).getByRole('button', { name: 'Save' }));
  await within(await dialog()).findByText('Another quick reply has this shortcut.');
  expect((await field('Shortcut')).getAttribute('aria-invalid')).toBe('true');
  expect((await field('Text')).value).toBe('At nine');
  await user.type(await field('Shortcut'), '2');
  expect(within(await dialog()).queryByText('Another quick reply has this shortcut.')).toBeNull();
});

test.each([
  [409, 'too_many_quick_replies', 'There are 500 quick replies already. Remove one first.'],
  [404, 'sms.not_found', /^A colleague has removed it/],
  [403, 'forbidden', 'Your role may use these, and not change them.'],
])('a refusal %i %s is said in the member’s words', async (status, code, text) => {
  const answer = () => refuse(status, code, 'Said by the server.');
  const { user } = open([quickReply('hours', 'We open at 9.')], writer, { [`PUT ${path}/hours`]: answer });
  await user.click(await screen.findByRole('button', { name: /^Edit ?\/hours/ }));
  await user.type(await field('Text'), ' Sharp.');
  await user.click(within(await dialog()).getByRole('button', { name: 'Save' }));
  await within(await dialog()).findByText(text);
});

test('a removed one is gone at once, the focus goes to its neighbour, and Undo brings it back', async () => {
  const { user, asked } = open([quickReply('address', 'Main Street'), quickReply('hours', 'We open at 9.')]);
  await user.click(await screen.findByRole('button', { name: 'Remove /address' }));
  expect(screen.queryByText('/address')).toBeNull();
  await waitFor(() =>
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Remove /hours' })),
  );
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  const list = screen.getByRole('list', { name: 'Quick replies' });
  await within(list).findByText('/address');
  expect(asked.at(-1)).toMatchObject({ method: 'POST', body: { shortcut: 'address', body: 'Main Street' } });
});

test('one that could not be removed comes back, with the reason', async () => {
  const away = {
    [`DELETE ${path}/hours`]: () => {
      throw new TypeError('no network');
    },
  };
  const { user } = open([quickReply('hours', 'We open at 9.')], writer, away);
  await user.click(await screen.findByRole('button', { name: 'Remove /hours' }));
  await screen.findByText(/^Parley cannot be reached/);
  await screen.findByText('/hours');
});

test('who may only read sees them, and no button that would be refused', async () => {
  open([quickReply('hours', 'We open at 9.')], ['conversations:read']);
  await screen.findByText('We open at 9.');
  screen.getByText('Your role may use these, and not change them.');
  expect(screen.queryByRole('button', { name: /Make|Edit|Remove/ })).toBeNull();
});
