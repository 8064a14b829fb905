// What was spent, summed up for a page: by day, model, conversation, contact or purpose.
import type { Usage, UsageQuery } from '@parley/contract/budgets';
import type { Context } from '../../core/context.ts';
import { contactNames } from '../conversations/conversations.ts';

const daysShown = 31;
const dayMs = 86_400_000;

const keys: Readonly<Record<UsageQuery['by'], { key: string; name: string; order: string }>> = {
  day: { key: `to_char(created_at at time zone 'UTC', 'YYYY-MM-DD')`, name: 'null::text', order: '1' },
  model: { key: `coalesce(model_id::text, kind)`, name: 'max(model)', order: 'cost desc, calls desc, 1' },
  conversation: { key: 'conversation_id::text', name: 'null::text', order: 'cost desc, calls desc, 1' },
  contact: { key: 'contact_id::text', name: 'null::text', order: 'cost desc, calls desc, 1' },
  purpose: { key: 'purpose', name: 'null::text', order: 'cost desc, calls desc, 1' },
};

interface UsageRow {
  key: string | null;
  name: string | null;
  calls: number;
  cost: string;
  unpriced: number;
  input: string;
  output: string;
  segments: string;
}

/** The last month unless it is told otherwise. What is under way is not in it. */
export async function readUsage(ctx: Context, query: UsageQuery): Promise<Usage> {
  const to = query.to ? new Date(query.to) : ctx.clock.date();
  const from = query.from ? new Date(query.from) : new Date(to.getTime() - daysShown * dayMs);
  const { key, name, order } = keys[query.by];
  const { rows, names } = await ctx.transaction(async (tx) => {
    const found = await tx.sql<UsageRow>(
      `select ${key} as key, ${name} as name, count(*)::int as calls, coalesce(sum(cost_micros), 0) as cost,
         (count(*) filter (where cost_micros is null))::int as unpriced,
         sum(input_tokens) as input, sum(output_tokens) as output, sum(segments) as segments
       from ledger where workspace_id = $1 and settled_at is not null and created_at >= $2 and created_at <= $3
       group by 1 order by ${order} limit $4`,
      [tx.workspaceId, from, to, query.limit],
    );
    const keysFound = found.flatMap((row) => (row.key === null ? [] : [row.key]));
    const { by } = query;
    const isAboutContacts = by === 'conversation' || by === 'contact';
    return { rows: found, names: isAboutContacts ? await contactNames(tx, by, keysFound) : null };
  });
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    items: rows.map((row) => ({
      key: row.key,
      name: names?.get(row.key ?? '') ?? row.name,
      calls: row.calls,
      costMicros: Number(row.cost),
      unpricedCalls: row.unpriced,
      inputTokens: Number(row.input),
      outputTokens: Number(row.output),
      segments: Number(row.segments),
    })),
  };
}
