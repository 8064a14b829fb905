import type { Budget } from '@parley/contract/budgets';
import type { Model, ModelPage, ModelTest } from '@parley/contract/models';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { fixedClock } from '../../core/clock.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';
import { type Reservation, reserve, settle, settleOrphans } from './budget.ts';
import { readCatalogue } from './catalogue.ts';
import { composeAnswer } from './inference.ts';

const clock = fixedClock(Date.UTC(2026, 10, 20, 12));
const simulator = createOpenAiSimulator({ apiKey: 'sk-right' });
let test: TestApp;
/** Where nobody listens. */
let deserted: string;
beforeAll(async () => {
  await simulator.listen();
  const gone = createOpenAiSimulator();
  deserted = await gone.listen();
  await gone.close();
  test = await startTestApp({ clock, environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
afterEach(() => simulator.reset());
afterAll(async () => {
  await test.close();
  await simulator.close();
});

const input = (changes: object = {}) => ({
  name: 'Simulated',
  baseUrl: simulator.baseUrl,
  model: 'simulated',
  apiKey: 'sk-right',
  timeoutMs: 10_000,
  ...changes,
});

async function addModel(workspace: TestWorkspace, changes: object = {}): Promise<Model> {
  const made = await workspace.as('admin').post<Model>('/api/v1/models', input(changes));
  expect(made.status).toBe(201);
  return made.body;
}

/** Asks as the assistant does. */
function ask(
  workspace: TestWorkspace,
  preferredModelId: string | null,
  sensitivity: 'normal' | 'private' = 'normal',
) {
  return composeAnswer(
    workspace.ctx,
    {
      persona: { name: 'the assistant', instructions: '' },
      passages: [{ heading: 'When are you open?', text: 'From 9 to 18 on weekdays.', language: 'en' }],
      history: [{ sender: 'contact', text: 'When are you open?' }],
      language: 'en',
    },
    { preferredModelId, sensitivity, purpose: 'test', signal: AbortSignal.timeout(30_000) },
  );
}

const builtIn = 'parley/builtin';

/** Holds money alone, for nobody; null where there is no room. */
async function hold(workspace: TestWorkspace, micros: number): Promise<Reservation | null> {
  const { caps } = await workspace.ctx.transaction(readCatalogue);
  const nobody = { modelId: null, model: null, conversationId: null, contactId: null };
  const amounts = { money: micros, tokens: 0, segments: 0 };
  const held = await reserve(workspace.ctx, caps, { kind: 'model', purpose: 'test', ...nobody }, amounts);
  return 'refused' in held ? null : held;
}
const settleAt = (workspace: TestWorkspace, held: Reservation, costMicros: number) =>
  settle(workspace.ctx, held, { costMicros, inputTokens: 0, outputTokens: 0, segments: 0 });

describe('a model', () => {
  it('is added, read, changed and removed, and its key is never shown', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const made = await addModel(workspace);
    expect(made).toMatchObject({ name: 'Simulated', hasApiKey: true, local: false, enabled: true });
    const path = `/api/v1/models/${made.id}`;
    const { apiKey: _, ...withoutKey } = input({ name: 'Renamed' });
    const renamed = await admin.put<Model>(path, withoutKey);
    expect(renamed.body).toMatchObject({ name: 'Renamed', hasApiKey: true });
    const page = await admin.get<ModelPage>('/api/v1/models');
    expect(page.body).toEqual({ items: [renamed.body], nextCursor: null, builtIn: { name: builtIn } });
    for (const answer of [made, renamed.body, page.body, (await admin.get(path)).body]) {
      expect(JSON.stringify(answer)).not.toContain('sk-right');
    }
    const stored = await workspace.ctx.transaction((tx) =>
      tx.sql<{ api_key: Uint8Array }>('select api_key from models'),
    );
    expect(Buffer.from(stored[0]?.api_key ?? []).includes('sk-right')).toBe(false);
    expect((await admin.put<Model>(path, input({ apiKey: null }))).body.hasApiKey).toBe(false);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
  });

  it('gives its key to no other host without being told it anew', async () => {
    const workspace = await test.workspace();
    const made = await addModel(workspace);
    const { apiKey: _, ...moved } = input({ baseUrl: 'https://elsewhere.example/v1' });
    const refused = await workspace.as('admin').put(`/api/v1/models/${made.id}`, moved);
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'body.apiKey' }] } },
    });
  });

  it('is local only where the operator named its host', async () => {
    const admin = (await test.workspace()).as('admin');
    const refused = await admin.post(
      '/api/v1/models',
      input({ baseUrl: 'https://api.openai.com/v1', local: true }),
    );
    expect(refused).toMatchObject({ status: 400, body: { error: { details: [{ path: 'body.local' }] } } });
    expect((await admin.post('/api/v1/models', input({ local: true }))).status).toBe(201);
  });

  it('of another workspace does not exist here', async () => {
    const [mine, theirs] = await Promise.all([test.workspace(), test.workspace()]);
    const { id } = await addModel(theirs);
    const admin = mine.as('admin');
    expect((await admin.get(`/api/v1/models/${id}`)).status).toBe(404);
    expect((await admin.put(`/api/v1/models/${id}`, input())).status).toBe(404);
    expect((await admin.delete(`/api/v1/models/${id}`)).status).toBe(404);
    expect((await admin.post(`/api/v1/models/${id}/tests`)).status).toBe(404);
    const answer = await ask(mine, id);
    expect([answer.model, simulator.ledger()]).toEqual([builtIn, []]);
  });

  it('that is tested says in words what is wrong with it', async () => {
    const workspace = await test.workspace();
    const tested = async (changes: object) => {
      const { id } = await addModel(workspace, changes);
      const answer = await workspace.as('admin').post<ModelTest>(`/api/v1/models/${id}/tests`);
      expect(answer.status).toBe(200);
      expect(answer.body.answer !== null).toBe(answer.body.ok);
      return answer.body.code;
    };
    expect(await tested({})).toBe('ok');
    expect(await tested({ apiKey: 'sk-wrong' })).toBe('credentials_refused');
    expect(await tested({ baseUrl: deserted })).toBe('unreachable');
    expect(await tested({ baseUrl: 'http://10.0.0.1/v1' })).toBe('address_forbidden');
    expect(await tested({ baseUrl: simulator.baseUrl.replace('/v1', '/v2') })).toBe('request_refused');
    for (const [fault, code] of [
      ['429', 'rate_limited'],
      ['500', 'provider_error'],
      ['hang', 'timed_out'],
      ['reset', 'timed_out'],
      ['nonsense', 'unreadable_answer'],
      ['empty', 'empty_answer'],
      ['filtered', 'filtered'],
    ] as const) {
      simulator.reset();
      simulator.fault(fault);
      expect(await tested(fault === 'hang' ? { timeoutMs: 500 } : {})).toBe(code);
    }
  });
});

