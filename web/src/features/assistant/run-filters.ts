// What narrows the list of runs. All of it stands in the address, so that a link shows the same.
import { policy, runOutcome } from '@parley/contract/runs';

const spans = { day: 1, week: 7, month: 31 } as const;
export type Span = keyof typeof spans;
export const spanNames = Object.keys(spans) as Span[];

export interface RunFilters {
  readonly q: string;
  readonly outcome: string | null;
  readonly model: string | null;
  readonly policy: string | null;
  readonly span: Span | null;
  readonly failed: boolean;
  readonly conversationId: string | null;
}

/** What the address says that nobody knows is as if it were not there. */
export function readFilters(search: URLSearchParams): RunFilters {
  const known = (name: string, values: readonly string[]) =>
    values.find((value) => value === search.get(name)) ?? null;
  return {
    q: search.get('q') ?? '',
    outcome: known('outcome', runOutcome.options),
    model: search.get('model'),
    policy: known('policy', policy.options),
    span: spanNames.find((value) => value === search.get('time')) ?? null,
    failed: search.get('failed') === 'true',
    conversationId: search.get('conversation'),
  };
}

export function writeFilters(filters: RunFilters): URLSearchParams {
  const { q, outcome, model, policy: chosen, span, failed, conversationId } = filters;
  const said = { q, outcome, model, policy: chosen, time: span, conversation: conversationId };
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(said)) if (value) search.set(name, value);
  if (failed) search.set('failed', 'true');
  return search;
}

export const isNarrowed = (filters: RunFilters): boolean => writeFilters(filters).size > 0;

const minuteMs = 60_000;

/** As the API takes it; a span begins at a whole minute, so that the same question has the same answer for a while. */
export function queryOf(filters: RunFilters, nowMs: number) {
  const { q, outcome, model, policy: chosen, span, failed, conversationId } = filters;
  const minute = nowMs - (nowMs % minuteMs);
  return {
    q: q.trim(),
    outcome,
    model,
    policy: chosen,
    conversationId,
    failed: failed || null,
    from: span && new Date(minute - spans[span] * 86_400_000).toISOString(),
  };
}
