import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { startTwilio, type TestTwilio } from '../../../test/twilio.ts';
import type { TransactionContext } from '../../core/context.ts';
import { whileLocked } from './locked-work.ts';

let twilio: TestTwilio;
let test: TestApp;
let workspace: TestWorkspace;
let ids: string[];
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({ environment: twilio.environment });
  workspace = await test.workspace();
  await workspace.as('admin').put('/api/v1/assistant', {
    policy: 'off',
    persona: '',
    burstWaitMs: 0,
    repliesPerHourMax: 20,
    modelId: null,
  });
  await twilio.connectTwilio(workspace, { country: 'US' });
  for (const end of ['01', '02', '03', '04']) await twilio.text({ from: `+155512302${end}`, body: 'Hello' });
  await test.settled();
  const rows = await workspace.ctx.transaction((tx) =>
    tx.sql<{ id: string }>('select id from conversations order by id'),
  );
  ids = rows.map(({ id }) => id);
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const transactionOf = async (tx: TransactionContext) =>
  (await tx.sql<{ id: string }>('select pg_current_xact_id()::text as id'))[0]?.id;
const mark = (tx: TransactionContext, id: string, reason: string) =>
  tx.sql('update conversations set flag_reason = $2 where id = $1', [id, reason]);
const marks = async () => {
  const rows = await workspace.ctx.transaction((tx) =>
    tx.sql<{ flag_reason: string | null }>('select flag_reason from conversations order by id'),
  );
  return rows.map((row) => row.flag_reason);
};
const on = <Result>(conversationId: string | undefined, work: (tx: TransactionContext) => Promise<Result>) =>
  whileLocked(workspace.ctx, { conversationId: conversationId ?? '' }, work);

describe('work on locked conversations', () => {
  it('that is wanted at the same moment shares a transaction', async () => {
    const transactions = await Promise.all(ids.map((id) => on(id, transactionOf)));
    expect(transactions).toHaveLength(4);
    expect(new Set(transactions).size).toBe(1);
  });

  it('of the same conversation comes one after the other, by its own id and by a message of it', async () => {
    const [message] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ id: string }>('select id from messages where conversation_id = $1', [ids[0]]),
    );
    const steps: string[] = [];
    const steady = (name: string) => async (tx: TransactionContext) => {
      steps.push(`${name} begins`);
      await transactionOf(tx);
      await transactionOf(tx);
      steps.push(`${name} ends`);
    };
    await Promise.all([
      on(ids[0], steady('one')),
      whileLocked(workspace.ctx, { messageId: message?.id ?? '' }, steady('two')),
      on(ids[0], steady('three')),
    ]);
    expect(steps).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
  });

  it('leaves no trace of one that fails, and all of the others', async () => {
    const outcomes = await Promise.allSettled(
      ids.map((id, index) =>
        on(id, async (tx) => {
          await mark(tx, id, `work ${index}`);
          if (index === 2) await tx.sql('select 1 / 0');
          return index;
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await marks()).toEqual(['work 0', 'work 1', null, 'work 3']);
  });

  it('does what each wants on behalf of its own request', async () => {
    const requests = await Promise.all(
      ids.map((id, index) => {
        const ctx = workspace.ctx.as(workspace.ctx.actor, `request-${index}`);
        return whileLocked(ctx, { conversationId: id }, async (tx) => tx.requestId);
      }),
    );
    expect(requests).toEqual(['request-0', 'request-1', 'request-2', 'request-3']);
  });

  it('that many want in opposite orders waits, and never in a circle', async () => {
    const rounds = Array.from({ length: 30 }, (_, round) => (round % 2 === 0 ? ids : ids.toReversed()));
    await Promise.all(
      rounds.flatMap((order, round) => order.map((id) => on(id, (tx) => mark(tx, id, `round ${round}`)))),
    );
    expect(await marks()).toEqual(ids.map(() => expect.stringMatching(/^round \d+$/)));
    expect(test.logged.filter((line) => line.includes('deadlock'))).toEqual([]);
  });
});
