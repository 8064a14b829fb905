import type { Insight } from '@parley/contract/insights';
import type { IntentModel, LiveIntentModel } from '@parley/contract/intent-models';
import type { Message } from '@parley/contract/messages';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { openInbox } from '../../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import { trainIntentClassifier } from '../../../learning/intent-training.ts';
import { runToEnd } from '../../../learning/steps.ts';
import { starterIntents } from '../starter-intents/starter-intents.ts';
import { intentModelPlace } from './rows.ts';
import { train } from './training.ts';

// Each training is two processes of lower priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 150_000 });

let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const path = '/api/v1/intent-models';
const read = async (client: ApiClient, id: string) => (await client.get<IntentModel>(`${path}/${id}`)).body;

async function download({ as }: TestWorkspace, id: string) {
  const response = await fetch(`${test.url}${path}/${id}/file`, {
    headers: await as('admin').authorization(),
  });
  return { file: new Uint8Array(await response.arrayBuffer()), etag: response.headers.get('etag') };
}

async function upload({ as }: TestWorkspace, file: Uint8Array<ArrayBuffer>) {
  const response = await fetch(`${test.url}${path}/file`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...(await as('admin').authorization()) },
    body: file,
  });
  return { status: response.status, body: await response.json() };
}

/** Of the starters only these, so that training takes little time. */
async function onlyIntents(workspace: TestWorkspace, names: readonly string[]): Promise<ApiClient> {
  const admin = workspace.as('admin');
  for (const name of starterIntents)
    if (!names.includes(name)) await admin.put(`/api/v1/intents/${name}`, { enabled: false });
  return admin;
}

async function trained(client: ApiClient): Promise<IntentModel> {
  const { body, status } = await client.post<IntentModel>(path);
  expect(status).toBe(201);
  await test.settled();
  return read(client, body.id);
}

it('a model learns from what comes with Parley, what members write and what they correct; promoted, it reads messages', async () => {
  const { workspace, channel, conversations } = await openInbox(test, twilio);
  const admin = await onlyIntents(workspace, ['opening_hours', 'price', 'thanks']);
  await admin.put('/api/v1/intents/sharpen_skates', { enabled: true });
  const texts = [
    'Do you sharpen skates?',
    'can you sharpen my ice skates',
    'skate sharpening',
    'my skates are blunt, can you help',
    'how long does it take to sharpen skates',
    'sharpen hockey skates please',
    'do u do skates sharpening',
    'I need my skates sharpened',
  ];
  await admin.post('/api/v1/intent-examples', { intent: 'sharpen_skates', texts });
  const insightOf = async (from: string, body: string) => {
    await twilio.text({ from, to: channel.address, body });
    await test.settled();
    const conversation = (await conversations()).find(({ contact }) => contact.address === from);
    const { body: page } = await admin.get<{ items: Message[] }>(
      `/api/v1/conversations/${conversation?.id}/messages`,
    );
    const messageId = page.items.find((message) => message.body === body)?.id;
    return (await admin.get<Insight>(`/api/v1/messages/${messageId}/insight`)).body;
  };
  const before = await insightOf('+15551230001', 'Blades on my boots need work');
  await admin.put(`/api/v1/messages/${before.messageId}/correction`, { intent: 'sharpen_skates' });

  const model = await trained(admin);
  expect(model).toMatchObject({
    version: 1,
    origin: 'trained',
    state: 'done',
    progress: 1,
    live: false,
    checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    data: { written: texts.length, corrected: 1, intents: 4 },
  });
  expect(model.data?.starter).toBeGreaterThan(90);
  expect(model.metrics?.accuracy).toBeGreaterThan(0.8);
  expect(model.metrics?.perIntent.map(({ intent }) => intent)).toEqual([
    'opening_hours',
    'price',
    'sharpen_skates',
    'thanks',
  ]);

  expect((await admin.put<LiveIntentModel>(`${path}/live`, { modelId: model.id })).body).toEqual({
    modelId: model.id,
  });
  const after = await insightOf('+15551230002', 'could you sharpen skates today?');
  expect(after.intent).toMatchObject({
    value: 'sharpen_skates',
    modelVersion: 'workspace@1',
    correctedBy: null,
  });
  expect(after.intent?.confidence).toBeGreaterThan(0.3);
  const about = (await conversations('?intent=sharpen_skates')).map(({ contact }) => contact.address);
  expect(about).toContain('+15551230002');
  const event = await test.event(
    'message.understood',
    ({ payload }) => payload.messageId === after.messageId,
  );
  expect(event.payload.intent).toBe('sharpen_skates');
});

