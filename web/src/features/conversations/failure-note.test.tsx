import { act, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { aMessage } from '../../../test/conversations.ts';
import { renderInApp } from '../../../test/render.tsx';
import { useScreen } from '../../lib/store.ts';
import { FailureNote } from './failure-note.tsx';

afterEach(() => useScreen.setState({ language: null }));

const speak = (language: 'en' | 'es' | 'pt') => act(() => useScreen.setState({ language }));
const failed = { status: 'undelivered' } as const;

test('why a message was not delivered, and what to do, is said in the member’s language', () => {
  const failure = { code: '30006', message: 'This is a landline.', action: 'Check the number.' };
  renderInApp(<FailureNote message={aMessage(failed)} failure={failure} />, {
    permissions: ['messages:send'],
  });
  speak('en');
  screen.getByText(/This is a landline\./);
  speak('es');
  screen.getByText(/Es un teléfono fijo/);
  screen.getByText(/Compruebe el número con la persona/);
  speak('pt');
  screen.getByText(/É um telefone fixo/);
  screen.getByText(/Confira o número com a pessoa/);
});

test('a reason that nobody has words for is said as the provider said it', () => {
  const failure = { code: 'toString', message: 'Twilio refused this.', action: 'Ask Twilio.' };
  renderInApp(<FailureNote message={aMessage(failed)} failure={failure} />, { permissions: [] });
  speak('es');
  screen.getByText(/Twilio refused this\./);
  expect(screen.getByText('Ask Twilio.')).toBeTruthy();
});
