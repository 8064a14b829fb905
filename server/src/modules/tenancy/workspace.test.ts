import type { Workspace } from '@parley/contract/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ environment: { PARLEY_TIME_ZONE: 'Europe/Madrid' } });
});
afterAll(() => test.close());

const path = '/api/v1/workspace';

it('an admin changes one thing, and the others stay; an agent sees it and changes nothing', async () => {
  const workspace = await test.workspace();
  const before = (await workspace.as('agent').get<Workspace>(path)).body;
  expect(before).toMatchObject({ timeZone: null, installationTimeZone: 'Europe/Madrid' });
  const changed = await workspace.as('admin').put<Workspace>(path, { timeZone: 'America/Bogota' });
  expect(changed.body).toEqual({ ...before, timeZone: 'America/Bogota' });
  expect((await workspace.as('admin').put<Workspace>(path, { name: ' Corner Shop ' })).body).toEqual({
    ...before,
    name: 'Corner Shop',
    timeZone: 'America/Bogota',
  });
  expect((await workspace.as('agent').put(path, { name: 'Mine' })).status).toBe(403);
  expect((await workspace.as('viewer').get<Workspace>(path)).body.name).toBe('Corner Shop');
});

it.each([
  { name: ' ' },
  { timeZone: 'Mars/Olympus' },
  { timeZone: '+02:00' },
  { defaultCountry: 'es' },
  { defaultCountry: 'QQ' },
])('what is no name, no zone or no country changes nothing: %j', async (input) => {
  const workspace = await test.workspace();
  const before = (await workspace.as('admin').get<Workspace>(path)).body;
  expect((await workspace.as('admin').put(path, { ...input })).status).toBe(400);
  expect((await workspace.as('admin').get<Workspace>(path)).body).toEqual(before);
});
