import type { Model } from '@parley/contract/models';
import type { Run } from '@parley/contract/runs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';

const endpoint = createOpenAiSimulator();
let test: TestApp;
let twilio: TestTwilio;
let workspace: TestWorkspace;
beforeAll(async () => {
  await endpoint.listen();
  twilio = await startTwilio();
  test = await startTestApp({ environment: { ...twilio.environment, EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
  workspace = await test.workspace();
  await tell();
});
afterAll(async () => {
  await test.close();
  await twilio.close();
  await endpoint.close();
});

const runs = async (query = '') =>
  (await workspace.as('viewer').get<{ items: Run[]; nextCursor: string | null }>(`/api/v1/runs${query}`))
    .body;

/** Ana is answered by the built-in model; Bo by another one, which has failed him once. */
async function tell(): Promise<void> {
  const admin = workspace.as('admin');
  const { address } = await twilio.connectTwilio(workspace);
  await admin.post('/api/v1/knowledge', {
    title: 'Questions',
    content: '## When are you open?\nWe are open from 9 to 18 on weekdays.',
  });
  const settings = { policy: 'auto', persona: '', burstWaitMs: 0, repliesPerHourMax: 50 };
  await admin.put('/api/v1/assistant', { ...settings, modelId: null });
  const text = async (from: string, body: string) => {
    const before = (await runs()).items.length;
    await twilio.text({ from, to: address, body });
    await test.until('the run to end', async () => {
      const { items } = await runs();
      return items.length > before && items.every(({ status }) => status !== 'active');
    });
  };
  await text('+15551230001', 'When are you open?');
  const { body: model } = await admin.post<Model>('/api/v1/models', {
    name: 'Simulated',
    baseUrl: endpoint.baseUrl,
    model: 'simulated',
  });
  await admin.put('/api/v1/assistant', { ...settings, policy: 'draft', modelId: model.id });
  await text('+15551230002', 'Is there marmalade?');
  endpoint.fault('nonsense');
  await text('+15551230002', 'And gooseberries?');
  await test.settled();
}

it('the list is narrowed by how a run ended, its model, policy, conversation, time and failures', async () => {
  const { items } = await runs();
  const [failed, drafted, answered] = items;
  const found = async (query: string) => (await runs(`?${query}`)).items.map(({ id }) => id);
  expect(await found('policy=draft')).toEqual([failed?.id, drafted?.id]);
  expect(await found('outcome=answered')).toEqual([answered?.id]);
  expect(await found('model=Simulated')).toEqual([drafted?.id]);
  expect(await found('model=parley%2Fbuiltin')).toEqual([failed?.id, answered?.id]);
  expect(await found('failed=true')).toEqual([failed?.id]);
  expect(await found('failed=false')).toEqual([drafted?.id, answered?.id]);
  expect(await found(`conversationId=${answered?.conversationId}`)).toEqual([answered?.id]);
  expect(await found(`from=${drafted?.startedAt}`)).toEqual([failed?.id, drafted?.id]);
  expect(await found(`to=${answered?.startedAt}&failed=false`)).toEqual([answered?.id]);
});

it('words of what was read or written, and of who was answered, find a run', async () => {
  const { items } = await runs();
  const [failed, drafted, answered] = items;
  const found = async (words: string) =>
    (await runs(`?q=${encodeURIComponent(words)}`)).items.map(({ id }) => id);
  // The index follows what was written.
  await test.until('the last question to be found', async () => (await found('gooseberries')).length > 0);
  // The draft is no answer yet: the next run read that question too.
  expect(await found('marmalade')).toEqual([failed?.id, drafted?.id]);
  expect(await found('gooseberries')).toEqual([failed?.id]);
  expect(await found('weekdays')).toContain(answered?.id);
  expect(await found('1230002')).toEqual([failed?.id, drafted?.id]);
  expect(await found('nothing of the kind')).toEqual([]);
});

it('each says whom it answered; a page is followed by the next one, and a stranger finds none', async () => {
  const first = await runs('?limit=2');
  expect(first.items.map(({ contact }) => contact)).toEqual(['+15551230002', '+15551230002']);
  const rest = await runs(`?limit=2&cursor=${first.nextCursor}`);
  expect(rest.items.map(({ contact }) => contact)).toEqual(['+15551230001']);
  expect(rest.nextCursor).toBeNull();
  const stranger = (await test.workspace()).as('admin');
  for (const query of ['', '?q=marmalade'])
    expect((await stranger.get<{ items: Run[] }>(`/api/v1/runs${query}`)).body.items).toEqual([]);
});

it('what a conversation and a contact have cost says who they are', async () => {
  for (const by of ['conversation', 'contact']) {
    const { body } = await workspace
      .as('viewer')
      .get<{ items: { name: string; calls: number }[] }>(`/api/v1/usage?by=${by}`);
    const calls = new Map(body.items.map(({ name, calls: count }) => [name, count]));
    expect(calls.get('+15551230002'), by).toBeGreaterThan(0);
  }
});

it('who may see the assistant but not conversations is told what it did, not for whom nor of what, and finds nothing by words', async () => {
  const { body: made } = await workspace
    .as('admin')
    .post<{ key: string }>('/api/v1/api-keys', { name: 'figures', permissions: ['assistant:read'] });
  const get = <T>(path: string) => test.anonymous.get<T>(path, { authorization: `Bearer ${made.key}` });
  const { body } = await get<{ items: Run[] }>('/api/v1/runs');
  expect(body.items.map(({ outcome }) => outcome)).toEqual(
    (await runs()).items.map(({ outcome }) => outcome),
  );
  expect(JSON.stringify(body)).not.toMatch(/\+1555|marmalade|gooseberries/);
  expect(body.items.map(({ contact, steps }) => [contact, steps])).toEqual([
    ['', []],
    ['', []],
    ['', []],
  ]);
  const one = await get<Run>(`/api/v1/runs/${body.items[0]?.id}`);
  expect(one.body).toEqual(body.items[0]);
  for (const words of ['marmalade', 'nothing of the kind'])
    expect((await get(`/api/v1/runs?q=${encodeURIComponent(words)}`)).status).toBe(403);
  for (const by of ['conversation', 'contact']) {
    const { body: usage } = await get<{ items: { name: string | null }[] }>(`/api/v1/usage?by=${by}`);
    expect(new Set(usage.items.map(({ name }) => name))).toEqual(new Set([null]));
  }
});
