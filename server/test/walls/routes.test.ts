// Every route, tried by everybody who has no part in a workspace, with ids of it: what they are told holds no byte of it.
import { role } from '@parley/contract/tenancy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/core/identifiers.ts';
import { type Permission, permissionsOfRole } from '../../src/modules/tenancy/permissions.ts';
import {
  type ApiClient,
  type ApiResponse,
  apiClient,
  startTestApp,
  type TestApp,
  type TestWorkspace,
} from '../harness.ts';
import { addMember } from '../members.ts';
import { documentedRoutes, type Route } from '../routes.ts';
import { signIn } from '../signed-in.ts';
import { type Canaries, plantCanaries } from './canaries.ts';
import { writeFigures } from './figures.ts';

let test: TestApp;
let routes: Route[];
let mine: TestWorkspace;
let theirs: TestWorkspace;
let canaries: Canaries;
let tried = 0;
const leaks: unknown[] = [];
beforeAll(async () => {
  // Nothing may be called outside: there, nobody listens. No job works on what is planted.
  test = await startTestApp({ environment: { TWILIO_API_URL: 'http://127.0.0.1:9' } });
  await test.kernel.queue.stop(1000);
  routes = documentedRoutes(test.app);
  mine = await test.workspace();
  theirs = await test.workspace();
  canaries = await plantCanaries(test, theirs);
});
afterAll(() => test.close());

const name = (route: Route) => `${route.method.toUpperCase()} ${route.path}`;

async function ask(client: ApiClient, route: Route, id: string, query = route.query): Promise<ApiResponse> {
  const path = `${route.path.replaceAll(/\{\w+\}/g, id)}${query ? `?${query}` : ''}`;
  tried += 1;
  const answer =
    route.method === 'get' || route.method === 'delete'
      ? await client[route.method]<unknown>(path)
      : await client[route.method]<unknown>(path, route.body(id));
  const said = `${JSON.stringify(answer.body)} ${[...answer.headers.values()].join(' ')}`;
  const found = canaries.findIn(said, [id]);
  if (found.length > 0) leaks.push([name(route), answer.status, found]);
  return answer;
}

/** So many of their ids that each route meets one of its own kind. */
const idsFor = (index: number) =>
  [0, 1].map((step) => canaries.ids[(index * 7 + step * 13) % canaries.ids.length] ?? '');

it('something is planted in every table, plain and sealed', () => {
  expect(canaries.rows.size).toBeGreaterThan(60);
  expect(canaries.columns).toBeGreaterThan(200);
  expect(canaries.findIn(`a quokka ${theirs.id}`)).toHaveLength(2);
});

it('every route tells nobody, every role and every member of another workspace what the table says, and no byte of theirs', async () => {
  const member = await addMember(test, mine, 'owner');
  let session = await member.client.authorization();
  const elsewhere = apiClient(test.url, async () => session);
  const inTheirs = apiClient(test.url, async () => ({ ...session, 'x-workspace-id': theirs.id }));
  /** Some routes end the session that asks. */
  const keepSession = async () => {
    const { status } = await elsewhere.get('/api/v1/auth/me');
    if (status !== 200) session = await (await signIn(test, member)).client.authorization();
  };
  const clients: [string, ApiClient][] = [
    ['nobody', test.anonymous],
    ...role.options.map((each): [string, ApiClient] => [each, mine.as(each)]),
    ['a member elsewhere', elsewhere],
    ['a member elsewhere, in here', inTheirs],
  ];
  for (const [index, route] of routes.entries()) {
    if (route.permission === 'public') continue;
    const takesIds =
      route.pathParameters.length > 0 || JSON.stringify(route.body('an id') ?? null).includes('an id');
    await keepSession();
    for (const [who, client] of clients) {
      // Who may do the most is tried with the most.
      const ids = idsFor(index).slice(0, who === 'owner' || who.startsWith('a member') ? 2 : 1);
      for (const id of takesIds ? ids : [newId()]) {
        const { status } = await ask(client, route, id);
        const said = [who, name(route), status];
        expect(said).not.toEqual([who, name(route), 500]);
        if (who === 'nobody') expect(said).toEqual([who, name(route), 401]);
        // 401: the route before has ended the session.
        if (
          who === 'a member elsewhere, in here' &&
          ![401, 404].includes(status) &&
          route.permission !== 'signed-in'
        )
          expect(said).toEqual([who, name(route), 'a refusal']);
        const granted = role.options.find((each) => each === who);
        if (granted && route.permission !== 'signed-in') {
          const may = permissionsOfRole[granted].has(route.permission as Permission);
          // What is a user's own is refused to every key.
          if (!may) expect(said).toEqual([who, name(route), 403]);
          // With an id of another workspace in its address there is nothing here, whoever asks.
          else if (route.pathParameters.length > 0 && route.method === 'get')
            expect([403, 404]).toContain(status);
        }
      }
    }
  }
  expect(leaks).toEqual([]);
}, 600_000);

it('every search for what stands in theirs finds nothing of it', async () => {
  const searching = routes.filter(
    ({ method, pathParameters }) => method === 'get' && pathParameters.length === 0,
  );
  const words = ['quokka', canaries.ids[5] ?? '', 'quokka messages content'];
  for (const route of searching) {
    for (const word of words) {
      const query = new URLSearchParams(route.query);
      for (const parameter of ['q', 'query', 'search', 'text']) query.set(parameter, word);
      await ask(mine.as('owner'), route, '', query.toString());
    }
  }
  expect(leaks).toEqual([]);
  await writeFigures('routes', {
    routes: routes.filter(({ permission }) => permission !== 'public').length,
    roles: role.options.length,
    tried,
    planted: canaries.columns,
    leaks: leaks.length,
  });
}, 120_000);