describe('an answer', () => {
  it('comes from the built-in model where no other is preferred', async () => {
    const workspace = await test.workspace();
    await addModel(workspace);
    const answer = await ask(workspace, null);
    expect(answer).toMatchObject({
      text: 'From 9 to 18 on weekdays.',
      handOver: false,
      costMicros: 0,
      model: builtIn,
    });
    expect(answer.reasons).toMatchObject([{ decision: 'answered', reason: 'preferred', modelId: null }]);
    expect([...answer.cited]).toEqual([0]);
    expect(simulator.ledger()).toEqual([]);
  });

  it('comes from the preferred model, which sees what was said as data', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, { outputTokensMax: 77 });
    simulator.answerWith('From nine to six. [[P1]]');
    const answer = await ask(workspace, id);
    expect(answer).toMatchObject({ text: 'From nine to six.', model: 'Simulated', handOver: false });
    expect(answer.reasons).toMatchObject([{ modelId: id, decision: 'answered', reason: 'preferred' }]);
    expect(answer.inputTokens).toBeGreaterThan(0);
    expect(simulator.ledger()).toMatchObject([{ apiKey: 'sk-right', outputTokensMax: 77 }]);
  });

  it.each([
    ['500', 'provider_error'],
    ['429', 'rate_limited'],
    ['hang', 'timed_out'],
    ['reset', 'timed_out'],
    ['nonsense', 'unreadable_answer'],
    ['empty', 'empty_answer'],
    ['filtered', 'filtered'],
  ] as const)('falls back to the built-in model on %s, and says why', async (fault, reason) => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, fault === 'hang' ? { timeoutMs: 500 } : {});
    simulator.fault(fault, null);
    const answer = await ask(workspace, id);
    expect(answer).toMatchObject({ text: 'From 9 to 18 on weekdays.', model: builtIn });
    expect(answer.reasons).toMatchObject([
      { modelId: id, decision: 'failed', reason },
      { modelId: null, decision: 'answered', reason: 'fallback' },
    ]);
  });

  it('is asked for once more after a refusal that may pass', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    simulator.fault('500', 1);
    expect(await ask(workspace, id)).toMatchObject({ model: 'Simulated' });
    expect(simulator.ledger()).toHaveLength(2);
  });

  it('comes from the next enabled model before the built-in one', async () => {
    const workspace = await test.workspace();
    await addModel(workspace, { name: 'Off', enabled: false });
    const down = await addModel(workspace, { name: 'Down', baseUrl: deserted });
    const next = await addModel(workspace, { name: 'Next' });
    const answer = await ask(workspace, down.id);
    expect(answer.reasons).toMatchObject([
      { modelId: down.id, decision: 'failed', reason: 'unreachable' },
      { modelId: next.id, decision: 'answered', reason: 'next_in_line' },
    ]);
  });

  it('to private content comes from local models only: nothing else hears a word', async () => {
    const workspace = await test.workspace();
    const remote = await addModel(workspace, { name: 'Remote' });
    const first = await ask(workspace, remote.id, 'private');
    expect(first).toMatchObject({ model: builtIn });
    expect(first.reasons).toMatchObject([
      { modelId: remote.id, decision: 'skipped', reason: 'private_content' },
      { modelId: null, decision: 'answered', reason: 'fallback' },
    ]);
    expect(simulator.ledger()).toEqual([]);
    await addModel(workspace, { name: 'Local', local: true });
    expect(await ask(workspace, remote.id, 'private')).toMatchObject({ model: 'Local' });
    expect(simulator.ledger()).toHaveLength(1);
  });

  it('does not wait for an endpoint that failed several times in a row', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace);
    simulator.fault('nonsense', null);
    for (let count = 0; count < 5; count += 1) await ask(workspace, id);
    const calls = simulator.ledger().length;
    const answer = await ask(workspace, id);
    expect(answer.reasons).toMatchObject([
      { decision: 'skipped', reason: 'circuit_open' },
      { modelId: null },
    ]);
    expect(simulator.ledger()).toHaveLength(calls);
  });

  it('is given up when the caller gives up', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, { timeoutMs: 45_000 });
    simulator.fault('hang', null);
    const caller = new AbortController();
    const asked = composeAnswer(
      workspace.ctx,
      {
        persona: { name: 'x', instructions: '' },
        passages: [],
        history: [{ sender: 'contact', text: 'hi' }],
        language: 'en',
      },
      { preferredModelId: id, sensitivity: 'normal', purpose: 'test', signal: caller.signal },
    );
    await test.until('the model to be asked', async () => simulator.ledger().length > 0);
    caller.abort(new Error('the job is over'));
    await expect(asked).rejects.toThrow('the job is over');
  });
});

