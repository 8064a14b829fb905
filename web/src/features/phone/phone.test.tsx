import type { HandsetMessage, Phone, PhoneFaults } from '@parley/contract/phone';
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen, useScreen } from '../../lib/store.ts';
import { PhoneDrawer } from './phone-drawer.tsx';

const address = '+12025550142';
const emma = '+12025550111';
const phone: Phone = {
  handsets: [
    { number: emma, name: 'Emma', language: 'en' },
    { number: '+12025550122', name: 'Lucía', language: 'es' },
  ],
  numbers: [{ channelId: '01990000-0000-7000-8000-000000000002', address, name: 'The shop’s number' }],
  pictures: [{ name: 'cake', url: '/api/v1/phone/pictures/cake' }],
};
const faults: PhoneFaults = { duplicate: false, late: false, reordered: false, lost: false, refuse: false };
const permissions = ['conversations:read', 'messages:send'];

const said = (change: Partial<HandsetMessage>): HandsetMessage => ({
  id: Math.random().toString(36),
  peer: address,
  direction: 'sent',
  body: 'Hello',
  media: [],
  status: 'accepted',
  at: '2026-11-20T10:00:00.000Z',
  ...change,
});

const messagesOf = (number: string) => `/api/v1/phone/handsets/${encodeURIComponent(number)}/messages`;

/** @param threads by the handset's number */
function servePhone(
  threads: Readonly<Record<string, HandsetMessage[]>> = {},
  more: Parameters<typeof serve>[0] = {},
) {
  return serve({
    'GET /api/v1/phone': phone,
    'GET /api/v1/phone/faults': faults,
    'GET /api/v1/assistant': { policy: 'off' },
    'GET /api/v1/conversations': { items: [], nextCursor: null },
    ...Object.fromEntries(
      phone.handsets.map(({ number }) => [`GET ${messagesOf(number)}`, { items: threads[number] ?? [] }]),
    ),
    'GET /api/v1/start': { version: '1', demo: true, signUp: false, mail: 'none', languages: ['en'] },
    ...more,
  });
}

/** How wide the window is. */
function setWide(isWide: boolean) {
  vi.stubGlobal('matchMedia', (media: string) =>
    Object.assign(new EventTarget(), { matches: isWide && media.includes('>'), media }),
  );
}

beforeEach(() => {
  vi.unstubAllGlobals();
  setWide(true);
  setScreen({ phoneOpen: null, language: 'en' });
});

test('a newcomer on a wide screen finds it open, and it stays closed for who closed it', async () => {
  servePhone();
  const { user } = renderInApp(<PhoneDrawer />, { permissions });
  await screen.findByRole('complementary', { name: 'Phone' });
  await user.click(screen.getByRole('button', { name: 'Close the phone' }));
  expect(screen.queryByRole('complementary', { name: 'Phone' })).toBeNull();
  expect(useScreen.getState().phoneOpen).toBe(false);
});

test('on a small screen it covers nothing by itself', async () => {
  setWide(false);
  const asked = servePhone();
  renderInApp(<PhoneDrawer />, { permissions });
  await waitFor(() => expect(asked.length).toBeGreaterThan(0));
  expect(screen.queryByText('Emma')).toBeNull();
  expect(useScreen.getState().phoneOpen).toBeNull();
});

test('where there is no phone, nothing is shown', async () => {
  const asked = servePhone({}, { 'GET /api/v1/phone': () => refuse(404, 'phone_unavailable', 'Not here.') });
  const { container } = renderInApp(<PhoneDrawer />, { permissions });
  await waitFor(() => expect(asked.length).toBe(1));
  expect(container.querySelector('aside')).toBeNull();
});