it('a version that is worse is rolled back by one request, and what reads messages meanwhile is told', async () => {
  const workspace = await test.workspace();
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const [first, second] = [await trained(admin), await trained(admin)];
  expect(second.version).toBe(2);
  // The same examples are the same data.
  expect(second.data?.fingerprint).toBe(first.data?.fingerprint);
  const live = async () => (await admin.get<LiveIntentModel>(`${path}/live`)).body.modelId;
  expect(await live()).toBeNull();
  for (const modelId of [first.id, second.id, first.id, null]) {
    await admin.put(`${path}/live`, { modelId });
    expect(await live()).toBe(modelId);
  }
  await admin.put(`${path}/live`, { modelId: second.id });
  const { body } = await admin.get<{ items: IntentModel[] }>(path);
  expect(body.items.map(({ version, live: isLive }) => [version, isLive])).toEqual([
    [2, true],
    [1, false],
  ]);
});

it('examples of one intent alone teach nothing: the training fails with the reason, and what is live stays', async () => {
  const workspace = await test.workspace();
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const good = await trained(admin);
  await admin.put(`${path}/live`, { modelId: good.id });
  await admin.put('/api/v1/intents/price', { enabled: false });
  const bad = await trained(admin);
  expect(bad).toMatchObject({ state: 'failed', errorCode: 'one_intent', live: false });
  expect(await admin.put(`${path}/live`, { modelId: bad.id })).toMatchObject({
    status: 409,
    body: { error: { code: 'not_trained' } },
  });
  expect(await read(admin, good.id)).toMatchObject({ live: true });
});

it('a training that is killed begins again, one that is done or cancelled is left alone, and one runs at a time', async () => {
  const workspace = await test.workspace();
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const run = { signal: new AbortController().signal, isLastAttempt: false } as Parameters<typeof train>[2];
  const running = async (): Promise<string> => {
    const [row] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ id: string }>(
        `insert into intent_models (id, workspace_id, version, origin, state, created_by, started_at)
         select gen_random_uuid(), $1, coalesce(max(version), 0) + 1, 'trained', 'running', 'test', now()
         from intent_models where workspace_id = $1 returning id`,
        [workspace.id],
      ),
    );
    return row?.id ?? '';
  };
  const killed = await running();
  const gone = new AbortController();
  gone.abort(new Error('killed'));
  await expect(train(workspace.ctx, { modelId: killed }, { ...run, signal: gone.signal })).rejects.toThrow(
    'killed',
  );
  expect(await read(admin, killed)).toMatchObject({ state: 'running' });
  expect(await admin.post(path)).toMatchObject({
    status: 409,
    body: { error: { code: 'training_running' } },
  });
  await train(workspace.ctx, { modelId: killed }, run);
  // Learned, it is measured by a job of its own.
  await test.settled();
  const done = await read(admin, killed);
  expect(done).toMatchObject({ state: 'done' });
  await train(workspace.ctx, { modelId: killed }, run);
  expect(await read(admin, killed)).toEqual(done);

  const unwanted = await running();
  const cancelled = await admin.put<IntentModel>(`${path}/${unwanted}/cancellation`, {});
  expect(cancelled.body).toMatchObject({ state: 'canceled', errorCode: null });
  await train(workspace.ctx, { modelId: unwanted }, run);
  expect(await read(admin, unwanted)).toEqual(cancelled.body);
});

it('a training that is killed after it has learned goes on with measuring', async () => {
  const workspace = await test.workspace();
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const model = await trained(admin);
  // As it stands between both: the example after that would make another model.
  await workspace.ctx.transaction((tx) =>
    tx.sql(`update intent_models set state = 'running', progress = 0.5, metrics = null, finished_at = null`),
  );
  await admin.post('/api/v1/intent-examples', { intent: 'price', texts: ['what do you charge for it'] });
  expect(await admin.get(`${path}/${model.id}/file`)).toMatchObject({ status: 409 });
  const run = { signal: new AbortController().signal, isLastAttempt: false };
  await train(workspace.ctx, { modelId: model.id }, run);
  const done = await read(admin, model.id);
  expect(done).toMatchObject({ state: 'done', checksum: model.checksum, data: model.data });
  expect(done.metrics?.perIntent).toEqual(model.metrics?.perIntent);
});

it('a training that takes longer than it may has failed by name, and what reads messages stays', async () => {
  const workspace = await test.workspace();
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const good = await trained(admin);
  await admin.put(`${path}/live`, { modelId: good.id });
  const [row] = await workspace.ctx.transaction((tx) =>
    tx.sql<{ id: string }>(
      `insert into intent_models (id, workspace_id, version, origin, state, created_by, started_at)
       values (gen_random_uuid(), $1, 2, 'trained', 'running', 'test', now()) returning id`,
      [workspace.id],
    ),
  );
  const run = { signal: new AbortController().signal, isLastAttempt: false, learningMs: 1 };
  await train(workspace.ctx, { modelId: row?.id ?? '' }, run);
  expect(await read(admin, row?.id ?? '')).toMatchObject({
    state: 'failed',
    errorCode: 'took_too_long',
    data: null,
    live: false,
  });
  expect(await read(admin, good.id)).toMatchObject({ live: true });
});

