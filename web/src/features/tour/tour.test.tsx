import { screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { setScreen } from '../../lib/store.ts';
import { TourHost } from './tour-host.tsx';
import { startTour, useTourStep } from './tour-state.ts';

const preferences = { language: 'en', theme: 'system', notify: 'mine', tourDone: true };

function openApp() {
  const asked = serve({
    'GET /api/v1/start': { version: '1', demo: true, signUp: false, mail: 'none', languages: ['en'] },
    'GET /api/v1/auth/preferences': preferences,
    'PUT /api/v1/auth/preferences': preferences,
  });
  vi.stubGlobal('matchMedia', (media: string) => Object.assign(new EventTarget(), { matches: true, media }));
  // A document that is not laid out has no boxes; the tour points only at what has one.
  vi.spyOn(Element.prototype, 'getClientRects').mockReturnValue([
    new DOMRect(0, 0, 10, 10),
  ] as unknown as DOMRectList);
  const app = renderInApp(
    <>
      <button type="button">Before</button>
      <main id="main" tabIndex={-1}>
        {['phone', 'list', 'holder', 'compose'].map((name) => (
          <div key={name} data-tour={name} />
        ))}
        <nav>
          <a href="/assistant">Assistant</a>
        </nav>
      </main>
      <TourHost />
    </>,
    { permissions: [], path: '/inbox' },
  );
  return { ...app, asked };
}

beforeEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  setScreen({ language: 'en' });
  useTourStep.setState({ step: null });
});

const kept = (asked: readonly { method: string; body: unknown }[]) =>
  asked.filter(({ method }) => method === 'PUT').map(({ body }) => body);

test('five steps, walked with Enter, give the focus back at their end and are not offered again', async () => {
  const { user, asked } = openApp();
  screen.getByRole('button', { name: 'Before' }).focus();
  startTour();
  for (const [index, title] of [
    'Be the customer',
    'Every conversation, live',
    'Who holds it',
    'Step in any time',
    'Set up the assistant',
  ].entries()) {
    await screen.findByRole('heading', { name: title });
    screen.getByText(`Tour · ${index + 1} of 5`);
    const next = screen.getByRole('button', { name: index < 4 ? 'Next' : 'Finish' });
    await waitFor(() => expect(document.activeElement).toBe(next));
    await user.keyboard('{Enter}');
  }
  await waitFor(() => expect(screen.queryByText(/^Tour/)).toBeNull());
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Before' }));
  await waitFor(() => expect(kept(asked)).toEqual([{ tourDone: true }]));
});

test('Esc skips it, and what lies under it can be used meanwhile', async () => {
  const { user, asked } = openApp();
  startTour();
  await screen.findByRole('heading', { name: 'Be the customer' });
  await user.click(screen.getByRole('button', { name: 'Before' }));
  screen.getByRole('heading', { name: 'Be the customer' });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByText(/^Tour/)).toBeNull());
  await waitFor(() => expect(kept(asked)).toEqual([{ tourDone: true }]));
});

test('who has had it is not asked again', async () => {
  const { asked } = openApp();
  await waitFor(() => expect(asked.some(({ path }) => path.endsWith('/preferences'))).toBe(true));
  expect(useTourStep.getState().step).toBeNull();
});
