import { act, screen } from '@testing-library/react';
import { afterEach, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { useScreen } from '../../lib/store.ts';
import { ConnectTwilio } from './connect-twilio.tsx';

afterEach(() => {
  vi.unstubAllGlobals();
  useScreen.setState({ language: null });
});

test('why an account could not be looked at is said in the member’s language', async () => {
  const finding = {
    level: 'error',
    code: 'provider_unavailable',
    message: 'The provider could not be asked just now.',
    action: 'Try again in a moment.',
  };
  serve({
    'POST /api/v1/channels/account-inspections': { ok: false, accountName: null, finding, numbers: null },
  });
  const { user } = renderInApp(<ConnectTwilio onClose={() => undefined} />, {
    permissions: ['channels:manage'],
  });
  act(() => useScreen.setState({ language: 'pt' }));
  await user.type(await screen.findByLabelText('Account SID'), `AC${'0'.repeat(32)}`);
  await user.type(screen.getByLabelText('Auth token'), '0'.repeat(32));
  await user.click(screen.getByRole('button', { name: 'Verificar' }));
  await screen.findByText('Não foi possível perguntar ao provedor agora.');
  await screen.findByText(/Teste de novo daqui a pouco/);
});