test('a text is on the handset before the network has answered, and then says that it arrived', async () => {
  let arrive: (message: HandsetMessage) => void = () => undefined;
  const text = said({ body: 'Do you deliver?', at: new Date().toISOString() });
  const thread: HandsetMessage[] = [];
  const asked = servePhone(
    {},
    {
      [`GET ${messagesOf(emma)}`]: () => ({ items: thread }),
      [`POST ${messagesOf(emma)}`]: () =>
        new Promise((resolve) => {
          arrive = (message) => {
            thread.push(message);
            resolve(message);
          };
        }),
    },
  );
  const { user } = renderInApp(<PhoneDrawer />, { permissions });
  const field = await screen.findByRole('textbox', { name: 'Text message' });
  await user.type(field, 'Do you deliver?{Enter}');
  const log = screen.getByRole('log', { name: 'Texts on the phone of Emma' });
  await within(log).findByText('Do you deliver?');
  within(log).getByText('Sending');
  expect(document.activeElement).toBe(field);
  arrive(text);
  await within(log).findByText('Arrived at Parley');
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
    to: address,
    body: 'Do you deliver?',
  });
  expect(within(log).getAllByText('Do you deliver?')).toHaveLength(1);
});

test('a text that could not be sent is back in the box', async () => {
  servePhone({}, { [`POST ${messagesOf(emma)}`]: () => refuse(503, 'overloaded', 'Too much.') });
  const { user } = renderInApp(<PhoneDrawer />, { permissions });
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Text message' });
  await user.type(field, 'Hello there{Enter}');
  await waitFor(() => expect(field.value).toBe('Hello there'));
  expect(within(screen.getByRole('log')).queryByText('Hello there')).toBeNull();
});

test('a suggestion is in the language of the handset and is sent by one tap; STOP is one of them', async () => {
  const asked = servePhone(
    {},
    { [`POST ${messagesOf('+12025550122')}`]: said({ body: '¿A qué hora abren?' }) },
  );
  const { user } = renderInApp(<PhoneDrawer />, { permissions });
  await user.click(await screen.findByText('Lucía'));
  screen.getByRole('button', { name: 'STOP' });
  await user.click(screen.getByRole('button', { name: '¿A qué hora abren?' }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({
      to: address,
      body: '¿A qué hora abren?',
    }),
  );
});

test('what the carrier did not deliver is no bubble, and what is on its way is not there yet', async () => {
  servePhone({
    [emma]: [
      said({ direction: 'received', body: 'never came', status: 'undelivered' }),
      said({ direction: 'received', body: 'still flying', status: 'queued' }),
      said({ direction: 'received', body: 'is here', status: 'delivered' }),
      said({ body: 'to another number', peer: '+12025550143' }),
    ],
  });
  renderInApp(<PhoneDrawer />, { permissions });
  await screen.findByText('is here');
  screen.getByText('The carrier did not deliver a text from Parley.');
  expect(screen.queryByText('never came')).toBeNull();
  expect(screen.queryByText('still flying')).toBeNull();
  expect(screen.queryByText('to another number')).toBeNull();
});

test('what a contact writes is text', async () => {
  const body = '<img src=x onerror=alert(1)><b>bold</b>';
  servePhone({ [emma]: [said({ body })] });
  renderInApp(<PhoneDrawer />, { permissions });
  await screen.findByText(body);
  expect(screen.getByRole('log').querySelector('img, b')).toBeNull();
});

test('a fault is switched on at once, and off again when the server says no', async () => {
  let answer: unknown = { ...faults, duplicate: true };
  const asked = servePhone({}, { 'PUT /api/v1/phone/faults': () => answer });
  const { user } = renderInApp(<PhoneDrawer />, { permissions });
  await user.click(await screen.findByRole('button', { name: 'Trouble on the line' }));
  await user.click(await screen.findByRole('switch', { name: 'Deliver everything twice' }));
  await screen.findByText('· 1 on');
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ ...faults, duplicate: true });
  answer = refuse(403, 'forbidden', 'This needs the permission messages:send.');
  await user.click(screen.getByRole('switch', { name: 'Deliver late' }));
  await waitFor(() =>
    expect(screen.getByRole('switch', { name: 'Deliver late' }).getAttribute('aria-checked')).toBe('false'),
  );
});

test('who may only look cannot text', async () => {
  servePhone();
  renderInApp(<PhoneDrawer />, { permissions: ['conversations:read'] });
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Text message' });
  expect(field.disabled).toBe(true);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'STOP' }).disabled).toBe(true);
});
