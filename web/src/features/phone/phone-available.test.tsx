import { screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { useStart } from '../../lib/start.ts';
import { setScreen } from '../../lib/store.ts';
import { usePhoneShown } from './phone-available.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  setScreen({ phoneOpen: null });
});

function Shown() {
  const isShown = usePhoneShown();
  return useStart() ? <p>{isShown ? 'shown' : 'not shown'}</p> : null;
}

test('a phone that was left open in a demo takes no room where there is none', async () => {
  setScreen({ phoneOpen: true });
  serve({ 'GET /api/v1/start': { demo: false } });
  renderInApp(<Shown />);
  expect((await screen.findByText(/shown/)).textContent).toBe('not shown');
});

test('the phone of a demo is shown until it is closed', async () => {
  setScreen({ phoneOpen: true });
  serve({ 'GET /api/v1/start': { demo: true } });
  renderInApp(<Shown />);
  expect((await screen.findByText(/shown/)).textContent).toBe('shown');
});
