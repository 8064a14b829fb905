import {
  type Cap,
  type CapInput,
  type SpendingPurpose,
  spendingPurposes,
  type Usage,
} from '@parley/contract/budgets';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { fixedClock } from '../../core/clock.ts';
import { newId } from '../../core/identifiers.ts';
import { type Reservation, reserve, settle, settleOrphans } from './budget.ts';
import { readCatalogue } from './catalogue.ts';

const start = Date.UTC(2026, 10, 20, 12);
const clock = fixedClock(start);
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

interface Spend {
  readonly contactId?: string;
  readonly money?: number;
  readonly tokens?: number;
  readonly purpose?: SpendingPurpose;
}

async function hold(workspace: TestWorkspace, { contactId, money = 0, tokens = 0, purpose = 'run' }: Spend) {
  const { caps } = await workspace.ctx.transaction(readCatalogue);
  const spending = {
    kind: 'model' as const,
    purpose,
    modelId: null,
    model: 'm',
    conversationId: null,
    contactId: contactId ?? null,
  };
  return reserve(workspace.ctx, caps, spending, { money, tokens, segments: 0 });
}
const isHeld = (held: Awaited<ReturnType<typeof hold>>): held is Reservation => !('refused' in held);
const close = (workspace: TestWorkspace, held: Reservation, money: number, tokens: number) =>
  settle(workspace.ctx, held, { costMicros: money, inputTokens: tokens, outputTokens: 0, segments: 0 });

const setCap = async (workspace: TestWorkspace, input: Partial<CapInput>) => {
  const whole = { scope: 'workspace', period: 'day', unit: 'money', limit: 100, ...input };
  const made = await workspace.as('admin').post<Cap>('/api/v1/budget-caps', whole);
  expect(made.status).toBe(201);
  return made.body;
};
const caps = async (workspace: TestWorkspace) =>
  (await workspace.as('viewer').get<{ items: Cap[] }>('/api/v1/budget-caps')).body.items;

