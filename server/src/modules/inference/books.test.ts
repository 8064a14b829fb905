import type { Cap } from '@parley/contract/budgets';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { fixedClock } from '../../core/clock.ts';
import { newId } from '../../core/identifiers.ts';
import { reserve, settle, settleOrphans } from './budget.ts';
import { readCatalogue } from './catalogue.ts';
import { segmentBooks } from './segments.ts';

const start = Date.UTC(2026, 10, 20, 12);
const clock = fixedClock(start);
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ clock });
});
afterAll(() => test.close());

const contacts = [0, 1, 2].map(() => newId());
const spending = fc.oneof(
  fc.record({
    kind: fc.constant('model' as const),
    purpose: fc.constantFrom('run' as const, 'chat' as const, 'api' as const, 'check' as const),
    contact: fc.option(fc.constantFrom(...contacts)),
    money: fc.option(fc.integer({ min: 0, max: 60 })),
    tokens: fc.integer({ min: 1, max: 60 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    isLost: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('sms' as const),
    purpose: fc.constantFrom('run' as const, 'send' as const),
    contact: fc.constantFrom(...contacts),
    segments: fc.integer({ min: 1, max: 6 }),
    isGivenBack: fc.boolean(),
  }),
);
type Spending = typeof spending extends fc.Arbitrary<infer One> ? One : never;

const kindsOfCaps = (['workspace', 'assistant', 'contact'] as const).flatMap((scope) =>
  (['money', 'tokens', 'segments'] as const).map((unit) => ({ scope, unit })),
);
const limits = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 9, maxLength: 9 });

async function setCaps(workspace: TestWorkspace, amounts: readonly number[]): Promise<void> {
  for (const [at, kind] of kindsOfCaps.entries()) {
    const limit = kind.unit === 'segments' ? Math.ceil((amounts[at] ?? 0) / 8) : amounts[at];
    const cap = { ...kind, period: at % 2 === 0 ? 'day' : 'month', limit };
    expect((await workspace.as('admin').post<Cap>('/api/v1/budget-caps', cap)).status).toBe(201);
  }
}

async function spend({ ctx }: TestWorkspace, one: Spending): Promise<void> {
  const whom = { purpose: one.purpose, conversationId: null, contactId: one.contact };
  if (one.kind === 'sms') {
    const messageId = newId();
    const sent = { ...one, messageId, conversationId: newId(), contactId: one.contact };
    const hadRoom = await ctx.transaction((tx) => segmentBooks.spend(tx, sent));
    if (hadRoom && one.isGivenBack) await ctx.transaction((tx) => segmentBooks.giveBack(tx, messageId));
    return;
  }
  const { caps } = await ctx.transaction(readCatalogue);
  // Without a price nobody is asked under such caps: free, or not.
  const amounts = { money: one.money ?? 0, tokens: one.tokens, segments: 0 };
  const held = await reserve(ctx, caps, { kind: 'model', modelId: null, model: 'm', ...whom }, amounts);
  if ('refused' in held || one.isLost) return;
  const part = (amount: number) => Math.floor(amount * one.used);
  const spent = {
    costMicros: part(amounts.money),
    inputTokens: part(one.tokens),
    outputTokens: 0,
    segments: 0,
  };
  await settle(ctx, held, spent);
}

interface CounterRow {
  scope: 'workspace' | 'assistant' | 'contact';
  unit: 'money' | 'tokens' | 'segments';
  subject: string;
  most: number;
  spent: number;
  reserved: number;
}

const counters = (workspace: TestWorkspace) =>
  workspace.ctx.transaction((tx) =>
    tx.sql<CounterRow>(
      `select scope, unit, c.subject_id as subject, limit_amount::int as most, spent::int, reserved::int
       from budget_counters c join budget_caps b on b.id = c.cap_id`,
    ),
  );

/** What the ledger says of a counter, told here in other words than the code's. */
async function summed(workspace: TestWorkspace, { scope, unit, subject }: CounterRow): Promise<number> {
  const rows = await workspace.ctx.transaction((tx) =>
    tx.sql<{ purpose: string; contact: string | null; money: number; tokens: number; segments: number }>(
      `select purpose, contact_id as contact, cost_micros::int as money,
         (input_tokens + output_tokens)::int as tokens, segments from ledger`,
    ),
  );
  const counts = {
    workspace: () => true,
    assistant: ({ purpose }: { purpose: string }) => purpose === 'run' || purpose === 'chat',
    contact: ({ contact }: { contact: string | null }) => contact === subject,
  }[scope];
  return rows.filter(counts).reduce((sum, row) => sum + row[unit], 0);
}

it('no cap is ever exceeded by 100 concurrent spendings of every kind, and the books close to the sum of the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(spending, { minLength: 100, maxLength: 100 }),
      limits,
      async (spendings, amounts) => {
        clock.set(start);
        const workspace = await test.workspace();
        await setCaps(workspace, amounts);
        const over = async () =>
          (await counters(workspace)).filter(({ spent, reserved, most }) => spent + reserved > most);
        await Promise.all(
          spendings.map(async (one, at) => {
            await spend(workspace, one);
            if (at % 10 === 0) expect(await over()).toEqual([]);
          }),
        );
        clock.advance(11 * 60_000);
        await settleOrphans(test.kernel.systemContext());
        expect(await over()).toEqual([]);
        for (const row of await counters(workspace))
          expect({ ...row, reserved: 0, spent: await summed(workspace, row) }).toEqual(row);
      },
    ),
    { numRuns: 5, seed: 20_261_130 },
  );
}, 180_000);
