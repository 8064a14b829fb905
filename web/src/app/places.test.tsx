import { screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { renderInApp } from '../../test/render.tsx';
import { setScreen } from '../lib/store.ts';
import { landingInstead, usePlaces } from './places.ts';

function Probe() {
  const places = usePlaces();
  return (
    <ul>
      {places.map(({ path, label }) => (
        <li key={path}>{label}</li>
      ))}
      <p>{landingInstead(places, '/inbox/some') ?? 'stays'}</p>
    </ul>
  );
}
const shown = () => screen.getAllByRole('listitem').map(({ textContent }) => textContent);

beforeEach(() => setScreen({ language: 'en' }));

test.each([
  { permissions: ['audit:read'], places: ['People', 'Settings'], landing: '/people' },
  { permissions: [], places: ['Settings'], landing: '/settings' },
  { permissions: ['channels:read'], places: ['Channels', 'Settings'], landing: '/channels' },
  {
    permissions: ['conversations:read'],
    places: ['Inbox', 'Assistant', 'Analytics', 'Settings'],
    landing: 'stays',
  },
])('who may $permissions is offered $places, and lands on the first', ({ permissions, places, landing }) => {
  renderInApp(<Probe />, { permissions });
  expect(shown()).toEqual(places);
  screen.getByText(landing);
});
