import { act, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { renderInApp } from '../../../test/render.tsx';
import { SendButton } from './send-button.tsx';

afterEach(() => {
  vi.useRealTimers();
});

test('a page that stood open over night sends “tomorrow” on the day after, not on the same one', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 10, 23, 20) });
  const send = vi.fn();
  const { user } = renderInApp(<SendButton disabled={false} onSend={send} />);
  vi.setSystemTime(new Date(2026, 10, 24, 7));
  // As a browser tells a page that somebody looks at it again.
  act(() => void fireEvent(document, new Event('visibilitychange')));
  await user.click(screen.getByRole('button', { name: 'Send later' }));
  await user.click(await screen.findByRole('menuitem', { name: /^Tomorrow/ }));
  expect(send).toHaveBeenCalledWith(new Date(2026, 10, 25, 9));
});
