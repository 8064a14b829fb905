import { type Role, role } from '@parley/contract/tenancy';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../src/core/identifiers.ts';
import { type Permission, permissions, permissionsOfRole } from '../src/modules/tenancy/permissions.ts';
import {
  type ApiClient,
  type ApiResponse,
  apiClient,
  startTestApp,
  type TestApp,
  type TestWorkspace,
} from './harness.ts';
import { addMember, makeStale } from './members.ts';
import { Planter, type Row } from './plant.ts';
import { documentedRoutes, openApiDocument, type Route } from './routes.ts';

let test: TestApp;
let routes: Route[];
let mine: TestWorkspace;
let theirs: TestWorkspace;
let theirIds: string[];
/** Theirs too: ids, and words that are as unlike any other. */
let theirValues: string[];
/** By the path of a GET route: those of their ids that it answers them. */
const answeredIds = new Map<string, string[]>();
beforeAll(async () => {
  // Nothing may be called outside: there, nobody listens.
  test = await startTestApp({ environment: { TWILIO_API_URL: 'http://127.0.0.1:9' } });
  // No job works on what is planted.
  await test.kernel.queue.stop(1000);
  routes = documentedRoutes(test.app);
  mine = await test.workspace();
  theirs = await test.workspace();
  const planter = await Planter.read(test.kernel.database);
  const planted = await planter.plantWorkspace(theirs.id);
  const rows = [...planted.values()];
  theirIds = valuesOf(rows, /^id$|_id$/);
  theirValues = valuesOf(rows, /./);
});
afterAll(() => test.close());

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const valuesOf = (rows: readonly Row[], columns: RegExp): string[] => {
  const values = rows
    .flatMap((row) => Object.entries(row))
    .filter(([column, value]) => columns.test(column) && uuid.test(String(value)))
    .map(([, value]) => String(value));
  return [...new Set(values)].filter((value) => value !== theirs.id);
};

/** The code of a refusal; null where it is none. */
const codeOf = ({ status, body }: ApiResponse) =>
  status === 403 ? (body as { error: { code: string } }).error.code : null;

const name = (route: Route) => `${route.method.toUpperCase()} ${route.path}`;

async function call(client: ApiClient, route: Route, id: string, body?: unknown): Promise<ApiResponse> {
  const path = `${route.path.replaceAll(/\{\w+\}/g, id)}${route.query ? `?${route.query}` : ''}`;
  if (route.method === 'get') return client.get(path);
  if (route.method === 'delete') return client.delete(path);
  return client[route.method](path, body);
}

/** Every row of their workspace. */
async function snapshot(): Promise<string[]> {
  const planter = await Planter.read(test.kernel.database);
  const rows: string[] = [];
  // What their own key read, and when it was used last, is written a little later.
  const tables = planter.tables.filter((one) => planter.hasWorkspace(one) && one !== 'api_key_reads');
  for (const table of tables) {
    const found = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ row: string }>(
        `select (to_jsonb(t) - 'last_used_at')::text as row from ${table} t where workspace_id = $1`,
        [theirs.id],
      ),
    );
    rows.push(...found.map(({ row }) => `${table} ${row}`));
  }
  return rows.sort();
}

/** What providers and operators call, what is known before signing in, what proves who calls by itself. */
const openToAll =
  /^\/webhook\/|^\/\.well-known\/|^\/api\/v1\/(health|start|auth\/(tokens|sign-ins|callbacks\/.+)|invitation(\/account)?|sign-up(\/link|\/account)?)$/;

/** With a key that has a role of the workspace's own. */
async function holderOf(allows: readonly string[]): Promise<ApiClient> {
  const owner = mine.as('owner');
  const made = await owner.post<{ id: string }>('/api/v1/roles', { name: 'Half', permissions: allows });
  const { body } = await owner.post<{ key: string }>('/api/v1/api-keys', {
    name: 'Half',
    roleId: made.body.id,
  });
  return apiClient(test.url, async () => ({ authorization: `Bearer ${body.key}` }));
}

describe('the OpenAPI document', () => {
  it('is one: what the specification asks for is there, and every schema in it is a JSON Schema', async () => {
    const answer = await test.anonymous.get('/api/openapi.json');
    expect(answer.status).toBe(200);
    const document = openApiDocument.parse(answer.body);
    const ajv = new Ajv2020.default({ strict: false });
    addFormats.default(ajv);
    const schemas: unknown[] = [];
    const collect = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      if ('schema' in value) schemas.push(value.schema);
      for (const inner of Object.values(value)) collect(inner);
    };
    collect(document.paths);
    schemas.push(...Object.values(document.components.schemas ?? {}));
    expect(schemas.length).toBeGreaterThan(50);
    for (const schema of schemas) {
      const { components } = document;
      expect(() => ajv.compile({ ...(schema as object), components })).not.toThrow();
    }
  });

  it('tells of every route what it does, and who may call it, by a permission that exists', () => {
    expect(routes.length).toBeGreaterThan(40);
    const known = new Set<string>([...Object.keys(permissions), 'public', 'signed-in']);
    for (const route of routes) {
      expect([name(route), known.has(route.permission)]).toEqual([name(route), true]);
      expect([name(route), route.permission === 'public']).toEqual([
        name(route),
        route.security?.length === 0,
      ]);
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect([name(route), route.pathParameters]).toEqual([name(route), inPath]);
    }
  });

  it('opens to everybody only what they must be able to call', () => {
    const open = routes.filter((route) => route.permission === 'public').map((route) => route.path);
    for (const path of open) expect(path).toMatch(openToAll);
  });
});

