// Text that means something to an interpreter, in every text of every route: it is text to ours.
import type { ApiKey } from '@parley/contract/tenancy';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Module } from '../src/core/module.ts';
import { createMember } from '../src/modules/tenancy/members.ts';
import { startTestApp, type TestApp, type TestWorkspace } from './harness.ts';
import { Planter } from './plant.ts';
import { documentedRoutes, openApiDocument, type Route } from './routes.ts';
import { signIn } from './signed-in.ts';

const talkative: Module = {
  name: 'test',
  routes: (server) => {
    const app = server.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/test/talkative',
      {
        schema: { hide: true, response: { 200: z.object({ name: z.string() }) } },
        config: { permission: 'public' },
      },
      // A row as it rests, as somebody might hand it on without thinking.
      async () => ({ name: 'Till', hash: 'the hash of its key' }),
    );
  },
};

let test: TestApp;
let workspace: TestWorkspace;
let routes: Route[];
beforeAll(async () => {
  // Nothing may be called outside: there, nobody listens.
  test = await startTestApp({
    environment: { TWILIO_API_URL: 'http://127.0.0.1:9' },
    modules: [talkative],
  });
  // No job works on what comes in.
  await test.kernel.queue.stop(1000);
  workspace = await test.workspace();
  routes = documentedRoutes(test.app);
});
afterAll(() => test.close());

const hostile = [
  `'; drop table members; --`,
  `" or 1=1) \\'; select pg_sleep(5); -- %`,
  `$1 {{constructor.constructor('return process')()}} \${7*7} #{7*7} <%= 7*7 %> %s%n`,
];

/** The same with every free text replaced. */
function withText(value: unknown, text: string): unknown {
  if (typeof value === 'string') return /^x+$/.test(value) ? text : value;
  if (Array.isArray(value)) return value.map((one) => withText(one, text));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withText(inner, text)]));
}

const countRows = async () => {
  const planter = await Planter.read(test.kernel.database);
  const counts = await test.kernel.database.asOwner((queries) =>
    Promise.all(
      ['members', 'users', 'workspaces', 'workspace_keys'].map(async (table) => {
        const [row] = await queries.sql<{ count: number }>(`select count(*)::int as count from ${table}`);
        return [table, row?.count];
      }),
    ),
  );
  return { counts, tables: planter.tables };
};

it('what is code to a database or a template is text in every field and every filter, and nothing is lost by it', async () => {
  const client = workspace.as('owner');
  const before = await countRows();
  const document = openApiDocument.parse(test.app.http.swagger());
  let tried = 0;
  for (const route of routes.filter(({ permission }) => permission !== 'public')) {
    const parameters = document.paths[route.path]?.[route.method]?.parameters ?? [];
    const names = parameters.filter((one) => one.in === 'query').map((one) => one.name);
    const body = route.body('01890000-0000-7000-8000-000000000000');
    if (names.length === 0 && body === undefined && route.pathParameters.length === 0) continue;
    const statuses = await Promise.all(
      hostile.map(async (text) => {
        const query = new URLSearchParams(names.map((name): [string, string] => [name, text])).toString();
        const path = `${route.path.replaceAll(/\{\w+\}/g, encodeURIComponent(text).slice(0, 150))}?${query}`;
        const answer =
          route.method === 'get' || route.method === 'delete'
            ? await client[route.method](path)
            : await client[route.method](path, withText(body, text));
        return answer.status;
      }),
    );
    expect([route.method, route.path, statuses.includes(500)]).toEqual([route.method, route.path, false]);
    tried += statuses.length;
    // One filter after the other, else the first that is refused speaks for all.
    for (const name of names) {
      const { status } = await client.get(`${route.path}?${name}=${encodeURIComponent(hostile[0] ?? '')}`);
      expect([route.path, name, status === 500]).toEqual([route.path, name, false]);
    }
  }
  expect(tried).toBeGreaterThan(500);
  const after = await countRows();
  expect(after).toEqual(before);
}, 120_000);

