// How often a model may be asked, as its provider allows: every request counts, those that were refused and those that were
// tried again too.
import type { Context, TransactionContext } from '../../core/context.ts';

export interface Quota {
  readonly requestsPerMinuteMax: number | null;
  readonly requestsPerDayMax: number | null;
}

export const hasQuota = ({ requestsPerMinuteMax, requestsPerDayMax }: Quota): boolean =>
  requestsPerMinuteMax !== null || requestsPerDayMax !== null;

// Begins the window anew where another one has begun, and locks it.
const lockQuota = {
  name: 'request_counters_lock',
  text: `insert into request_counters as r (workspace_id, model_id, period, starts_at)
    values ($1, $2, 'minute', $3), ($1, $2, 'day', $4)
    on conflict (workspace_id, model_id, period) do update set
      requests = case when r.starts_at >= excluded.starts_at then r.requests else 0 end,
      starts_at = greatest(r.starts_at, excluded.starts_at)
    returning period, requests`,
};
const count = {
  name: 'request_counters_count',
  text: 'update request_counters set requests = requests + 1 where workspace_id = $1 and model_id = $2',
};

/** Counts one more request of a call, where the provider allows another one now. Returns whether it does. */
export async function countRequest(ctx: Context, modelId: string, quota: Quota): Promise<boolean> {
  return ctx.transaction(async (tx) => {
    const isAllowed = await lockRoom(tx, modelId, quota);
    if (isAllowed) takeRequest(tx, modelId);
    return isAllowed;
  });
}

/** Whether there is another request; nobody else finds out until the transaction ends. */
export async function lockRoom(tx: TransactionContext, modelId: string, quota: Quota): Promise<boolean> {
  return allows(
    quota,
    await tx.sql<WindowRow>(lockQuota, [tx.workspaceId, modelId, ...windowsOf(tx.clock.date())]),
  );
}

export function takeRequest(tx: TransactionContext, modelId: string): void {
  tx.last(count, [tx.workspaceId, modelId]);
}

export interface WindowRow {
  period: 'minute' | 'day';
  requests: number;
}

/** When this minute and this day began. */
function windowsOf(now: Date): [Date, Date] {
  const ms = now.getTime();
  return [new Date(ms - (ms % 60_000)), new Date(ms - (ms % 86_400_000))];
}

function allows(quota: Quota, windows: readonly WindowRow[]): boolean {
  return windows.every(({ period, requests }) => {
    const max = period === 'minute' ? quota.requestsPerMinuteMax : quota.requestsPerDayMax;
    return max === null || requests < max;
  });
}

/** Of those models that have a quota: those which it has run out for, now. */
export async function exhaustedQuotas(
  ctx: Context,
  models: readonly (Quota & { readonly id: string })[],
): Promise<ReadonlySet<string>> {
  const limited = models.filter(hasQuota);
  if (limited.length === 0) return new Set();
  const windows = await ctx.transaction(requestWindows);
  return new Set(limited.filter((one) => !allows(one, windows.get(one.id) ?? [])).map(({ id }) => id));
}

/** What was asked of each model that has a quota, in this minute and this day. */
export async function requestWindows(
  tx: TransactionContext,
): Promise<ReadonlyMap<string, readonly WindowRow[]>> {
  const [minute, day] = windowsOf(tx.clock.date());
  const rows = await tx.sql<WindowRow & { model_id: string }>(
    `select model_id, period, requests from request_counters
     where workspace_id = $1 and starts_at >= case period when 'minute' then $2::timestamptz else $3::timestamptz end`,
    [tx.workspaceId, minute, day],
  );
  return Map.groupBy(rows, (row) => row.model_id);
}
