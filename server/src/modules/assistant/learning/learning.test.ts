import type { Conversation } from '@parley/contract/conversations';
import type { KnowledgeProposal, Learning, LookThrough } from '@parley/contract/knowledge-proposals';
import type { TrialAnswer } from '@parley/contract/runs';
import type { TrainingDataDetail } from '@parley/contract/training-data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { addMember } from '../../../../test/members.ts';
import { openInbox } from '../../../../test/messaging.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import type { Clock } from '../../../core/clock.ts';
import { newId } from '../../../core/identifiers.ts';
import { askToLearn, restMs } from './learn.ts';
import { look } from './look-throughs.ts';

let offsetMs = 0;
const clock: Clock = { now: () => Date.now() + offsetMs, date: () => new Date(Date.now() + offsetMs) };
let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ clock, environment: twilio.environment });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const path = '/api/v1/training-data';
const question = 'Can my dog come along?';
const answer = 'Dogs are welcome on the terrace, and there is water for them.';

interface Desk {
  readonly workspace: TestWorkspace;
  readonly admin: ApiClient;
  /** A contact asks, and a member answers. */
  talk(from: string, asked: string, said: string, by?: ApiClient): Promise<void>;
  allow(learnFromConversations: boolean): Promise<Learning>;
  /** What rests is read. */
  rest(): Promise<void>;
  proposals(state?: string): Promise<KnowledgeProposal[]>;
  lookThrough(days: number): Promise<LookThrough>;
}

async function openDesk(): Promise<Desk> {
  const { workspace, channel, becomes } = await openInbox(test, twilio);
  const { client: member } = await addMember(test, workspace);
  const admin = workspace.as('admin');
  const desk: Desk = {
    workspace,
    admin,
    talk: async (from, asked, said, by = member) => {
      await twilio.text({ from, to: channel.address, body: asked });
      await test.settled();
      const { body, status } = await by.post<{ id: string }>('/api/v1/messages', {
        to: from,
        body: said,
        channelId: channel.id,
      });
      expect(status).toBe(201);
      await becomes(body.id, 'delivered');
    },
    allow: async (learnFromConversations) =>
      (await admin.put<Learning>(`${path}/learning`, { learnFromConversations })).body,
    rest: async () => {
      offsetMs += restMs + 60_000;
      await askToLearn(test.kernel.systemContext());
      await test.settled();
    },
    proposals: async (state = 'proposed') =>
      (await admin.get<{ items: KnowledgeProposal[] }>(`${path}/proposals?state=${state}`)).body.items,
    lookThrough: async (days) => {
      const { body } = await admin.post<LookThrough>(`${path}/look-throughs`, { days });
      return test.until('the look through to end', async () => {
        const now = (await admin.get<LookThrough>(`${path}/look-throughs/${body.id}`)).body;
        return now.state !== 'running' && now;
      });
    },
  };
  return desk;
}

/** One that no job works on. */
async function runningLookThrough({ workspace }: Desk): Promise<string> {
  const id = newId();
  const now = clock.date();
  await workspace.ctx.transaction((tx) =>
    tx.sql(
      `insert into look_throughs (id, workspace_id, days, total, read_at, read_id, started_at)
       values ($2, $1, 30, 1, $3, $2, $3)`,
      [workspace.id, id, now],
    ),
  );
  return id;
}

const decide = ({ admin }: Desk, id: string, decision: object) =>
  admin.put<KnowledgeProposal>(`${path}/proposals/${id}/decision`, decision);

it('while it is off nothing is read, and what was said before a yes is not proposed by itself', async () => {
  const desk = await openDesk();
  expect((await desk.admin.get(`${path}/learning`)).body).toEqual({
    learnFromConversations: false,
    since: null,
  });
  await desk.talk('+15551230101', question, answer);
  await desk.rest();
  expect(await desk.admin.post(`${path}/look-throughs`, { days: 30 })).toMatchObject({
    status: 409,
    body: { error: { code: 'learning_off' } },
  });
  expect((await desk.allow(true)).learnFromConversations).toBe(true);
  await desk.rest();
  expect(await desk.proposals()).toEqual([]);
  // Looked through because a member asks for it.
  expect(await desk.lookThrough(30)).toMatchObject({ state: 'done', total: 1, done: 1, found: 1 });
  expect(await desk.proposals()).toMatchObject([{ question, answer, asked: 1 }]);
  expect(
    (await desk.workspace.as('agent').put(`${path}/learning`, { learnFromConversations: true })).status,
  ).toBe(403);
});