it('a text comes back as it was written, whatever it is to an interpreter', async () => {
  const admin = workspace.as('admin');
  for (const text of hostile) {
    const title = text.replaceAll(/[\r\n]+/g, ' ').trim();
    const made = await admin.post<{ id: string; title: string }>('/api/v1/knowledge', {
      title,
      content: text,
    });
    expect([text, made.status]).toEqual([text, 201]);
    const { body } = await admin.get<{ title: string; content: string }>(`/api/v1/knowledge/${made.body.id}`);
    expect(body).toMatchObject({ title, content: text.trim() });
  }
});

it('a parameter that comes twice is refused where one is asked for', async () => {
  const viewer = workspace.as('viewer');
  for (const path of ['/api/v1/conversations', '/api/v1/events', '/api/v1/products', '/api/v1/runs']) {
    expect([path, (await viewer.get(`${path}?limit=1`)).status]).toEqual([path, 200]);
    expect([path, (await viewer.get(`${path}?limit=1&limit=100`)).status]).toEqual([path, 400]);
  }
});

it('a field that a route does not ask for changes nothing', async () => {
  const email = 'ada@example.com';
  const made = await createMember(workspace.ctx, { email, name: 'Ada', role: 'viewer' });
  const { client } = await signIn(test, { email, password: made.password ?? '' });
  const changed = await client.put('/api/v1/auth/me', {
    name: 'Ada L',
    email: 'eve@example.com',
    role: 'owner',
    emailVerified: true,
    id: 'another',
  });
  expect(changed).toMatchObject({
    status: 200,
    body: { user: { id: made.userId, name: 'Ada L', email }, workspace: { role: 'viewer' } },
  });
  const theirs = await test.workspace();
  const key = await workspace.as('admin').post<ApiKey>('/api/v1/api-keys', {
    name: 'Till',
    role: 'viewer',
    workspaceId: theirs.id,
    workspace_id: theirs.id,
    prefix: 'pk_chosen',
    lastUsedAt: '2020-01-01T00:00:00Z',
  });
  expect(key).toMatchObject({ status: 201, body: { name: 'Till', lastUsedAt: null } });
  expect(key.body.prefix).not.toBe('pk_chosen');
  const { body } = await theirs.as('admin').get<{ items: ApiKey[] }>('/api/v1/api-keys');
  expect(body.items.map(({ name }) => name)).not.toContain('Till');
});

it('an answer holds what its route names, and no more than that', async () => {
  expect((await test.anonymous.get('/test/talkative')).body).toEqual({ name: 'Till' });
});

it('no route takes a credential in its address', () => {
  const document = openApiDocument.parse(test.app.http.swagger());
  const inAddress = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.values(operations).flatMap((operation) =>
      (operation?.parameters ?? [])
        .filter((parameter) => parameter.in === 'path' || parameter.in === 'query')
        .map(({ name }) => `${path} ${name}`),
    ),
  );
  expect(inAddress.length).toBeGreaterThan(100);
  expect(inAddress.filter((one) => /(?:token|secret|password|key|credential)$/i.test(one))).toEqual([]);
});

it('every route that answers with JSON names what stands in it', () => {
  const document = openApiDocument.parse(test.app.http.swagger());
  // What was only noted (202), and what has nothing to say (204), has no body. These are files, what other programs have
  // written down (providers, the Model Context Protocol), and where a browser only passes through.
  const other = /\/(?:content|file|export|download|media\/\{id\})$|^\/webhook\/|^\/mcp$|\/callbacks\//;
  const open = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const answers = Object.entries(operation?.responses ?? {}).filter(([status]) =>
        /^20[01]$/.test(status),
      );
      const unnamed = answers.filter(([, answer]) => {
        const content = (answer as { content?: Record<string, { schema?: object }> }).content ?? {};
        return !Object.values(content).some(({ schema }) => schema && Object.keys(schema).length > 0);
      });
      return unnamed.length > 0 && !other.test(path) ? [`${method} ${path}`] : [];
    }),
  );
  expect(open).toEqual([]);
});
