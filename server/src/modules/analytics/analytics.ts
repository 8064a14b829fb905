// What came in and went out by day, counted when somebody asks.
import type { ChannelStats, IntentStats, SentimentStats, StatsQuery } from '@parley/contract/analytics';
import type { Context } from '../../core/context.ts';
import { validationError } from '../../core/errors.ts';

const dayMs = 86_400_000;
const daysShown = 31;
const daysMax = 366;

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** @throws ParleyError 400 */
function spanOf(ctx: Context, query: StatsQuery): Span {
  const to = query.to ? new Date(query.to) : ctx.clock.date();
  const from = query.from ? new Date(query.from) : new Date(to.getTime() - daysShown * dayMs);
  const wrong =
    from > to
      ? 'is after `to`'
      : to.getTime() - from.getTime() > daysMax * dayMs
        ? 'is over a year before `to`'
        : null;
  if (wrong) throw validationError('These days cannot be counted.', [{ path: 'query.from', message: wrong }]);
  return { from, to };
}

const dayOf = (column: string) => `to_char(${column} at time zone $4, 'YYYY-MM-DD')`;

/** What a member said of a message, else what the model said. */
const insightsBy = (field: 'intent' | 'sentiment') => `select ${dayOf('i.created_at')} as day,
    case when c.message_id is null then i.${field} else c.value end as value,
    count(*)::int as messages, count(c.message_id)::int as corrected
  from insights i
  join messages m on m.id = i.message_id
  left join insight_corrections c on c.message_id = i.message_id and c.field = '${field}'
  where i.workspace_id = $1 and i.created_at >= $2 and i.created_at < $3
    and ($5::uuid is null or m.channel_id = $5) and (i.${field}_model is not null or c.message_id is not null)
  group by 1, 2 order by 1, 3 desc, 2`;

interface InsightCount {
  readonly day: string;
  readonly value: string | null;
  readonly messages: number;
  readonly corrected: number;
}

async function countInsights(ctx: Context, query: StatsQuery, field: 'intent' | 'sentiment') {
  const { from, to } = spanOf(ctx, query);
  const rows = await ctx.transaction((tx) =>
    tx.sql<InsightCount>(insightsBy(field), [
      tx.workspaceId,
      from,
      to,
      query.timeZone,
      query.channelId ?? null,
    ]),
  );
  return { from: from.toISOString(), to: to.toISOString(), timeZone: query.timeZone, rows };
}

/** @throws ParleyError 400 */
export async function countIntents(ctx: Context, query: StatsQuery): Promise<IntentStats> {
  const { rows, ...span } = await countInsights(ctx, query, 'intent');
  return { ...span, items: rows.map(({ value, ...counts }) => ({ ...counts, intent: value })) };
}

/** @throws ParleyError 400 */
export async function countSentiments(ctx: Context, query: StatsQuery): Promise<SentimentStats> {
  const { rows, ...span } = await countInsights(ctx, query, 'sentiment');
  return {
    ...span,
    items: rows.map(({ value, ...counts }) => ({
      ...counts,
      sentiment: value as SentimentStats['items'][number]['sentiment'],
    })),
  };
}

const channelsByDay = `select ${dayOf('m.created_at')} as day, m.channel_id as "channelId",
    (count(*) filter (where m.direction = 'inbound'))::int as inbound,
    (count(*) filter (where m.direction = 'outbound' and m.sender_kind = 'assistant'))::int as "byAssistant",
    (count(*) filter (where m.direction = 'outbound' and m.sender_kind = 'member'))::int as "byMembers",
    (count(*) filter (where m.status in ('failed', 'undelivered')))::int as failed,
    count(distinct m.conversation_id)::int as conversations
  from messages m
  where m.workspace_id = $1 and m.created_at >= $2 and m.created_at < $3
    and ($5::uuid is null or m.channel_id = $5) and m.status not in ('draft', 'canceled')
  group by 1, 2 order by 1, 2`;

/** @throws ParleyError 400 */
export async function countByChannel(ctx: Context, query: StatsQuery): Promise<ChannelStats> {
  const { from, to } = spanOf(ctx, query);
  const items = await ctx.transaction((tx) =>
    tx.sql<ChannelStats['items'][number]>(channelsByDay, [
      tx.workspaceId,
      from,
      to,
      query.timeZone,
      query.channelId ?? null,
    ]),
  );
  return { from: from.toISOString(), to: to.toISOString(), timeZone: query.timeZone, items };
}
