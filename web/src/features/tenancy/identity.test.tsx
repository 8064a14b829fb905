import type { LinkedAccounts as Linked, SingleSignOnAnswer } from '@parley/contract/identity';
import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { OtherWays } from '../../app/other-ways.tsx';
import { setScreen } from '../../lib/store.ts';
import { LinkedAccounts } from './linked-accounts.tsx';
import { SingleSignOn } from './single-sign-on.tsx';

const linkedAt = '2026-11-20T10:00:00.000Z';
const redirectUri = 'https://parley.example/api/v1/auth/callbacks/x';

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

test('a linked account is unlinked after a question; the last way in has no button', async () => {
  const item = { id: 'one', way: 'google' as const, workspace: null, linkedAt, removable: true };
  let answer: Linked = { items: [item], hasPassword: true, linkable: ['microsoft'] };
  const asked = serve({
    'GET /api/v1/auth/accounts': () => answer,
    'DELETE /api/v1/auth/accounts/one': () => {
      answer = { items: [{ ...item, way: 'supabase', removable: false }], hasPassword: false, linkable: [] };
      return new Response(null, { status: 204 });
    },
  });
  const { user } = renderInApp(<LinkedAccounts />, { permissions: [] });
  expect(await screen.findByRole('button', { name: 'Link Microsoft' })).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Unlink: Google' }));
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Unlink' }));
  await screen.findByText('The only way in: choose a password first.');
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(true);
  expect(screen.queryByRole('button', { name: /Unlink/ })).toBeNull();
});

test('single sign-on is tested before it is saved, and the secret is sent only when it was typed', async () => {
  let answer: SingleSignOnAnswer = { connection: null, redirectUri };
  const asked = serve({
    'GET /api/v1/workspace/sso': () => answer,
    'PUT /api/v1/workspace/sso/check': { ok: false, problem: 'client' },
    'PUT /api/v1/workspace/sso': ({ body }: { body: unknown }) => {
      const { clientSecret: _, ...rest } = body as Record<string, unknown>;
      answer = { redirectUri, connection: { ...rest, redirectUri, updatedAt: linkedAt } as never };
      return answer;
    },
  });
  const { user } = renderInApp(<SingleSignOn />, { permissions: ['sso:manage'] });
  expect((await screen.findByLabelText<HTMLInputElement>('Redirect address')).value).toBe(redirectUri);
  await user.type(screen.getByLabelText('Issuer'), 'https://login.example.com');
  await user.type(screen.getByLabelText('Client ID'), 'parley');
  await user.type(screen.getByLabelText('Client secret'), 'secret');
  await user.type(screen.getByLabelText('Domains of your addresses'), 'a.example, b.example');
  await user.click(screen.getByRole('button', { name: 'Test' }));
  await screen.findByText(/does not know this client/);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText('Single sign-on is set.');
  expect(asked.find(({ method, path }) => method === 'PUT' && path.endsWith('/sso'))?.body).toEqual({
    issuer: 'https://login.example.com',
    clientId: 'parley',
    clientSecret: 'secret',
    domains: ['a.example', 'b.example'],
    defaultRole: null,
    enforced: false,
  });
  expect((await screen.findByLabelText<HTMLInputElement>('Client secret')).value).toBe('');
});

test('what is refused of single sign-on stands at the field where it is mended, until it is changed', async () => {
  const refused = (code: string, details: { path: string; message: string }[]) =>
    Response.json(
      { error: { code, message: code, details, timestamp: linkedAt, requestId: 'one' } },
      { status: 400 },
    );
  let answer = refused('sso_domain_not_yours', [{ path: 'body.domains', message: 'a.example' }]);
  const connection = {
    issuer: 'https://login.example.com',
    clientId: 'parley',
    domains: ['b.example'],
    defaultRole: null,
    enforced: false,
    redirectUri,
    updatedAt: linkedAt,
  };
  serve({
    'GET /api/v1/workspace/sso': () => ({ connection, redirectUri }),
    'PUT /api/v1/workspace/sso': () => answer,
  });
  const { user } = renderInApp(<SingleSignOn />, { permissions: ['sso:manage'] });
  const domains = await screen.findByRole('textbox', { name: 'Domains of your addresses' });
  await user.type(domains, ', a.example');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText(/has a confirmed address in a\.example/);
  expect(domains.getAttribute('aria-invalid')).toBe('true');
  await user.type(domains, '{Backspace}');
  expect(domains.getAttribute('aria-invalid')).toBeNull();
  answer = refused('sso_secret_needed', []);
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText(/Give the secret again/);
});

test('the sign-in page asks for an address before it looks for a company, and says when there is none', async () => {
  serve({});
  let address = '';
  const { user } = renderInApp(
    <OtherWays ways={['company']} onAsked={() => undefined} email={() => address} />,
  );
  await user.click(screen.getByRole('button', { name: 'Continue with your company' }));
  await screen.findByText('Enter your work e-mail address above first.');
  address = 'ana@nowhere.example';
  await user.click(screen.getByRole('button', { name: 'Continue with your company' }));
  await screen.findByText(/No company is known/);
});

test('who came back from Google is asked once for what the server says they have, and for nothing else', async () => {
  serve({});
  history.replaceState(null, '', '/tasks?show=done&second-step=totp.money.backup_code');
  const asked: unknown[] = [];
  const otherWays = <OtherWays ways={['google']} onAsked={(what) => asked.push(what)} email={() => ''} />;
  renderInApp(otherWays);
  renderInApp(otherWays);
  expect(asked).toEqual([{ secondFactor: true, ways: ['totp', 'backup_code'] }]);
  expect(location.search).toBe('?show=done');
});
