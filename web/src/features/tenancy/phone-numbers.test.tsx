// That a member can add a number and verify it by what was sent to it, and is told what became of a code.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, expect, it } from 'vitest';
import { type Answers, type Asked, refuse, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { PhoneNumberSettings } from './phone-number-settings.tsx';

const path = '/api/v1/auth/phone-numbers';
const id = '01990000-0000-7000-8000-000000000042';
const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

const unverified = (code: Partial<NonNullable<PhoneNumber['code']>> = {}): PhoneNumber => ({
  id,
  number: '+12025550142',
  verifiedAt: null,
  secondFactor: false,
  createdAt: soon(0),
  code: {
    state: 'sent',
    problem: null,
    expiresAt: soon(600),
    resendAt: soon(60),
    guessesLeft: 5,
    ...code,
  },
});

let numbers: PhoneNumber[];
beforeEach(() => {
  numbers = [];
});

const server = (answers: Answers = {}) =>
  serve({
    [`GET ${path}`]: () => ({ items: numbers }),
    [`POST ${path}`]: () => {
      numbers = [unverified()];
      return Response.json(numbers[0], { status: 201 });
    },
    [`PUT ${path}/${id}/verification`]: ({ body }: Asked) => {
      if ((body as { code: string }).code !== '123456') return refuse(400, 'wrong_code', 'No.');
      numbers = [{ ...unverified(), verifiedAt: soon(0), code: null }];
      return numbers[0];
    },
    [`DELETE ${path}/${id}`]: () => {
      numbers = [];
      return new Response(null, { status: 204 });
    },
    ...answers,
  });

it('a number is added, a wrong code is told, a pasted one is checked by itself, and the number can be removed', async () => {
  const asked = server();
  const { user, container } = renderInApp(<PhoneNumberSettings />);
  await user.click(await screen.findByRole('button', { name: 'Add number' }));
  const number = screen.getByLabelText('Phone number');
  expect(document.activeElement).toBe(number);
  expect((await axe.run(container)).violations).toEqual([]);
  await user.type(number, '+1 202 555 0142{Enter}');
  const code = await screen.findByLabelText<HTMLInputElement>('Code that was sent to +1 (202) 555-0142');
  expect(document.activeElement).toBe(code);
  expect(code.getAttribute('autocomplete')).toBe('one-time-code');
  expect((await axe.run(container)).violations).toEqual([]);
  await user.type(code, '654321');
  await screen.findByText('This is not the code that was sent.');
  expect(code.value).toBe('');
  await user.click(code);
  await user.paste('123 456');
  await screen.findByText('Verified');
  const sent = asked.filter(({ method }) => method !== 'GET');
  expect(sent.map(({ method, body }) => ({ method, body }))).toEqual([
    { method: 'POST', body: { number: '+1 202 555 0142' } },
    { method: 'PUT', body: { code: '654321' } },
    { method: 'PUT', body: { code: '123456' } },
  ]);
  await user.click(screen.getByRole('button', { name: 'Remove +1 (202) 555-0142' }));
  await user.click(await screen.findByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(screen.queryByText('Verified')).toBeNull());
});

it('another code can be asked for once a minute has passed, and not before', async () => {
  numbers = [unverified({ resendAt: soon(0.5) })];
  const asked = server({
    [`POST ${path}/${id}/codes`]: () => Response.json(unverified(), { status: 201 }),
  });
  const { user } = renderInApp(<PhoneNumberSettings />);
  const waiting = await screen.findByRole<HTMLButtonElement>('button', { name: 'Send a new code in 1 s' });
  expect(waiting.disabled).toBe(true);
  await user.click(await screen.findByRole('button', { name: 'Send a new code' }, { timeout: 4000 }));
  await screen.findByRole('button', { name: /^Send a new code in \d+ s$/ });
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

it.each([
  [{ state: 'waiting' as const }, /on its way/],
  [{ state: 'refused' as const, problem: 'The number cannot be texted.' }, /could not be sent. The number/],
  [{ state: 'unknown' as const }, /Nobody knows/],
  [{ state: 'undelivered' as const }, /carrier could not/],
  [{ expiresAt: soon(-1) }, /too old/],
  [{ guessesLeft: 0 }, /guessed too often/],
])('a code that is %j says so', async (code, words) => {
  numbers = [unverified(code)];
  server();
  renderInApp(<PhoneNumberSettings />);
  await screen.findByText(words);
});

it('a number that cannot be sent a code keeps what was typed, and says why', async () => {
  server({ [`POST ${path}`]: () => refuse(409, 'country_not_allowed', 'No.') });
  const { user } = renderInApp(<PhoneNumberSettings />);
  await user.click(await screen.findByRole('button', { name: 'Add number' }));
  await user.type(screen.getByLabelText('Phone number'), '+34612345678{Enter}');
  await screen.findByText(/sends no codes to that country/);
  expect(screen.getByLabelText<HTMLInputElement>('Phone number').value).toBe('+34612345678');
});
