// That quiet hours are set at once, say in a sentence what they are, and keep the browser from ringing.
import type { Preferences } from '@parley/contract/tenancy';
import { screen } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Asked, serve } from '../../../test/fake-server.ts';
import { renderInApp } from '../../../test/render.tsx';
import { QuietHoursSettings } from './quiet-hours-settings.tsx';

let preferences: Preferences;
beforeEach(() => {
  // All of them are too many for a list in a document that nobody draws.
  vi.spyOn(Intl, 'supportedValuesOf').mockReturnValue(['Europe/Madrid', 'America/Sao_Paulo']);
  preferences = {
    language: 'en',
    theme: 'system',
    notify: 'mine',
    enterSends: null,
    tourDone: true,
    timeZone: null,
    quietHours: null,
  };
});

afterEach(() => {
  vi.restoreAllMocks();
});

const server = () =>
  serve({
    'GET /api/v1/auth/preferences': () => preferences,
    'PUT /api/v1/auth/preferences': ({ body }: Asked) => {
      preferences = { ...preferences, ...(body as Partial<Preferences>) };
      return preferences;
    },
    'GET /api/v1/workspace': {
      id: '01990000-0000-7000-8000-000000000001',
      name: 'Harbour Bakery',
      defaultCountry: 'ES',
      timeZone: 'Europe/Madrid',
      codeCountries: [],
      installationTimeZone: 'UTC',
    },
  });

it('they begin as the night, in the workspace’s zone, and every change is kept and told', async () => {
  server();
  const { user, container } = renderInApp(<QuietHoursSettings />);
  await user.click(await screen.findByRole('switch', { name: 'Quiet hours' }));
  await screen.findByText(/^Quiet from 10:00 PM to 7:00 AM, Madrid time\./);
  expect(preferences.quietHours).toEqual({ from: '22:00', to: '07:00', days: [1, 2, 3, 4, 5, 6, 7] });
  expect((await axe.run(container)).violations).toEqual([]);
  for (const day of ['Saturday', 'Sunday']) await user.click(screen.getByRole('checkbox', { name: day }));
  await screen.findByText(/Madrid time, on Mon, Tue, Wed, Thu, and Fri\. They end on the day after\.$/);
  await user.selectOptions(screen.getByLabelText('Time zone'), 'America/Sao_Paulo');
  await screen.findByText(/, Sao Paulo time, on Mon/);
  expect(preferences.timeZone).toBe('America/Sao_Paulo');
  await user.click(screen.getByRole('switch', { name: 'Quiet hours' }));
  expect(preferences.quietHours).toBeNull();
});
