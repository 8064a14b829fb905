import { act, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { setScreen } from './store.ts';
import { currentTexts, defineTexts, followLanguage, useTexts } from './texts.ts';

const texts = defineTexts({
  en: { send: 'Send', unread: (count: number) => `${count} unread` },
  es: { send: 'Enviar', unread: (count) => `${count} sin leer` },
  pt: { send: 'Enviar', unread: (count) => `${count} não lidas` },
});

function Probe() {
  const words = useTexts(texts);
  return (
    <p>
      {words.send}, {words.unread(3)}
    </p>
  );
}

test('what is on the screen changes with the language, and the document says which it speaks', () => {
  const stop = followLanguage();
  render(<Probe />);
  expect(screen.getByText('Send, 3 unread')).toBeDefined();
  act(() => setScreen({ language: 'es' }));
  expect(screen.getByText('Enviar, 3 sin leer')).toBeDefined();
  expect(document.documentElement.lang).toBe('es');
  expect(currentTexts(texts).send).toBe('Enviar');
  act(() => setScreen({ language: null }));
  expect(screen.getByText('Send, 3 unread')).toBeDefined();
  stop();
});
