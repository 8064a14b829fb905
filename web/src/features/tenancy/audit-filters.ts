// What narrows the audit. All of it stands in the address, so that a link shows the same.
import type { AuditResult } from '@parley/contract/audit';

export const results = ['done', 'refused', 'failed'] as const satisfies readonly AuditResult[];
const spans = { day: 1, week: 7, month: 31 } as const;
export type Span = keyof typeof spans;
export const spanNames = Object.keys(spans) as Span[];

export interface AuditNarrowing {
  readonly actor: string | null;
  readonly action: string | null;
  readonly result: string | null;
  readonly span: Span | null;
}

export function readNarrowing(search: URLSearchParams): AuditNarrowing {
  return {
    actor: search.get('actor'),
    action: search.get('action'),
    result: results.find((value) => value === search.get('result')) ?? null,
    span: spanNames.find((value) => value === search.get('time')) ?? null,
  };
}

/** With what else the page has in its address. */
export function writeNarrowing({ actor, action, result, span }: AuditNarrowing): URLSearchParams {
  const search = new URLSearchParams({ tab: 'audit' });
  for (const [name, value] of Object.entries({ actor, action, result, time: span }))
    if (value) search.set(name, value);
  return search;
}

export const isNarrowed = (narrowing: AuditNarrowing): boolean =>
  Object.values(narrowing).some((value) => value !== null);

const minuteMs = 60_000;

/** As the API takes it; a span begins at a whole minute, so that the same question has the same answer for a while. */
export function queryOf({ span, ...rest }: AuditNarrowing, nowMs: number) {
  const minute = nowMs - (nowMs % minuteMs);
  return { ...rest, from: span && new Date(minute - spans[span] * 86_400_000).toISOString() };
}
