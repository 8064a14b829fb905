// What may be spent: held before a call, settled after it, under every cap that it counts against. A call that costs nothing
// and counts against nothing is written down when it is over (ledger.ts).
//
// A call whose outcome is not known (it timed out, or its process was killed) may have been billed, so it counts as
// spent at the whole of what was held: the books err on the side of having spent too much, never of spending more.
import type { WhenReached } from '@parley/contract/budgets';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { defineJob } from '../../core/queue.ts';
import {
  type Amounts,
  assistantPurposes,
  type Cap,
  type Hold,
  holdsFor,
  type Spender,
  strictest,
} from './holds.ts';
import type { Spending, Spent } from './ledger.ts';
import { lockRoom, type Quota, takeRequest } from './quotas.ts';

const capEvent = {
  permission: 'assistant:read',
  payload: z.object({ capId: z.uuid(), subjectId: z.uuid(), startsOn: z.string() }),
} as const;
export const budgetWarned = defineEvent({
  type: 'budget.warned',
  doc: 'So much of a cap is spent or held that somebody should look: once in its period.',
  ...capEvent,
});
export const budgetReached = defineEvent({
  type: 'budget.reached',
  doc: 'Something was not done because a cap had no room for it: told once in its period.',
  ...capEvent,
});

/** What is held longer than this belongs to a process that is gone: no call takes so long. */
const orphanedAfterMs = 10 * 60_000;

export const releaseReservations = defineJob({
  name: 'inference.release-reservations',
  doc: 'Counts reservations as spent whose process is gone, and forgets old figures.',
  input: z.object({}),
  effect: 'system',
  retries: 2,
});

export interface Reservation {
  readonly id: string;
  readonly amounts: Amounts;
}

export interface Refusal {
  readonly refused: 'budget_exhausted' | 'quota_exhausted';
  readonly whenReached: WhenReached;
}

interface CounterRow {
  cap_id: string;
  subject_id: string;
  spent: string | number;
  reserved: string | number;
  warned: boolean;
  reached: boolean;
}

// A cap that is new in the middle of its period begins with what the ledger has; what is under way counts in full.
const openCounters = {
  name: 'budget_counters_open',
  text: `insert into budget_counters (workspace_id, cap_id, subject_id, starts_on, spent)
    select $1, h.cap, h.subject, h."on", coalesce((
      select sum(case h.unit
        when 'money' then case when l.settled_at is null then l.reserved_micros else l.cost_micros end
        when 'tokens' then case when l.settled_at is null then l.reserved_tokens
          when l.model_id is null then 0 else l.input_tokens + l.output_tokens end
        else l.segments end)
      from ledger l where l.workspace_id = $1 and l.created_at >= h."on"::timestamp at time zone 'UTC'
        and l.purpose <> 'consent'
        and (h.scope = 'workspace' or h.scope = 'assistant' and l.purpose = any($3::text[]) or h.scope = 'contact' and l.contact_id = h.subject)), 0)
    from jsonb_to_recordset($2::jsonb) as h(cap uuid, subject uuid, "on" date, unit text, scope text)
    where not exists (select 1 from budget_counters c
        where c.cap_id = h.cap and c.subject_id = h.subject and c.starts_on = h."on")
      and exists (select 1 from budget_caps where id = h.cap)
    order by h.cap, h.subject, h."on"
    on conflict do nothing`,
};

// The rows' locks make concurrent calls queue up here, and each sees the sum that the one before it left. Locked in one
// order by everybody, so that none waits for another in a circle.
const lockCounters = {
  name: 'budget_counters_lock',
  text: `select c.cap_id, c.subject_id, c.spent, c.reserved, c.warned, c.reached from budget_counters c
    join jsonb_to_recordset($1::jsonb) as h(cap uuid, subject uuid, "on" date)
      on c.cap_id = h.cap and c.subject_id = h.subject and c.starts_on = h."on"
    order by c.cap_id, c.subject_id, c.starts_on for update of c`,
};

