import type { Insight } from '@parley/contract/insights';
import type { IntentDrift } from '@parley/contract/intent-drift';
import type { IntentModel } from '@parley/contract/intent-models';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestApp, type TestApp } from '../../../../test/harness.ts';
import { type Inbox, openInbox } from '../../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import type { Clock } from '../../../core/clock.ts';
import { newId } from '../../../core/identifiers.ts';
import { starterIntents } from '../starter-intents/starter-intents.ts';
import { askForChecks } from './drift.ts';

// A training is two processes of lower priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 150_000 });

const dayMs = 86_400_000;
let offsetMs = 0;
const clock: Clock = { now: () => Date.now() + offsetMs, date: () => new Date(Date.now() + offsetMs) };

let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment, clock });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

let people = 0;
/** Each text from somebody new, and `times - 1` copies of each as the first was kept: the road itself is not what is tested. */
async function arrive(inbox: Inbox, texts: readonly string[], times: number): Promise<void> {
  const arrived = await Promise.all(
    texts.map(async (body) => {
      people += 1;
      const from = `+1555${String(2_000_000 + people)}`;
      await twilio.text({ from, to: inbox.channel.address, body });
      return { from, body };
    }),
  );
  await test.settled();
  for (const { from, body } of arrived) await copy(inbox, from, body, times - 1);
}

async function copy({ workspace }: Inbox, from: string, body: string, times: number): Promise<void> {
  await workspace.ctx.transaction(async (tx) => {
    const [message] = await tx.sql<{ id: string }>('select id from messages where from_address = $1', [from]);
    if (!message) throw new Error(`${from} did not arrive`);
    for (let time = 0; time < times; time += 1) {
      const id = newId();
      await tx.sql(
        `insert into messages select (jsonb_populate_record(m, jsonb_build_object('id', $2::text, 'provider_message_id', null))).*
         from messages m where id = $1`,
        [message.id, id],
      );
      await tx.sql('update messages set content = $2 where id = $1', [
        id,
        tx.seal(body, `messages.content:${id}`),
      ]);
      await tx.sql(
        `insert into insights select (jsonb_populate_record(i, jsonb_build_object('message_id', $2::text, 'dates', null))).*
         from insights i where message_id = $1`,
        [message.id, id],
      );
    }
  });
}

const usual = ['When do you open?', 'How much is it?', 'Thank you so much!', 'Where is my order?'];
const strange = ['My skates are blunt', 'The blades of my boots need work', 'zxcv qwer', 'When do you open?'];

/** As the schedule asks for it, and what was found then. */
async function checked({ workspace }: Inbox): Promise<IntentDrift> {
  await askForChecks(test.kernel.systemContext());
  await test.settled();
  return drift(workspace);
}
const drift = async (workspace: Inbox['workspace']) =>
  (await workspace.as('viewer').get<IntentDrift>('/api/v1/intent-drift')).body;

/** What was told of it, the first first. */
const told = async ({ sql }: Inbox) =>
  (
    await sql<{ payload: unknown }>(
      `select payload from events where type = 'intents.drifted' order by sequence`,
    )
  ).map(({ payload }) => payload);

it('messages that differ from those of a model’s first weeks are told once, until they are as before', async () => {
  const inbox = await openInbox(test, twilio);
  expect(await drift(inbox.workspace)).toMatchObject({ modelId: null, state: 'unknown', checkedAt: null });
  await arrive(inbox, usual, 50);
  // The first two weeks are not over.
  expect(await checked(inbox)).toMatchObject({ state: 'unknown', reference: null, reasons: [] });

  offsetMs += 15 * dayMs;
  await arrive(inbox, usual, 15);
  expect(await checked(inbox)).toMatchObject({
    state: 'unknown',
    reference: { messages: 200 },
    recent: null,
  });
  await arrive(inbox, usual, 10);
  const steady = await checked(inbox);
  expect(steady).toMatchObject({ state: 'steady', reference: { messages: 200 }, recent: { messages: 100 } });
  expect(steady.stabilityIndex).toBeLessThan(0.01);

  offsetMs += 15 * dayMs;
  await arrive(inbox, strange, 25);
  const drifted = await checked(inbox);
  expect(drifted).toMatchObject({ state: 'drifted', recent: { messages: 100 } });
  expect(drifted.reasons).toContain('mix');
  expect(drifted.stabilityIndex).toBeGreaterThan(0.25);
  const none = drifted.shares.find(({ intent }) => intent === null);
  expect(none?.recent).toBeGreaterThan(2 * (none?.reference ?? 1));
  await arrive(inbox, strange, 1);
  expect(await checked(inbox)).toMatchObject({ state: 'drifted', driftedAt: drifted.driftedAt });
  expect(await told(inbox)).toEqual([{ modelId: null, reasons: drifted.reasons }]);

  offsetMs += 8 * dayMs;
  await arrive(inbox, usual, 25);
  expect(await checked(inbox)).toMatchObject({ state: 'steady', reasons: [], driftedAt: null });
});

it('a model that is trained is compared with the messages of the time before, and what was told of another one is over', async () => {
  const inbox = await openInbox(test, twilio);
  const admin = inbox.workspace.as('admin');
  const kept = ['opening_hours', 'price', 'thanks', 'order_status'];
  for (const name of starterIntents)
    if (!kept.includes(name)) await admin.put(`/api/v1/intents/${name}`, { enabled: false });
  await arrive(inbox, usual, 50);
  const train = async () => {
    const { body } = await admin.post<IntentModel>('/api/v1/intent-models');
    await test.settled();
    await admin.put('/api/v1/intent-models/live', { modelId: body.id });
    await test.settled();
    return body.id;
  };
  const modelId = await train();
  const trained = await drift(inbox.workspace);
  expect(trained).toMatchObject({ modelId, state: 'unknown', reference: { messages: 200 }, recent: null });
  expect(trained.reference?.confidence).toBeGreaterThan(0.5);
  await arrive(inbox, strange, 25);
  expect(await checked(inbox)).toMatchObject({ modelId, state: 'drifted' });
  await inbox.workspace.as('admin').put('/api/v1/intent-models/live', { modelId: null });
  await test.settled();
  expect(await drift(inbox.workspace)).toMatchObject({ modelId: null, state: 'unknown', reasons: [] });
});

it('members who correct more than one in ten of what they look at disagree, and are heard before there is anything to compare', async () => {
  const inbox = await openInbox(test, twilio);
  await arrive(inbox, strange, 10);
  const agent = inbox.workspace.as('agent');
  const messages = await inbox.sql<{ id: string }>('select message_id as id from insights');
  expect(messages).toHaveLength(40);
  const say = async (of: readonly { id: string }[], intent: string | null) => {
    for (const { id } of of) {
      const path = `/api/v1/messages/${id}`;
      const said = (await agent.get<Insight>(`${path}/insight`)).body.intent?.value ?? null;
      // Whoever says another thing of a message has looked at its intent as well.
      const correction = intent === null || intent === said ? { spam: false } : { intent };
      await agent.put(`${path}/correction`, correction);
    }
  };
  await say(messages.slice(0, 20), null);
  expect(await checked(inbox)).toMatchObject({ state: 'unknown', lookedAt: 20, corrected: 0 });
  await say(messages.slice(20), 'complaint');
  expect(await checked(inbox)).toMatchObject({
    state: 'drifted',
    reasons: ['disagreement'],
    lookedAt: 40,
    corrected: 20,
    reference: null,
  });
  expect(await told(inbox)).toEqual([{ modelId: null, reasons: ['disagreement'] }]);
});