describe('every route', () => {
  it('answers 401 to nobody, to a made-up key and to a made-up session', async () => {
    const strangers: Record<string, string>[] = [
      {},
      { authorization: 'Bearer pk_made-up' },
      { authorization: 'Basic b3duZXI6b3duZXI=' },
      { cookie: 'parley.session_token=made-up.made-up', origin: test.url },
    ];
    for (const route of routes.filter(({ permission }) => permission !== 'public')) {
      for (const headers of strangers) {
        const path = route.path.replaceAll(/\{\w+\}/g, newId());
        const response = await fetch(`${test.url}${path}`, { method: route.method.toUpperCase(), headers });
        expect([name(route), headers, response.status]).toEqual([name(route), headers, 401]);
        await response.arrayBuffer();
      }
    }
  });

  it('answers 403 to exactly the roles that the table of permissions does not name', async () => {
    const guarded = routes.filter(({ permission }) => permission !== 'public' && permission !== 'signed-in');
    const holders: [string, ApiClient, ReadonlySet<string>][] = (role.options satisfies Role[]).map(
      (each) => [each, mine.as(each), permissionsOfRole[each]],
    );
    // Every other one of those that a role of the workspace's own may allow.
    const chosen = [...permissionsOfRole.admin].filter((_, index) => index % 2 === 0);
    holders.push(['own role', await holderOf(chosen), new Set(chosen)]);
    for (const [each, client, granted] of holders) {
      for (const route of guarded) {
        const answer = await call(client, route, newId(), route.method === 'get' ? undefined : {});
        const { status } = answer;
        const allowed = granted.has(route.permission as Permission);
        // What only people do, signed in, refuses a key by another name.
        const refused = status === 403 && codeOf(answer) !== 'session_needed';
        expect([each, name(route), refused]).toEqual([each, name(route), !allowed]);
        expect([each, name(route), status]).not.toEqual([each, name(route), 401]);
      }
    }
  }, 300_000);

  it('that is marked for it is refused to a session that was not proved lately, answered to one that was, and to a key', async () => {
    const marked = routes.filter((route) => route.stepUp);
    expect(marked.length).toBeGreaterThan(5);
    const owner = await addMember(test, mine, 'owner');
    for (const route of marked) {
      // What it does stays undone: the body is no input of any route.
      const body = route.method === 'get' ? undefined : [];
      await makeStale(test, owner.userId);
      const stale = await call(owner.client, route, newId(), body);
      expect([name(route), codeOf(stale)]).toEqual([name(route), 'step_up_required']);
      const { email: _, userId: __, client, ...proof } = owner;
      expect((await client.put('/api/v1/auth/verification', { way: 'password', ...proof })).status).toBe(200);
      const fresh = await call(owner.client, route, newId(), body);
      expect([name(route), codeOf(fresh)]).toEqual([name(route), null]);
      const key = await call(mine.as('admin'), route, newId(), body);
      expect([name(route), codeOf(key) === 'step_up_required']).toEqual([name(route), false]);
    }
  });

  it('with an id that exists only in another workspace answers 404, and gives its own workspace an answer', async () => {
    const [stranger, owner] = [mine.as('admin'), theirs.as('admin')];
    // What is one member's own is answered to no key: chat.test.ts sees to it.
    // What is open to all leads whoever comes to the sign-in page.
    const shared = routes.filter(({ permission }) => !['chat:use', 'public'].includes(permission));
    await owner.get('/api/v1/auth/me');
    const before = await snapshot();
    for (const route of shared.filter((one) => one.method === 'get' && one.pathParameters.length > 0)) {
      const statuses = await Promise.all(theirIds.map(async (id) => (await call(owner, route, id)).status));
      const answered = theirIds.filter((_, index) => statuses[index] !== 404);
      expect([name(route), answered.length > 0]).toEqual([name(route), true]);
      answeredIds.set(route.path, answered);
      for (const id of answered) {
        expect([name(route), (await call(stranger, route, id)).status]).toEqual([name(route), 404]);
      }
    }
    // GET is a safe method: whatever was read, nothing is another than it was.
    expect(await snapshot()).toEqual(before);
  }, 300_000);

  it('that lists shows nothing of another workspace', async () => {
    const stranger = mine.as('admin');
    for (const route of routes.filter((one) => one.method === 'get' && one.pathParameters.length === 0)) {
      const { body, status } = await call(stranger, route, '');
      const text = JSON.stringify(body);
      const leaked = [theirs.id, ...theirValues].filter((value) => text.includes(value));
      expect([name(route), leaked]).toEqual([name(route), []]);
      expect([name(route), status === 500]).toEqual([name(route), false]);
    }
  });

  it('that changes something changes nothing of another workspace, whatever ids it is given', async () => {
    await theirs.as('admin').get('/api/v1/auth/me');
    const before = await snapshot();
    expect(before.length).toBeGreaterThan(20);
    const stranger = mine.as('admin');
    const changing = routes.filter(
      (one) =>
        one.method !== 'get' &&
        one.permission !== 'public' &&
        (one.pathParameters.length > 0 || JSON.stringify(one.body('some id') ?? null).includes('some id')),
    );
    expect(changing.length).toBeGreaterThan(15);
    for (const route of changing) {
      // Where a resource can be read, its ids are known; elsewhere every id may be meant.
      const resource = /^[^}]*\}/.exec(route.path)?.[0];
      const inBody = JSON.stringify(route.body('some id') ?? null).includes('some id');
      const ids = (!inBody && answeredIds.get(resource ?? '')) || theirIds;
      const statuses = await Promise.all(
        ids.map(async (id) => (await call(stranger, route, id, route.body(id))).status),
      );
      const wrong = statuses.filter((status) => status < 400 || status === 500);
      expect([name(route), wrong]).toEqual([name(route), []]);
    }
    expect(await snapshot()).toEqual(before);
  }, 300_000);
});