const hold = {
  name: 'budget_counters_hold',
  text: `update budget_counters c set reserved = c.reserved + h.amount, warned = c.warned or h.warns
    from jsonb_to_recordset($1::jsonb) as h(cap uuid, subject uuid, "on" date, amount bigint, warns boolean)
    where c.cap_id = h.cap and c.subject_id = h.subject and c.starts_on = h."on"`,
};

const markReached = {
  name: 'budget_counters_reached',
  text: `update budget_counters c set reached = true
    from jsonb_to_recordset($1::jsonb) as h(cap uuid, subject uuid, "on" date)
    where c.cap_id = h.cap and c.subject_id = h.subject and c.starts_on = h."on"`,
};

const enter = {
  name: 'ledger_enter',
  text: `insert into ledger (id, workspace_id, kind, purpose, model_id, model, conversation_id, contact_id, holds,
      reserved_micros, reserved_tokens, created_at, message_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13)`,
};

const describeHold = ({ cap, subjectId, startsOn, amount }: Hold) => ({
  cap: cap.id,
  subject: subjectId,
  on: startsOn,
  unit: cap.unit,
  scope: cap.scope,
  amount,
});

/**
 * Holds what one call can spend at most, all of it or nothing, in a transaction of its own. The ledger has it as open until
 * it is settled.
 */
export async function reserve(
  ctx: Context,
  caps: readonly Cap[],
  spending: Spending,
  amounts: Amounts,
  quota: Quota | null = null,
): Promise<Reservation | Refusal> {
  const now = ctx.clock.date();
  const spender: Spender = { workspaceId: ctx.workspaceId, ...spending };
  const holds = holdsFor(caps, spender, amounts, now);
  return ctx.transaction(async (tx) => {
    const refusal = await findRoom(tx, holds, spending.modelId, quota);
    if (refusal) return refusal;
    const id = newId();
    tx.last(enter, [
      id,
      tx.workspaceId,
      spending.kind,
      spending.purpose,
      spending.modelId,
      spending.model,
      spending.conversationId,
      spending.contactId,
      JSON.stringify(holds.map(describeHold)),
      amounts.money,
      amounts.tokens,
      now,
      spending.messageId ?? null,
    ]);
    return { id, amounts };
  });
}

/** Takes the room where all of it is there. */
async function findRoom(
  tx: TransactionContext,
  holds: readonly Hold[],
  modelId: string | null,
  quota: Quota | null,
): Promise<Refusal | null> {
  const described = JSON.stringify(holds.map(describeHold));
  // Sent together, run in this order.
  const [, counters, mayBeAsked] = await Promise.all([
    holds.length > 0 ? tx.sql(openCounters, [tx.workspaceId, described, assistantPurposes]) : [],
    holds.length > 0 ? tx.sql<CounterRow>(lockCounters, [described]) : [],
    quota && modelId ? lockRoom(tx, modelId, quota) : true,
  ]);
  const found = new Map(counters.map((row) => [`${row.cap_id} ${row.subject_id}`, row]));
  const judged = holds.flatMap((one) => {
    const row = found.get(`${one.cap.id} ${one.subjectId}`);
    // A cap that was removed meanwhile holds nobody back.
    if (!row) return [];
    const sum = Number(row.spent) + Number(row.reserved) + one.amount;
    const warns = !row.warned && sum * 100 >= one.cap.limitAmount * one.cap.warnPercent;
    return [{ one, row, fits: sum <= one.cap.limitAmount, warns }];
  });
  const reached = judged.filter(({ fits }) => !fits);
  if (reached.length > 0) {
    const fresh = reached.filter(({ row }) => !row.reached).map(({ one }) => one);
    if (fresh.length > 0) tx.last(markReached, [JSON.stringify(fresh.map(describeHold))]);
    for (const one of fresh) tx.append(budgetReached, eventOf(one));
    return {
      refused: 'budget_exhausted',
      whenReached: strictest(reached.map(({ one }) => one.cap.whenReached)),
    };
  }
  if (!mayBeAsked) return { refused: 'quota_exhausted', whenReached: 'cheaper' };
  if (quota && modelId) takeRequest(tx, modelId);
  if (judged.length > 0) {
    const taken = judged.map(({ one, warns }) => ({ ...describeHold(one), warns }));
    tx.last(hold, [JSON.stringify(taken)]);
  }
  for (const { one } of judged.filter(({ warns }) => warns)) tx.append(budgetWarned, eventOf(one));
  return null;
}