it('what a member answers is proposed, counted where it is asked again, and known once it is accepted', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.talk('+15551230201', question, answer);
  await desk.talk('+15551230202', 'Hi! May I bring along my dog?', 'Sure, dogs are welcome on the terrace.');
  await desk.talk('+15551230203', 'Do you sell gift cards?', 'Your order 4711 has left the shop, Joe.');
  // A program with a key has not agreed to anything.
  await desk.talk(
    '+15551230204',
    'Where can I park?',
    'Parking is free behind the building.',
    desk.workspace.as('agent'),
  );
  expect(await desk.proposals()).toEqual([]);
  await desk.rest();
  const [proposal, ...others] = await desk.proposals();
  expect(others).toEqual([]);
  expect(proposal).toMatchObject({ state: 'proposed', question, answer, asked: 2, trainingDataId: null });
  const sealed = await desk.workspace.ctx.transaction((tx) =>
    tx.sql<{ content: Uint8Array }>('select content from knowledge_proposals'),
  );
  expect(Buffer.from(sealed[0]?.content ?? []).toString('latin1')).not.toContain('terrace');

  const ask = async () =>
    (await desk.admin.post<TrialAnswer>('/api/v1/assistant/answers', { question: 'Can dogs come along?' }))
      .body;
  expect(await ask()).toMatchObject({ outcome: 'handed_over' });
  const id = proposal?.id ?? '';
  const better = 'Dogs are welcome on the terrace.';
  const accepted = await decide(desk, id, { decision: 'accepted', answer: better });
  expect(accepted).toMatchObject({
    status: 200,
    body: { state: 'accepted', trainingDataId: expect.any(String) },
  });
  expect(await ask()).toMatchObject({ outcome: 'answered', text: better });
  const data = await desk.admin.get<TrainingDataDetail>(`${path}/${accepted.body.trainingDataId}`);
  expect(data.body).toMatchObject({
    kind: 'pair',
    question,
    answer: better,
    origin: { conversationId: proposal?.conversationId },
  });

  // Twice is once; another decision has to take this one back.
  expect((await decide(desk, id, { decision: 'accepted' })).body.trainingDataId).toBe(
    accepted.body.trainingDataId,
  );
  expect(await decide(desk, id, { decision: 'dismissed' })).toMatchObject({
    status: 409,
    body: { error: { code: 'proposal_decided' } },
  });
  expect((await desk.admin.delete(`${path}/proposals/${id}/decision`)).status).toBe(200);
  expect(await ask()).toMatchObject({ outcome: 'handed_over' });
  expect(await desk.proposals()).toMatchObject([{ id, trainingDataId: null, decidedBy: null }]);
});

it('what the knowledge answers already is not proposed', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.admin.post(path, { kind: 'pair', question, answer });
  await desk.talk('+15551230301', question, 'Yes, dogs may come to the terrace.');
  await desk.rest();
  expect(await desk.proposals()).toEqual([]);
});

it('what was dismissed never comes back', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.talk('+15551230401', question, answer);
  await desk.rest();
  const [proposal] = await desk.proposals();
  await decide(desk, proposal?.id ?? '', { decision: 'dismissed' });
  await desk.talk('+15551230402', 'Hello, can my dog come along?', 'Yes, we love dogs on our terrace.');
  await desk.rest();
  expect(await desk.lookThrough(365)).toMatchObject({ state: 'done', total: 2, found: 0 });
  expect(await desk.proposals()).toEqual([]);
  expect(await desk.proposals('dismissed')).toMatchObject([{ question, asked: 2 }]);
});

it('another workspace sees nothing of it, and can decide nothing', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.talk('+15551230501', question, answer);
  await desk.rest();
  const [proposal] = await desk.proposals();
  const other = await openDesk();
  await other.allow(true);
  expect(await other.proposals()).toEqual([]);
  expect((await decide(other, proposal?.id ?? '', { decision: 'accepted' })).status).toBe(404);
  expect(await desk.proposals()).toHaveLength(1);
});

it('what is private is not read, and a contact’s erasure takes its proposals along', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.talk('+15551230601', 'Do you repair bicycles?', 'We repair bicycles of every kind.');
  const conversations = async () =>
    (await desk.admin.get<{ items: Conversation[] }>('/api/v1/conversations')).body.items;
  const [kept] = await conversations();
  await desk.admin.put(`/api/v1/conversations/${kept?.id}`, { private: true });
  await desk.talk('+15551230602', question, answer);
  await desk.rest();
  const [proposal, ...others] = await desk.proposals();
  expect([proposal?.question, others]).toEqual([question, []]);
  await desk.workspace.ctx.transaction((tx) =>
    tx.sql('delete from contacts where id = (select contact_id from conversations where id = $1)', [
      proposal?.conversationId,
    ]),
  );
  expect(await desk.proposals()).toEqual([]);
  const left = await desk.workspace.ctx.transaction((tx) =>
    tx.sql('select proposal_id from knowledge_proposal_sources'),
  );
  expect(left).toEqual([]);
});

it('a look through can be cancelled, and switching off ends it', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.talk('+15551230701', question, answer);
  const canceled = await runningLookThrough(desk);
  expect(await desk.admin.post(`${path}/look-throughs`, { days: 30 })).toMatchObject({
    status: 409,
    body: { error: { code: 'look_through_running' } },
  });
  const stateOf = async (id: string) =>
    (await desk.admin.get<LookThrough>(`${path}/look-throughs/${id}`)).body.state;
  expect(await stateOf(canceled)).toBe('running');
  expect((await desk.admin.put(`${path}/look-throughs/${canceled}/cancellation`)).body).toMatchObject({
    state: 'canceled',
    finishedAt: expect.any(String),
  });
  expect(await stateOf(canceled)).toBe('canceled');
  const switchedOff = await runningLookThrough(desk);
  expect(await stateOf(switchedOff)).toBe('running');
  await desk.allow(false);
  expect(await stateOf(switchedOff)).toBe('canceled');
});

it('two workers on one look through count every conversation once', async () => {
  const desk = await openDesk();
  await desk.allow(true);
  await desk.talk('+15551230801', question, answer);
  const id = await runningLookThrough(desk);
  const run = { id: 'x', attempt: 0, isLastAttempt: false, signal: AbortSignal.timeout(30_000) };
  const work = () => look(desk.workspace.ctx, { lookThroughId: id }, run);
  await Promise.all([work(), work()]);
  expect((await desk.admin.get(`${path}/look-throughs/${id}`)).body).toMatchObject({
    state: 'done',
    done: 1,
    found: 1,
  });
});
