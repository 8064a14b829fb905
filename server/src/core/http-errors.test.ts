import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/harness.ts';
import { CryptoError } from './crypto.ts';
import { toParleyError } from './http-errors.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const gone = { status: 410, body: { error: { code: 'content_unreadable' } } };
const wholly = { error: expect.objectContaining({ message: expect.stringContaining('nobody can read it') }) };

describe('content whose key was destroyed', () => {
  it('is told to be gone for good, whatever is asked of the workspace', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const text = { title: 'Hours', content: 'We are open from 8 to 6.' };
    const made = await admin.post<{ id: string }>('/api/v1/knowledge', text);
    expect(made.status).toBe(201);
    await test.kernel.keyring.destroy(workspace.id);
    for (const path of ['/api/v1/knowledge', `/api/v1/knowledge/${made.body.id}`, '/api/v1/conversations']) {
      expect(await admin.get(path)).toMatchObject(gone);
    }
    const answer = await admin.post('/api/v1/knowledge', text);
    expect(answer).toMatchObject(gone);
    expect(answer.body).toMatchObject(wholly);
  });

  it('is told to be gone where only the older key was destroyed, and what is newer can be read', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const make = async (title: string) =>
      (await admin.post<{ id: string }>('/api/v1/knowledge', { title, content: 'A text.' })).body.id;
    const old = await make('Old');
    await test.kernel.database.asSystem((queries) => test.kernel.keyring.addVersion(queries, workspace.id));
    await test.kernel.keyring.destroy(workspace.id, 2);
    const recent = await make('Recent');
    expect(await admin.get(`/api/v1/knowledge/${old}`)).toMatchObject(gone);
    expect((await admin.get(`/api/v1/knowledge/${recent}`)).status).toBe(200);
  });

  it('is not what a wrong secret or damage is taken for', () => {
    for (const message of ['not a sealed value', 'PARLEY_SECRET is not the one']) {
      expect(toParleyError(new CryptoError(message))).toMatchObject({ status: 500, code: 'internal' });
    }
  });
});
