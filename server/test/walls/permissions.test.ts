// Every permission by itself, in its own workspace: nothing that contacts said, nor who they are, comes with one that is for
// something else.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { ownersOnly, type Permission, permissions } from '../../src/modules/tenancy/permissions.ts';
import { apiClient, startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { documentedRoutes, type Route } from '../routes.ts';
import { type Canaries, plantCanaries } from './canaries.ts';

/** What contacts wrote and are called. */
const theirs = [
  'contacts',
  'contact_points',
  'conversations',
  'messages',
  'message_media',
  'notes',
  'deliveries',
];
/** Where it was copied to: there it is sealed, beside codes and names of models. */
const copies = ['runs', 'shadow_answers', 'knowledge_proposals'];
const wordsOf = ({ textsOf }: Canaries) => [
  ...theirs.flatMap(textsOf),
  ...copies.flatMap(textsOf).filter((text) => text.startsWith('quokka ')),
];

/** For these, to read conversations or contacts is what they are given for. */
const readers: Partial<Record<Permission, string>> = {
  'conversations:read': 'is that permission',
};

/** What a route tells only when it is asked so. */
const alsoAsked: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/usage': ['by=contact', 'by=conversation'],
};
/** They told names or words once: they are looked at here for sure. */
const toldOnce = [
  '/api/v1/runs',
  '/api/v1/runs/{id}',
  '/api/v1/budget-caps',
  '/api/v1/budget-caps/{id}',
  '/api/v1/usage',
  '/api/v1/privacy/legal-holds',
];

let test: TestApp;
let mine: TestWorkspace;
let canaries: Canaries;
let reading: Route[];
beforeAll(async () => {
  test = await startTestApp({ environment: { TWILIO_API_URL: 'http://127.0.0.1:9' } });
  await test.kernel.queue.stop(1000);
  mine = await test.workspace();
  canaries = await plantCanaries(test, mine);
  await putInShape();
  reading = documentedRoutes(test.app).filter(({ method }) => method === 'get');
});
afterAll(() => test.close());

const aContact = '(select id from contacts where workspace_id = $1)';
/** What was planted is any text; where the answer has a choice of few, it has one of them. */
const inShape: Readonly<Record<string, string>> = {
  'audit_entries.actor_kind': "'member'",
  'audit_entries.via': "'http'",
  'channels.provider': "'twilio'",
  'erasures.actor_kind': "'member'",
  'erasures.counts': "'[]'",
  'exports.actor_kind': "'member'",
  'legal_holds.set_by_kind': "'member'",
  'number_orders.provider': "'twilio'",
  'refusals.reason': "'wrong_url'",
  'retention_runs.actor_kind': "'member'",
  'retention_runs.results': "'[]'",
  'workspace_erasures.set_by_kind': "'member'",
  'legal_holds.contact_id': aContact,
  'exports.contact_id': aContact,
  'erasures.contact_id': aContact,
  'budget_caps.scope': "'contact'",
  'budget_caps.subject_id': aContact,
  'ledger.contact_id': aContact,
  'ledger.conversation_id': '(select id from conversations where workspace_id = $1)',
  'ledger.created_at': 'now()',
  'ledger.settled_at': 'now()',
  'training_data.language': "'en'",
  'training_documents.language': "'en'",
  'answer_cases.language': "'en'",
  'runs.policy': "'auto'",
  'models.base_url': "'https://models.example.com'",
  'http_tools.input': `'{"type":"object"}'`,
};
async function putInShape(): Promise<void> {
  await test.kernel.database.asOwner(async (queries) => {
    for (const [place, value] of Object.entries(inShape)) {
      const [table, column] = place.split('.');
      await queries.sql(`update ${table} set ${column} = ${value} where workspace_id = $1`, [mine.id]);
    }
  });
}

const clientOf = async (permission: Permission) => {
  const { body, status } = await mine
    .as('admin')
    .post<{ key: string }>('/api/v1/api-keys', { name: permission, permissions: [permission] });
  expect(status).toBe(201);
  return apiClient(test.url, async () => ({ authorization: `Bearer ${body.key}` }));
};

const list = z.object({ items: z.array(z.looseObject({ id: z.uuid() })) });
const itemsOf = (body: unknown) => list.safeParse(body).data?.items ?? [];

it('no permission of an own role shows by itself what contacts wrote or who they are, unless it is for that', async () => {
  const words = wordsOf(canaries);
  expect(words.length).toBeGreaterThan(15);
  const known = [...theirs, ...copies].flatMap((table) => String(canaries.rows.get(table)?.id ?? []));
  const leaks: unknown[] = [];
  const failed: unknown[] = [];
  const answered = new Set<string>();
  for (const permission of Object.keys(permissions) as Permission[]) {
    if (ownersOnly.has(permission) || readers[permission]) continue;
    const client = await clientOf(permission);
    // Lists first: what they name is asked for by itself.
    const routes = reading
      .filter((each) => each.permission === permission)
      .sort((one, other) => one.pathParameters.length - other.pathParameters.length);
    const ids = new Set(known);
    for (const route of routes) {
      const paths = route.pathParameters.length > 0 ? [...ids] : [''];
      const queries = [route.query, ...(alsoAsked[route.path] ?? [])];
      await Promise.all(
        paths
          .flatMap((id) => queries.map((query) => [id, query]))
          .map(async ([id = '', query]) => {
            const path = `${route.path.replaceAll(/\{\w+\}/g, id)}${query ? `?${query}` : ''}`;
            const { status, body } = await client.get<unknown>(path);
            if (status === 200) answered.add(route.path);
            if (status >= 500) failed.push([permission, path, status, body]);
            const said = JSON.stringify(body);
            for (const { id: listed } of itemsOf(body)) ids.add(listed);
            for (const word of words) if (said.includes(word)) leaks.push([permission, path, word]);
          }),
      );
    }
  }
  expect(toldOnce.filter((path) => !answered.has(path))).toEqual([]);
  expect(failed).toEqual([]);
  expect(leaks).toEqual([]);
});

it('what is planted is found by who may read conversations, on the routes that told it to others once', async () => {
  const reader = mine.as('admin');
  const words = wordsOf(canaries);
  const ids = ['runs', 'budget_caps'].map((table) => String(canaries.rows.get(table)?.id));
  for (const route of toldOnce) {
    const id = route.includes('runs') ? ids[0] : ids[1];
    const query = alsoAsked[route]?.[0];
    const { body } = await reader.get(`${route.replace('{id}', id ?? '')}${query ? `?${query}` : ''}`);
    const said = JSON.stringify(body);
    expect([route, words.some((word) => said.includes(word))]).toEqual([route, true]);
  }
});