describe('a cap', () => {
  it('is never exceeded by 100 concurrent runs, whatever they hold and spend, and the books add up', async () => {
    const run = fc.record({
      money: fc.integer({ min: 1, max: 60 }),
      tokens: fc.integer({ min: 1, max: 60 }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
      contact: fc.integer({ min: 0, max: 3 }),
    });
    const limits = fc.record({
      month: fc.integer({ min: 0, max: 2000 }),
      tokens: fc.integer({ min: 0, max: 2000 }),
      contact: fc.integer({ min: 0, max: 500 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 100, maxLength: 100 }), limits, async (runs, limit) => {
        const workspace = await test.workspace();
        const contacts = [0, 1, 2, 3].map(() => newId());
        await setCap(workspace, { period: 'month', limit: limit.month });
        await setCap(workspace, { unit: 'tokens', limit: limit.tokens });
        await setCap(workspace, { scope: 'contact', limit: limit.contact });
        let during = 0;
        const done = await Promise.all(
          runs.map(async ({ money, tokens, used, contact }) => {
            const held = await hold(workspace, { money, tokens, contactId: contacts[contact] ?? '' });
            if (!isHeld(held)) return null;
            during = Math.max(during, ...(await counters(workspace)).map((row) => row.over));
            const spent = { money: Math.floor(money * used), tokens: Math.floor(tokens * used), contact };
            await close(workspace, held, spent.money, spent.tokens);
            return spent;
          }),
        );
        const spent = done.filter((one) => one !== null);
        const sum = (of: (one: (typeof spent)[number]) => number) =>
          spent.reduce((all, one) => all + of(one), 0);
        expect(during).toBeLessThanOrEqual(0);
        for (const row of await counters(workspace)) {
          expect(row.reserved).toBe(0);
          expect(row.over).toBeLessThanOrEqual(0);
        }
        expect(await caps(workspace)).toMatchObject([
          { spent: sum((one) => one.money), reserved: 0 },
          { spent: sum((one) => one.tokens), reserved: 0 },
          { spent: null },
        ]);
        for (const at of [0, 1, 2, 3])
          expect(sum((one) => (one.contact === at ? one.money : 0))).toBeLessThanOrEqual(limit.contact);
      }),
      { numRuns: 5 },
    );
  }, 120_000);

  const counters = async (workspace: TestWorkspace) =>
    (
      await workspace.ctx.transaction((tx) =>
        tx.sql<{ reserved: string; over: string }>(
          `select c.reserved, c.spent + c.reserved - b.limit_amount as over
           from budget_counters c join budget_caps b on b.id = c.cap_id where c.spent + c.reserved > 0`,
        ),
      )
    ).map((row) => ({ reserved: Number(row.reserved), over: Number(row.over) }));

  it('holds all that a call counts against, or nothing', async () => {
    const workspace = await test.workspace();
    await setCap(workspace, { limit: 1000 });
    await setCap(workspace, { unit: 'tokens', limit: 10, whenReached: 'stop' });
    expect(await hold(workspace, { money: 5, tokens: 11 })).toEqual({
      refused: 'budget_exhausted',
      whenReached: 'stop',
    });
    expect(await caps(workspace)).toMatchObject([{ reserved: 0 }, { reserved: 0 }]);
  });

  it('counts what was spent before it was there, and begins anew with its period', async () => {
    const workspace = await test.workspace();
    const before = await hold(workspace, { money: 70 });
    if (isHeld(before)) await close(workspace, before, 60, 0);
    await setCap(workspace, { limit: 100 });
    expect(isHeld(await hold(workspace, { money: 41 }))).toBe(false);
    expect(isHeld(await hold(workspace, { money: 40 }))).toBe(true);
    clock.advance(12 * 3_600_000);
    expect(isHeld(await hold(workspace, { money: 100 }))).toBe(true);
    expect(isHeld(await hold(workspace, { money: 1 }))).toBe(false);
    clock.set(start);
  });

  it('of the assistant counts from the day that it is set what it counts later: answers and chats, and no trials', async () => {
    const [before, after] = [await test.workspace(), await test.workspace()];
    const spendOnAll = async (workspace: TestWorkspace) => {
      for (const purpose of spendingPurposes) {
        const held = await hold(workspace, { money: 10, purpose });
        if (isHeld(held)) await close(workspace, held, 10, 0);
      }
    };
    await spendOnAll(before);
    for (const workspace of [before, after]) await setCap(workspace, { scope: 'assistant', limit: 1000 });
    await spendOnAll(after);
    await hold(before, { money: 1, purpose: 'chat' });
    await hold(after, { money: 1, purpose: 'chat' });
    expect(await caps(before)).toMatchObject([{ spent: 20, reserved: 1 }]);
    expect(await caps(after)).toMatchObject([{ spent: 20, reserved: 1 }]);
  });

  it('warns once when so much of it is held, and says once that it has no room', async () => {
    const workspace = await test.workspace();
    const { id } = await setCap(workspace, { warnPercent: 50 });
    const told = async () => (await caps(workspace)).map(({ warned, reached }) => [warned, reached]);
    expect(await told()).toEqual([[0, 0]]);
    for (const money of [40, 20, 20, 50, 50]) await hold(workspace, { money });
    expect(await told()).toEqual([[1, 1]]);
    await test.settled();
    const events = (await test.kernel.events.read(null, 0, 10_000)).filter(
      ({ payload }) => payload.capId === id,
    );
    expect(events.map(({ type }) => type)).toEqual(['budget.changed', 'budget.warned', 'budget.reached']);
  });

  it('of what a killed process held counts it as spent, once', async () => {
    const workspace = await test.workspace();
    await setCap(workspace, { limit: 100 });
    await setCap(workspace, { unit: 'tokens', limit: 100 });
    await hold(workspace, { money: 30, tokens: 40 });
    clock.advance(11 * 60_000);
    await Promise.all([1, 2].map(() => settleOrphans(test.kernel.systemContext())));
    expect(await caps(workspace)).toMatchObject([
      { spent: 30, reserved: 0 },
      { spent: 40, reserved: 0 },
    ]);
    clock.set(start);
  });

  it('that is changed during a call lets the call be settled, also where its process is gone', async () => {
    const open = (workspace: TestWorkspace) =>
      workspace.ctx.transaction((tx) => tx.sql('select 1 from ledger where settled_at is null'));
    for (const ends of ['settled', 'orphaned']) {
      const workspace = await test.workspace();
      const { id } = await setCap(workspace, { limit: 1000 });
      const change = async (unit: string) => {
        const input = { scope: 'workspace', period: 'day', unit, limit: 1000 };
        expect((await workspace.as('admin').put(`/api/v1/budget-caps/${id}`, input)).status).toBe(200);
      };
      const before = await hold(workspace, { money: 50, tokens: 60 });
      await change('tokens');
      const between = await hold(workspace, { tokens: 2 });
      if (ends === 'settled' && isHeld(before)) {
        await close(workspace, before, 40, 30);
        // It held money: what others hold of the tokens stays theirs.
        expect(await caps(workspace)).toMatchObject([{ spent: 60, reserved: 2 }]);
      }
      await change('money');
      const after = await hold(workspace, { money: 1 });
      expect([before, between, after].every(isHeld)).toBe(true);
      if (ends === 'settled') {
        for (const held of [between, after]) if (isHeld(held)) await close(workspace, held, 1, 1);
      } else {
        clock.advance(11 * 60_000);
        await settleOrphans(test.kernel.systemContext());
        clock.set(start);
      }
      expect(await open(workspace)).toEqual([]);
      expect(await caps(workspace)).toMatchObject([{ reserved: 0 }]);
    }
  });

  it('is changed and removed by admins, exists once, and names only contacts that are here', async () => {
    const workspace = await test.workspace();
    const admin = workspace.as('admin');
    const made = await setCap(workspace, {});
    const again = { scope: 'workspace', period: 'day', unit: 'money', limit: 7 };
    expect((await admin.post('/api/v1/budget-caps', again)).status).toBe(409);
    expect((await admin.put(`/api/v1/budget-caps/${made.id}`, again)).body).toMatchObject({
      limit: 7,
      spent: 0,
    });
    expect((await workspace.as('agent').delete(`/api/v1/budget-caps/${made.id}`)).status).toBe(403);
    const strange = { ...again, scope: 'contact', subjectId: newId() };
    expect((await admin.post('/api/v1/budget-caps', strange)).status).toBe(404);
    expect((await admin.post('/api/v1/budget-caps', { ...strange, scope: 'assistant' })).status).toBe(400);
    expect((await admin.delete(`/api/v1/budget-caps/${made.id}`)).status).toBe(204);
    expect(isHeld(await hold(workspace, { money: 1_000_000 }))).toBe(true);
  });
});

describe('usage', () => {
  it('is summed up by day, model, contact and purpose; nothing that happened is nothing that was spent', async () => {
    const workspace = await test.workspace();
    const read = async (by: string) =>
      (await workspace.as('viewer').get<Usage>(`/api/v1/usage?by=${by}`)).body.items;
    expect(await read('day')).toEqual([]);
    const contactId = newId();
    for (const [money, tokens] of [
      [10, 3],
      [20, 4],
    ] as const) {
      const held = await hold(workspace, { contactId, money, tokens });
      if (isHeld(held)) await close(workspace, held, money, tokens);
    }
    await hold(workspace, { money: 99 });
    const sums = { calls: 2, costMicros: 30, unpricedCalls: 0, inputTokens: 7, outputTokens: 0, segments: 0 };
    expect(await read('day')).toEqual([{ key: '2026-11-20', name: null, ...sums }]);
    expect(await read('model')).toMatchObject([{ name: 'm', ...sums }]);
    expect(await read('contact')).toMatchObject([{ key: contactId, ...sums }]);
    expect(await read('conversation')).toMatchObject([{ key: null, ...sums }]);
    expect(await read('purpose')).toMatchObject([{ key: 'run', ...sums }]);
  });
});