describe('the budget', () => {
  const setLimit = (workspace: TestWorkspace, limitMicros: number | null) =>
    workspace.as('admin').put<Budget>('/api/v1/budget', { limitMicros });
  const read = async (workspace: TestWorkspace) =>
    (await workspace.as('viewer').get<Budget>('/api/v1/budget')).body;
  /** A dollar a thousand tokens, to see something move. */
  const prices = { inputPriceMicros: 1_000_000_000, outputPriceMicros: 1_000_000_000 };

  it('is charged what a call did cost, and nothing stays reserved', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, prices);
    expect(await read(workspace)).toEqual({
      month: '2026-11',
      limitMicros: null,
      spentMicros: 0,
      reservedMicros: 0,
    });
    const answer = await ask(workspace, id);
    const cost = (answer.inputTokens + answer.outputTokens) * 1000;
    expect(answer.costMicros).toBe(cost);
    expect(await read(workspace)).toMatchObject({ spentMicros: cost, reservedMicros: 0 });
  });

  it('that has no room lets the built-in model answer, which is free', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, prices);
    expect((await setLimit(workspace, 1000)).body).toMatchObject({ limitMicros: 1000, month: '2026-11' });
    const answer = await ask(workspace, id);
    expect(answer).toMatchObject({ model: builtIn, costMicros: 0 });
    expect(answer.reasons).toMatchObject([
      { decision: 'skipped', reason: 'budget_exhausted' },
      { modelId: null },
    ]);
    expect(simulator.ledger()).toEqual([]);
    expect(await read(workspace)).toMatchObject({ spentMicros: 0, reservedMicros: 0 });
  });

  it('is charged nothing for a refusal, and the whole reservation where the outcome is not known', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, prices);
    simulator.fault('500', null);
    expect(await ask(workspace, id)).toMatchObject({ costMicros: 0 });
    expect(await read(workspace)).toMatchObject({ spentMicros: 0, reservedMicros: 0 });
    simulator.reset();
    simulator.fault('hang', null);
    const other = await test.workspace();
    const hanging = await addModel(other, { ...prices, timeoutMs: 500 });
    const { costMicros } = await ask(other, hanging.id);
    expect(costMicros).toBeGreaterThan(400_000);
    expect(await read(other)).toMatchObject({ spentMicros: costMicros, reservedMicros: 0 });
  });

  it('is never exceeded, however many ask at once', async () => {
    const workspace = await test.workspace();
    await setLimit(workspace, 1000);
    const held = await Promise.all(Array.from({ length: 40 }, () => hold(workspace, 90)));
    const granted = held.filter((reservation) => reservation !== null);
    expect(granted).toHaveLength(11);
    expect(await read(workspace)).toMatchObject({ spentMicros: 0, reservedMicros: 990 });
    await Promise.all(
      granted.flatMap((reservation) => [1, 2].map(() => settleAt(workspace, reservation, 50))),
    );
    expect(await read(workspace)).toMatchObject({ spentMicros: 550, reservedMicros: 0 });
    const again = await Promise.all(Array.from({ length: 40 }, () => hold(workspace, 90)));
    expect(again.filter((reservation) => reservation !== null)).toHaveLength(5);
  });

  it('is never exceeded by whole answers that race for its rest', async () => {
    const workspace = await test.workspace();
    const { id } = await addModel(workspace, prices);
    const { costMicros } = await ask(workspace, id);
    const limit = (costMicros ?? 0) + 4_500_000;
    await setLimit(workspace, limit);
    const release = simulator.hold();
    const answers = Array.from({ length: 12 }, () => ask(workspace, id));
    await test.until('some to be asked', async () => simulator.ledger().length > 1);
    const during = await read(workspace);
    expect(during.spentMicros + during.reservedMicros).toBeLessThanOrEqual(limit);
    release();
    const models = (await Promise.all(answers)).map(({ model }) => model);
    expect(new Set(models)).toEqual(new Set(['Simulated', builtIn]));
    const after = await read(workspace);
    expect(after.spentMicros).toBeLessThanOrEqual(limit);
    expect(after.reservedMicros).toBe(0);
  });

  it('counts the reservations of a killed process as spent after ten minutes, once', async () => {
    const workspace = await test.workspace();
    await setLimit(workspace, 1000);
    const lost = await hold(workspace, 300);
    expect(lost).not.toBeNull();
    clock.advance(9 * 60_000);
    await settleOrphans(test.kernel.systemContext());
    expect(await read(workspace)).toMatchObject({ spentMicros: 0, reservedMicros: 300 });
    clock.advance(2 * 60_000);
    await Promise.all([
      settleOrphans(test.kernel.systemContext()),
      settleOrphans(test.kernel.systemContext()),
    ]);
    expect(await read(workspace)).toMatchObject({ spentMicros: 300, reservedMicros: 0 });
    if (lost) await settleAt(workspace, lost, 10);
    expect(await read(workspace)).toMatchObject({ spentMicros: 300, reservedMicros: 0 });
  });

  it('starts anew with the month, under the same limit', async () => {
    const workspace = await test.workspace();
    await setLimit(workspace, 1000);
    const spent = await hold(workspace, 900);
    if (spent) await settleAt(workspace, spent, 900);
    expect(await hold(workspace, 900)).toBeNull();
    clock.set(Date.UTC(2026, 11, 1));
    expect(await read(workspace)).toEqual({
      month: '2026-12',
      limitMicros: 1000,
      spentMicros: 0,
      reservedMicros: 0,
    });
    expect(await hold(workspace, 900)).not.toBeNull();
    expect(await hold(workspace, 900)).toBeNull();
  });

  it('is set by admins only', async () => {
    const workspace = await test.workspace();
    expect((await workspace.as('agent').put('/api/v1/budget', { limitMicros: 1 })).status).toBe(403);
    expect((await setLimit(workspace, -1)).status).toBe(400);
  });
});
