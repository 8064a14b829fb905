import type { Intent, IntentExample } from '@parley/contract/intents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp } from '../../../test/harness.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const path = '/api/v1/intents';

async function namesOf(client: ApiClient): Promise<string[]> {
  const { body } = await client.get<{ items: Intent[] }>(path);
  return body.items.map(({ name }) => name);
}

it('a new workspace knows the intents that come with Parley, and can switch one off and on again', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const { body } = await workspace.as('viewer').get<{ items: Intent[] }>(path);
  const known = { name: 'opening_hours', origin: 'starter', enabled: true, examples: 0, corrections: 0 };
  expect(body.items).toContainEqual(known);
  const off = await admin.put<Intent>(`${path}/opening_hours`, { enabled: false });
  expect(off.body).toEqual({ ...known, enabled: false });
  expect((await admin.delete(`${path}/opening_hours`)).status).toBe(204);
  expect((await admin.get<{ items: Intent[] }>(path)).body.items).toContainEqual(known);
});

it('an intent of the workspace has examples, page by page, and they go with it', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const made = await admin.put<Intent>(`${path}/sharpen_skates`, { enabled: true });
  expect(made.body).toMatchObject({ origin: 'workspace', examples: 0 });
  const intent = 'sharpen_skates';
  const examples = '/api/v1/intent-examples';
  const texts = ['Do you sharpen skates?', '¿Afilan patines?', 'Vocês afiam patins?'];
  const added = await admin.post<{ items: IntentExample[] }>(examples, { intent, texts });
  expect(added).toMatchObject({ status: 201 });
  expect(added.body.items.map(({ text }) => text).sort()).toEqual([...texts].sort());
  const first = await admin.get<{ items: IntentExample[]; nextCursor: string }>(
    `${examples}?intent=${intent}&limit=2`,
  );
  const rest = await admin.get<{ items: IntentExample[]; nextCursor: null }>(
    `${examples}?intent=${intent}&limit=2&cursor=${first.body.nextCursor}`,
  );
  expect([...first.body.items, ...rest.body.items].map(({ text }) => text).sort()).toEqual([...texts].sort());
  const [one] = first.body.items;
  expect((await admin.delete(`/api/v1/intent-examples/${one?.id}`)).status).toBe(204);
  expect((await admin.delete(`/api/v1/intent-examples/${one?.id}`)).status).toBe(404);
  expect((await admin.get<{ items: Intent[] }>(path)).body.items).toContainEqual({
    ...made.body,
    examples: 2,
  });
  expect((await admin.delete(`${path}/sharpen_skates`)).status).toBe(204);
  expect(await namesOf(admin)).not.toContain('sharpen_skates');
  expect((await admin.get(`${examples}?intent=${intent}`)).status).toBe(404);
  const left = await workspace.ctx.transaction((tx) => tx.sql('select 1 from intent_examples'));
  expect(left).toEqual([]);
});

it('no example is at rest in plain text, and a name or a text that is none is refused', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  await admin.put(`${path}/sharpen_skates`, { enabled: true });
  await admin.post('/api/v1/intent-examples', {
    intent: 'sharpen_skates',
    texts: ['Do you sharpen skates?'],
  });
  const [row] = await workspace.ctx.transaction((tx) =>
    tx.sql<{ text: Uint8Array }>('select text from intent_examples'),
  );
  expect(Buffer.from(row?.text ?? '').toString('latin1')).not.toContain('skates');
  expect((await admin.put(`${path}/Sharpen-Skates`, { enabled: true })).status).toBe(400);
  for (const texts of [[], [''], ['x'.repeat(501)]])
    expect((await admin.post('/api/v1/intent-examples', { intent: 'sharpen_skates', texts })).status).toBe(
      400,
    );
  expect((await admin.post('/api/v1/intent-examples', { intent: 'nothing', texts: ['Hello'] })).status).toBe(
    404,
  );
});
