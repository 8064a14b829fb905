import type { KnowledgeText } from '@parley/contract/knowledge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/harness.ts';
import { fillUp } from '../../../test/training.ts';
import type { Context } from '../../core/context.ts';
import { findPassages, passagesOf } from './knowledge.ts';

const find = async (ctx: Context, question: string, language: 'en' | 'es' = 'en') =>
  findPassages(await passagesOf(ctx), question, language, 3);

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const hours = {
  title: 'Opening hours',
  content: '## When are you open?\nWe are open from 9 to 18 on weekdays. On Sunday we are closed.',
};

describe('a pasted text', () => {
  it('is kept, changed with a growing version, and forgotten', async () => {
    const admin = (await test.workspace()).as('admin');
    const made = await admin.post<KnowledgeText>('/api/v1/knowledge', hours);
    expect(made).toMatchObject({
      status: 201,
      body: { ...hours, version: 1, characters: hours.content.length },
    });
    const path = `/api/v1/knowledge/${made.body.id}`;
    const same = await admin.put<KnowledgeText>(path, hours);
    expect(same.body).toMatchObject({ version: 1, updatedAt: made.body.updatedAt });
    const changed = await admin.put<KnowledgeText>(path, { ...hours, content: 'We are open all day.' });
    expect(changed.body).toMatchObject({ version: 2, characters: 20 });
    expect((await admin.get<KnowledgeText>(path)).body).toEqual(changed.body);
    const { content: _, ...summary } = changed.body;
    expect((await admin.get('/api/v1/knowledge')).body).toEqual({ items: [summary], nextCursor: null });
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    expect((await admin.delete(path)).status).toBe(404);
  });

  it('is made once for the same Idempotency-Key', async () => {
    const admin = (await test.workspace()).as('admin');
    const headers = { 'idempotency-key': 'hours' };
    const [first, second] = [
      await admin.post<KnowledgeText>('/api/v1/knowledge', hours, headers),
      await admin.post<KnowledgeText>('/api/v1/knowledge', hours, headers),
    ];
    expect(second.body).toEqual(first.body);
    expect((await admin.get<{ items: unknown[] }>('/api/v1/knowledge')).body.items).toHaveLength(1);
  });

  it('is ciphertext at rest and in no event', async () => {
    const workspace = await test.workspace();
    const canary = 'the canary sings at a quarter past nine';
    await workspace.as('admin').post('/api/v1/knowledge', { title: 'Canary', content: canary });
    const rows = await workspace.ctx.transaction((tx) =>
      tx.sql<{ content: Uint8Array; events: string }>(
        'select content, (select jsonb_agg(payload)::text from events) as events from training_documents',
      ),
    );
    expect(rows).toHaveLength(1);
    expect(Buffer.from(rows[0]?.content ?? []).includes('canary')).toBe(false);
    expect(rows[0]?.events).not.toContain('canary');
  });

  it('of another workspace does not exist here, and is not found by its words', async () => {
    const [mine, theirs] = await Promise.all([test.workspace(), test.workspace()]);
    const made = await theirs.as('admin').post<KnowledgeText>('/api/v1/knowledge', hours);
    const path = `/api/v1/knowledge/${made.body.id}`;
    expect((await mine.as('admin').get(path)).status).toBe(404);
    expect((await mine.as('admin').put(path, hours)).status).toBe(404);
    expect((await mine.as('admin').delete(path)).status).toBe(404);
    expect(await find(mine.ctx, 'When are you open?')).toEqual([]);
  });

  it('takes 200,000 characters and not one more, and all texts together have a bound', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const content = 'ñ'.repeat(200_000);
    expect((await admin.post('/api/v1/knowledge', { title: 'Long', content: `${content}ñ` })).status).toBe(
      400,
    );
    expect((await admin.post('/api/v1/knowledge', { title: 'Long', content })).status).toBe(201);
    await fillUp(workspace.ctx, 3);
    expect(await admin.post('/api/v1/knowledge', { title: 'One more', content: 'word' })).toMatchObject({
      status: 409,
      body: { error: { code: 'knowledge_full' } },
    });
  });

  it('may be read by viewers and changed by admins only', async () => {
    const workspace = await test.workspace();
    expect((await workspace.as('viewer').get('/api/v1/knowledge')).status).toBe(200);
    expect((await workspace.as('agent').post('/api/v1/knowledge', hours)).status).toBe(403);
    expect((await test.anonymous.get('/api/v1/knowledge')).status).toBe(401);
  });
});

describe('finding passages', () => {
  it('sees every change at once', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const found = () => find(workspace.ctx, 'When are you open?');
    expect(await found()).toEqual([]);
    const made = await admin.post<KnowledgeText>('/api/v1/knowledge', hours);
    expect(await found()).toMatchObject([
      { textId: made.body.id, version: 1, title: 'Opening hours', language: 'en' },
    ]);
    const path = `/api/v1/knowledge/${made.body.id}`;
    await admin.put(path, { ...hours, content: '## When are you open?\nNever again.' });
    expect(await found()).toMatchObject([{ version: 2, text: 'Never again.' }]);
    await admin.delete(path);
    expect(await found()).toEqual([]);
  });

  it('prefers what is written in the language of the one who asks', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    await admin.post('/api/v1/knowledge', {
      title: 'en',
      content: 'WiFi password\n\nThe WiFi password is wide-window.',
    });
    await admin.post('/api/v1/knowledge', {
      title: 'es',
      content: 'Contraseña del WiFi\n\nLa contraseña del WiFi de la tienda es ventana-ancha.',
    });
    const [spanish] = await find(workspace.ctx, 'WiFi?', 'es');
    const [english] = await find(workspace.ctx, 'WiFi?', 'en');
    expect([spanish?.language, english?.language]).toEqual(['es', 'en']);
  });
});
