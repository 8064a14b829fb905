import type { Assistant } from '@parley/contract/assistant';
import type { Conversation } from '@parley/contract/conversations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, apiClient, startTestApp, type TestApp } from '../../test/harness.ts';
import { systemActor } from '../core/context.ts';
import { createKey, createWorkspace } from '../modules/tenancy/tenancy.ts';
import { demoStories } from './demo-stories.ts';
import { firstStart } from './first-start.ts';
import { createPhoneLine } from './phone-line.ts';
import { type Simulation, startSimulation } from './simulation.ts';
import { type Stage, tellStories } from './tell-stories.ts';

let simulation: Simulation;
let test: TestApp;
let workspaceId: string;
let number: string;
let admin: ApiClient;

beforeAll(async () => {
  simulation = await startSimulation(Buffer.alloc(32, 9));
  test = await startTestApp({
    environment: { TWILIO_API_URL: simulation.url, PARLEY_DEMO: 'true' },
    phoneLine: createPhoneLine(simulation),
  });
  const first = await firstStart(test.kernel, simulation, () => undefined);
  workspaceId = first.demoWorkspaceId ?? '';
  number = first.demoNumber ?? '';
  const ctx = test.kernel.context({ workspaceId, actor: systemActor, requestId: 'test' });
  const { key } = await createKey(ctx, { name: 'test', role: 'admin' });
  admin = apiClient(test.url, async () => ({ authorization: `Bearer ${key}` }));
});
afterAll(async () => {
  await test.close();
  await simulation.close();
});

const stage = (more: Partial<Stage> = {}): Stage => ({
  kernel: test.kernel,
  simulation,
  workspaceId,
  number,
  signal: new AbortController().signal,
  ...more,
});
const list = async () =>
  (await admin.get<{ items: Conversation[] }>('/api/v1/conversations?limit=100')).body.items;
const named = async (name: string) => (await list()).find(({ contact }) => contact.name === name);
const rows = <Row>(text: string) =>
  test.kernel.database.inWorkspace(workspaceId, (queries) => queries.sql<Row>(text));
const counts = async () => {
  const [row] = await rows<Record<string, number>>(
    `select (select count(*)::int from conversations) as conversations, (select count(*)::int from messages) as messages,
       (select count(*)::int from runs) as runs, (select count(*)::int from notes) as notes,
       (select count(*)::int from events) as events`,
  );
  return row;
};

it('a telling that is broken off leaves nothing half done that the next one does not end', async () => {
  const broken = new AbortController();
  const stop = simulation.simulator.watch(({ direction }) => {
    if (direction === 'outbound-api') broken.abort();
  });
  await tellStories(stage({ signal: broken.signal }));
  stop();
  expect(broken.signal.aborted).toBe(true);
  await simulation.simulator.idle();
  await test.settled();
  // What the carrier knew is gone with the process.
  simulation.simulator.reset();
  await simulation.addNumber(number, `${test.url}/webhook/twilio/sms`);

  await tellStories(stage());
  await simulation.simulator.idle();
  await test.settled();
  expect((await list()).map(({ contact }) => contact.name).toSorted()).toEqual(
    demoStories.map(({ name }) => name).toSorted(),
  );
  const said = demoStories.flatMap(({ steps }) => steps.filter((step) => 'contact' in step));
  const [inbound] = await rows<{ count: number }>(
    "select count(*)::int as count from messages where direction = 'inbound'",
  );
  expect(inbound?.count).toBe(said.length);
  const byMembers = demoStories.flatMap(({ steps }) => steps.filter((step) => 'member' in step));
  const [written] = await rows<{ count: number }>(
    "select count(*)::int as count from messages where sender_kind = 'member'",
  );
  expect(written?.count).toBe(byMembers.length);
});

it('each story shows what it is for', async () => {
  for (const name of ['Emma Clarke', 'Lucía Ortega', 'João Almeida']) {
    expect(await named(name)).toMatchObject({
      status: 'active',
      owner: { kind: 'assistant' },
      lastMessage: { senderKind: 'assistant', status: 'delivered' },
    });
  }
  expect((await named('Lucía Ortega'))?.language).toBe('es');
  expect((await named('João Almeida'))?.language).toBe('pt');
  expect(await named('Marcus Webb')).toMatchObject({
    status: 'flagged_for_review',
    flagReason: 'handed_over',
  });
  expect(await named('Carmen Ruiz')).toMatchObject({
    owner: { kind: 'member' },
    lastMessage: { senderKind: 'contact' },
  });
  expect(await named('Grace Liu')).toMatchObject({ status: 'archived' });
  expect(await named('Rafael Souza')).toMatchObject({ contact: { optedOut: true } });
  expect(await named('Walter Briggs')).toMatchObject({ lastMessage: { status: 'undelivered' } });
  expect(await named('Beatriz Nunes')).toMatchObject({ draftCount: 1, owner: { kind: 'assistant' } });
});

it('the assistant is as patient afterwards as it usually is, and speaks for the shop', async () => {
  const { body } = await admin.get<Assistant>('/api/v1/assistant');
  expect(body).toMatchObject({ policy: 'auto', burstWaitMs: 1500 });
  expect(body.persona).toContain('Harbour Bakery');
});

it('told once, they are told: another start adds nothing', async () => {
  await admin.put(`/api/v1/conversations/${(await named('Grace Liu'))?.id}`, { status: 'active' });
  await test.settled();
  const before = await counts();
  await tellStories(stage());
  await firstStart(test.kernel, simulation, () => undefined);
  await test.settled();
  expect(await counts()).toEqual(before);
  expect((await named('Grace Liu'))?.status).toBe('active');
});

it('a workspace in which somebody was first keeps its inbox to itself', async () => {
  const used = await createWorkspace(test.kernel, { name: 'Used', defaultCountry: 'US', ownerId: null });
  await simulation.addNumber('+12025550190', '');
  const ctx = test.kernel.context({ workspaceId: used, actor: systemActor, requestId: 'test' });
  const { key } = await createKey(ctx, { name: 'test', role: 'admin' });
  const owner = apiClient(test.url, async () => ({ authorization: `Bearer ${key}` }));
  await owner.post('/api/v1/channels', {
    provider: 'twilio',
    name: 'Used',
    address: '+12025550190',
    credentials: { accountSid: simulation.accountSid, authToken: simulation.authToken },
    configureWebhooks: true,
  });
  await simulation.simulator.text({ from: '+12025550111', to: '+12025550190', body: 'First' });
  await test.settled();
  await tellStories(stage({ workspaceId: used, number: '+12025550190' }));
  const { body } = await owner.get<{ items: Conversation[] }>('/api/v1/conversations');
  expect(body.items).toHaveLength(1);
});
