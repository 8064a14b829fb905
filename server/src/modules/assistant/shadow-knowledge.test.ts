import type { Run, TrialAnswer } from '@parley/contract/runs';
import type { ShadowAnswer, ShadowChanges, ShadowRun } from '@parley/contract/shadow-runs';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { trainingDataPath, uploadTraining, whenRead } from '../../../test/training.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import { findPassages, passagesOf } from '../knowledge/knowledge.ts';
import { answerInShadow } from './shadow-work.ts';

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

const question = 'When are you open?';
const winter = 'We are open from 9 to 18 on weekdays.';
const summer = 'We are open from 7 to 22 every day.';
const runsPath = '/api/v1/assistant/shadow-runs';

interface Shop {
  readonly workspace: TestWorkspace;
  readonly admin: ApiClient;
  readonly live: TrainingData;
  readonly heldBack: TrainingData;
}

/** Somebody was told the hours of winter, and those of summer are held back. */
async function openShop(): Promise<Shop> {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const channel = await twilio.connectTwilio(workspace);
  const add = async (answer: string, live?: boolean) =>
    (await admin.post<TrainingData>(trainingDataPath, { kind: 'pair', question, answer, live })).body;
  const live = await add(winter);
  await twilio.text({ from: '+15551230002', to: channel.address, body: question });
  await test.until('the answer', async () => {
    const { items } = (await admin.get<{ items: Run[] }>('/api/v1/runs')).body;
    return items.some(({ status }) => status !== 'active');
  });
  return { workspace, admin, live, heldBack: await add(summer, false) };
}

const answerOf = async ({ admin }: Shop) =>
  (await admin.post<TrialAnswer>('/api/v1/assistant/answers', { question })).body.text;

const start = ({ admin }: Shop, knowledge: Partial<NonNullable<ShadowChanges['knowledge']>>) =>
  admin.post<ShadowRun>(runsPath, { changes: { knowledge }, count: 10 });

const ended = ({ admin }: Shop, id: string) =>
  test.until('the shadow run to end', async () => {
    const { body } = await admin.get<ShadowRun>(`${runsPath}/${id}`);
    return body.state === 'running' ? null : body;
  });

it('what is held back answers nobody, answers in the shadow run that names it, and is used once its result is', async () => {
  const shop = await openShop();
  const { admin, live, heldBack, workspace } = shop;
  expect([live.live, heldBack.live, heldBack.state, heldBack.passages]).toEqual([true, false, 'ready', 1]);
  expect(await answerOf(shop)).toBe(winter);
  const found = await findPassages(await passagesOf(workspace.ctx), question, 'en', 5);
  expect(found.map(({ textId }) => textId)).toEqual([live.id]);
  const started = await start(shop, { with: [heldBack.id], without: [live.id] });
  expect(started).toMatchObject({ status: 201 });
  await ended(shop, started.body.id);
  const path = `${runsPath}/${started.body.id}`;
  const { body: pairs } = await admin.get<{ items: ShadowAnswer[] }>(`${path}/answers`);
  expect(pairs.items).toMatchObject([
    { verdict: 'differs', before: { text: winter }, after: { text: summer } },
  ]);
  expect(await answerOf(shop)).toBe(winter);
  expect((await admin.put<ShadowRun>(`${path}/use`, {})).body.usedAt).not.toBeNull();
  expect(await answerOf(shop)).toBe(summer);
  const states = [live.id, heldBack.id].map(
    async (id) => (await admin.get<TrainingData>(`${trainingDataPath}/${id}`)).body.live,
  );
  expect(await Promise.all(states)).toEqual([false, true]);
});

it('a member brings what is held back into use and holds it back again, and an uploaded file begins so too', async () => {
  const shop = await openShop();
  const { admin, live, workspace } = shop;
  const path = `${trainingDataPath}/${live.id}`;
  expect((await admin.put<TrainingData>(path, { live: false })).body.live).toBe(false);
  expect(await answerOf(shop)).not.toBe(winter);
  expect((await admin.put<TrainingData>(path, { live: true })).body.live).toBe(true);
  expect(await answerOf(shop)).toBe(winter);
  expect((await workspace.as('agent').put(path, { live: false })).status).toBe(403);
  const text = Buffer.from('# Parking\nYou may park behind the house.');
  const { body } = await uploadTraining(test, workspace, text, 'parking.md', { live: false });
  expect(await whenRead(test, workspace, body.id)).toMatchObject({ state: 'ready', live: false });
  const found = await findPassages(await passagesOf(workspace.ctx), 'where may I park', 'en', 5);
  expect(found.map(({ textId }) => textId)).not.toContain(body.id);
});

it('knowledge that was deleted ends a shadow run that was to try it, and its result cannot be used', async () => {
  const shop = await openShop();
  const { admin, heldBack, workspace } = shop;
  const id = '01990000-0000-7000-8000-00000000c0de';
  expect((await start(shop, { with: [id] })).status).toBe(404);
  const started = await start(shop, { with: [heldBack.id] });
  await ended(shop, started.body.id);
  await admin.delete(`${trainingDataPath}/${heldBack.id}`);
  const use = await admin.put(`${runsPath}/${started.body.id}/use`, {});
  expect(use).toMatchObject({ status: 409, body: { error: { code: 'knowledge_gone' } } });
  // As it is where the deletion comes while turns wait.
  await workspace.ctx.transaction(async (tx) => {
    await tx.sql("update shadow_runs set state = 'running', finished_at = null where id = $1", [
      started.body.id,
    ]);
    await tx.sql('update shadow_answers set verdict = null where shadow_run_id = $1', [started.body.id]);
  });
  const run = { id: 'x', attempt: 1, isLastAttempt: false, signal: new AbortController().signal };
  await answerInShadow(workspace.ctx, { shadowRunId: started.body.id }, run);
  expect(await ended(shop, started.body.id)).toMatchObject({ state: 'failed', done: 0 });
});

it('only what is held back and read can be tried, and only what is in use can be left out', async () => {
  const shop = await openShop();
  const { live, heldBack } = shop;
  for (const change of [{ with: [live.id] }, { without: [heldBack.id] }]) {
    expect(await start(shop, change)).toMatchObject({
      status: 409,
      body: { error: { code: 'knowledge_changed' } },
    });
  }
  await shop.workspace.ctx.transaction((tx) =>
    tx.sql("update training_data set state = 'reading' where id = $1", [heldBack.id]),
  );
  expect(await start(shop, { with: [heldBack.id] })).toMatchObject({
    status: 409,
    body: { error: { code: 'knowledge_not_read' } },
  });
});
