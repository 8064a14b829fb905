import type { AuditEntry } from '@parley/contract/audit';
import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { Audit } from './audit.tsx';

const entry = (number: number, action: string, details: AuditEntry['details']): AuditEntry => ({
  number,
  occurredAt: '2026-11-30T12:00:00.000Z',
  actor: { kind: 'member', id: 'user-1', name: 'Ana' },
  via: 'http',
  address: '203.0.113.7',
  device: 'Firefox · Linux',
  sessionId: null,
  requestId: 'request',
  action,
  target: { kind: 'member', id: 'a'.repeat(32), name: 'Bruno' },
  result: 'done',
  details,
  hash: 'hash',
});

function open(items: AuditEntry[]) {
  serve({
    'GET /api/v1/audit': { items, nextCursor: null },
    'GET /api/v1/audit/actions': { items: items.map(({ action }) => action) },
    'GET /api/v1/members': { items: [] },
    'GET /api/v1/security-alerts': { items: [] },
  });
  return renderInApp(<Audit />, { permissions: ['audit:read', 'members:read'] });
}
const row = async (number: number) => within((await screen.findAllByRole('row'))[number] as HTMLElement);

beforeEach(() => {
  vi.unstubAllGlobals();
  setScreen({ language: 'en' });
});

const entries = [
  entry(4, 'member.changed', { role: 'own', previous: 'admin', roleId: crypto.randomUUID() }),
  entry(3, 'sign_in.failed', { count: 2, withinHour: 2 }),
  entry(2, 'session.began', { way: 'password', secondFactor: 'totp', count: 1 }),
  entry(1, 'retention.changed', {
    changes: [{ kind: 'audit', days: 90, previous: null }],
  }),
];

test('an entry says what it tells in words, and no id and no name of a field', async () => {
  open(entries);
  expect((await row(1)).getByText('Bruno · role: an own role · before: admin')).toBeDefined();
  expect((await row(2)).getByText('Bruno · 2 times')).toBeDefined();
  expect((await row(3)).getByText('Bruno · by: password · second factor: authenticator app')).toBeDefined();
  expect((await row(4)).getByText('Bruno · kept: audit for ever → 90 days')).toBeDefined();
});

test('in Spanish an entry is Spanish throughout', async () => {
  setScreen({ language: 'es' });
  open(entries);
  expect((await row(1)).getByText('Cambió un rol')).toBeDefined();
  expect((await row(1)).getByText('Bruno · rol: un rol propio · antes: administrador')).toBeDefined();
  expect(
    (await row(3)).getByText('Bruno · con: contraseña · segundo factor: aplicación de autenticación'),
  ).toBeDefined();
});
