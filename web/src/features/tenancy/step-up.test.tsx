// That a refusal for want of a proof asks for one, and goes on with what was asked for.
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { beforeEach, expect, it } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { api, onSignedOut, stepUpWith } from '../../lib/api.ts';
import { askToStepUp } from './step-up.tsx';

const keyPath = '/api/v1/api-keys';
let fresh: boolean;
beforeEach(() => {
  fresh = false;
  stepUpWith(askToStepUp);
});

function refuseStale(): Response {
  const error = {
    code: 'step_up_required',
    message: 'Confirm first that it is you.',
    details: [{ path: 'password', message: 'Give your password.' }],
    timestamp: '2026-11-30T12:00:00.000Z',
    requestId: 'request',
  };
  return Response.json({ error }, { status: 403 });
}

const server = () =>
  serve({
    [`POST ${keyPath}`]: () => (fresh ? { id: 'made' } : refuseStale()),
    'PUT /api/v1/auth/verification': ({ body }: { body: unknown }) => {
      fresh = (body as { password: string }).password === 'right';
      return fresh
        ? { freshUntil: '2026-11-30T12:10:00.000Z', ways: ['password'] }
        : Response.json(
            { error: { code: 'verification_failed', message: 'No.', timestamp: '', requestId: 'r' } },
            { status: 400 },
          );
    },
  });

it('the password is asked for, a wrong one is told, and the call is made again with the same key of idempotency', async () => {
  const asked = server();
  const user = userEvent.setup();
  const answer = api.post(keyPath, { name: 'x' }, { idempotencyKey: 'one wish' });
  const dialog = await screen.findByRole('dialog', { name: 'Confirm that it is you' });
  expect((await axe.run(dialog)).violations).toEqual([]);
  const field = screen.getByLabelText('Password');
  await user.type(field, 'wrong{Enter}');
  await screen.findByText('This is not your password.');
  await user.clear(field);
  await user.type(field, 'right{Enter}');
  expect(await answer).toEqual({ id: 'made' });
  const made = asked.filter(({ path }) => path === keyPath);
  expect(made.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['one wish', 'one wish']);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

it('two calls at once ask once', async () => {
  server();
  const user = userEvent.setup();
  const answers = Promise.all([api.post(keyPath, {}), api.post(keyPath, {})]);
  await user.type(await screen.findByLabelText('Password'), 'right{Enter}');
  expect(await answers).toEqual([{ id: 'made' }, { id: 'made' }]);
});

it('who cancels is told calmly that nothing was changed', async () => {
  server();
  const user = userEvent.setup();
  const answer = api.post(keyPath, {}).catch((error: unknown) => error);
  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  expect(await answer).toMatchObject({ code: 'step_up_required' });
});

function refuseOld(): Response {
  const error = { code: 'step_up_required', message: 'Sign in.', timestamp: '', requestId: 'request' };
  return Response.json({ error }, { status: 403 });
}

it('who came by their company’s sign-in is told so, and sent there once more, back to this page', async () => {
  const asked = serve({
    [`POST ${keyPath}`]: () => refuseOld(),
    'GET /api/v1/auth/me': { byCompany: true, user: { id: 'ana', name: 'Ana', email: 'ana@acme.example' } },
    'POST /api/v1/auth/sign-ins': { url: '#/to-the-company' },
  });
  const user = userEvent.setup();
  const answer = api.post(keyPath, {}).catch((error: unknown) => error);
  const dialog = await screen.findByRole('dialog', { name: 'Confirm that it is you' });
  expect(dialog.textContent).toContain('It is too long since you signed in.');
  expect((await axe.run(dialog)).violations).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Sign in again' }));
  expect(await answer).toMatchObject({ code: 'step_up_required' });
  const [begun] = asked.filter(({ path }) => path === '/api/v1/auth/sign-ins');
  expect(begun?.body).toEqual({ way: 'company', email: 'ana@acme.example', returnTo: '/' });
  expect(location.hash).toBe('#/to-the-company');
});

it('who came in another way, and has none to prove it, is signed out: the page asks them to sign in', async () => {
  serve({
    [`POST ${keyPath}`]: () => refuseOld(),
    'GET /api/v1/auth/me': { byCompany: false, user: { id: 'ana', name: 'Ana', email: 'ana@acme.example' } },
    'POST /api/auth/sign-out': {},
  });
  const user = userEvent.setup();
  const signedOut = new Promise<void>((resolve) => {
    const stop = onSignedOut(() => {
      stop();
      resolve();
    });
  });
  const answer = api.post(keyPath, {}).catch((error: unknown) => error);
  await user.click(await screen.findByRole('button', { name: 'Sign in again' }));
  await signedOut;
  expect(await answer).toMatchObject({ code: 'step_up_required' });
});