it('a version is taken as a file and brought to another workspace, where it is the same; a damaged one is refused', async () => {
  const [here, there] = [await test.workspace(), await test.workspace()];
  const admin = await onlyIntents(here, ['thanks', 'price']);
  const model = await trained(admin);
  const { file, etag } = await download(here, model.id);
  expect(etag).toBe(`"${model.checksum}"`);
  const brought = await upload(there, file);
  expect(brought).toMatchObject({
    status: 201,
    body: { version: 1, origin: 'imported', state: 'done', checksum: model.checksum, metrics: null },
  });
  await there.as('admin').put(`${path}/live`, { modelId: (brought.body as IntentModel).id });

  const damaged = new Uint8Array(file);
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  for (const [bytes, code] of [
    [damaged, 'model_file.damaged'],
    [file.subarray(0, 1000), 'model_file.damaged'],
    [new TextEncoder().encode('no model at all, but long enough to be one'), 'model_file.not_a_model'],
    [new Uint8Array(), 'model_file.not_a_model'],
  ] as const)
    expect(await upload(there, bytes), code).toMatchObject({ status: 400, body: { error: { code } } });
  const strange = runToEnd(
    trainIntentClassifier([
      { text: 'when do you open', label: 'opening hours!' },
      { text: 'how much is it', label: 'price' },
    ]),
  ).bytes;
  // No insight could hold what it says.
  expect(await upload(there, strange)).toMatchObject({
    status: 400,
    body: { error: { code: 'model_file.other_shape' } },
  });
  expect((await there.as('admin').get<{ items: IntentModel[] }>(path)).body.items).toHaveLength(1);
});

it('how far a training is shows while it runs, and cancelled in its midst it ends as that', async () => {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const { body: started } = await admin.post<IntentModel>(path);
  const further = await test.until('the training to come further', async () => {
    const model = await read(admin, started.id);
    return model.progress > 0 && model;
  });
  expect(further).toMatchObject({ state: 'running', finishedAt: null });
  const cancelled = await admin.put<IntentModel>(`${path}/${started.id}/cancellation`, {});
  expect(cancelled.body).toMatchObject({ state: 'canceled' });
  await test.settled();
  expect(await read(admin, started.id)).toEqual(cancelled.body);
});

it('a training that fails for the last time has failed, and the next one can begin', async () => {
  const workspace = await test.workspace();
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const [row] = await workspace.ctx.transaction((tx) =>
    tx.sql<{ id: string }>(
      `insert into intent_models (id, workspace_id, version, origin, state, created_by, started_at)
       values (gen_random_uuid(), $1, 1, 'trained', 'running', 'test', now()) returning id`,
      [workspace.id],
    ),
  );
  const gone = new AbortController();
  gone.abort(new Error('out of memory'));
  const run = { signal: gone.signal, isLastAttempt: true } as Parameters<typeof train>[2];
  await expect(train(workspace.ctx, { modelId: row?.id ?? '' }, run)).rejects.toThrow('out of memory');
  expect(await read(admin, row?.id ?? '')).toMatchObject({ state: 'failed', errorCode: 'training_failed' });
  expect(await trained(admin)).toMatchObject({ version: 2, state: 'done' });
});

it('where the file of the model that reads is damaged at rest, the one that comes with Parley reads', async () => {
  const { workspace, channel } = await openInbox(test, twilio);
  const admin = await onlyIntents(workspace, ['thanks', 'price']);
  const model = await trained(admin);
  await workspace.ctx.transaction((tx) =>
    tx.sql('update intent_models set file = $2 where id = $1', [
      model.id,
      tx.seal('no model', intentModelPlace(model.id)),
    ]),
  );
  // Promoting it would be refused: it was whole then.
  await workspace.ctx.transaction((tx) =>
    tx.sql(
      `insert into intent_model_promotions (id, workspace_id, model_id, promoted_by, promoted_at)
       values (gen_random_uuid(), $1, $2, 'test', now())`,
      [workspace.id, model.id],
    ),
  );
  await twilio.text({ from: '+15551230077', to: channel.address, body: 'When do you open?' });
  await test.settled();
  const [insight] = await workspace.ctx.transaction((tx) =>
    tx.sql<{ intent: string; intent_model: string }>('select intent, intent_model from insights'),
  );
  expect(insight).toEqual({ intent: 'opening_hours', intent_model: 'parley-intent@1' });
});