const eventOf = ({ cap, subjectId, startsOn }: Hold) => ({ capId: cap.id, subjectId, startsOn });

// A cap that was changed meanwhile counts anew, perhaps in another unit, without what was held before: it has less to give
// back. What was under way counted in full when it began anew, so nothing is spent that is not counted.
const close = {
  name: 'ledger_settle',
  text: `with entry as (
      update ledger set settled_at = $2, cost_micros = $3, input_tokens = $4, output_tokens = $5, segments = $6
      where id = $1 and settled_at is null returning holds
    ), locked as (
      select c.cap_id, c.subject_id, c.starts_on, h.amount, h.unit from entry,
        jsonb_to_recordset(entry.holds) as h(cap uuid, subject uuid, "on" date, amount bigint, unit text)
        join budget_counters c on c.cap_id = h.cap and c.subject_id = h.subject and c.starts_on = h."on"
        join budget_caps b on b.id = h.cap and b.unit = h.unit
      order by c.cap_id, c.subject_id, c.starts_on for update of c
    )
    update budget_counters c set reserved = greatest(0, c.reserved - l.amount),
      spent = c.spent + case l.unit when 'money' then $3::bigint when 'tokens' then $4::bigint + $5::bigint else $6::bigint end
    from locked l where c.cap_id = l.cap_id and c.subject_id = l.subject_id and c.starts_on = l.starts_on`,
};

/** Closes an entry, once: later calls change nothing. */
export async function settle(
  ctx: Context,
  reservation: Pick<Reservation, 'id'>,
  spent: Spent,
): Promise<void> {
  const { costMicros, inputTokens, outputTokens, segments } = spent;
  await ctx.transaction((tx) =>
    tx.sql(close, [reservation.id, tx.clock.date(), costMicros, inputTokens, outputTokens, segments]),
  );
}

/** Settles orphaned reservations of every workspace at their whole amount. Returns how many there were. */
export async function settleOrphans(ctx: SystemContext): Promise<number> {
  const now = ctx.clock.now();
  const rows = await ctx.system((queries) =>
    queries.sql<{ count: number }>(
      `with entry as (
         update ledger set settled_at = $1, cost_micros = reserved_micros, input_tokens = reserved_tokens
         where settled_at is null and created_at < $2 returning holds
       ), sums as (
         select h.cap, h.subject, h."on", sum(h.amount)::bigint as amount from entry,
           jsonb_to_recordset(entry.holds) as h(cap uuid, subject uuid, "on" date, amount bigint, unit text)
           join budget_caps b on b.id = h.cap and b.unit = h.unit group by 1, 2, 3
       ), locked as (
         select c.cap_id, c.subject_id, c.starts_on, s.amount from sums s
           join budget_counters c on c.cap_id = s.cap and c.subject_id = s.subject and c.starts_on = s."on"
         order by c.cap_id, c.subject_id, c.starts_on for update of c
       ), settled as (
         update budget_counters c set reserved = greatest(0, c.reserved - l.amount), spent = c.spent + l.amount
         from locked l where c.cap_id = l.cap_id and c.subject_id = l.subject_id and c.starts_on = l.starts_on
       )
       select count(*)::int as count from entry`,
      [new Date(now), new Date(now - orphanedAfterMs)],
    ),
  );
  return rows[0]?.count ?? 0;
}
