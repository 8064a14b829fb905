// Makes what was spent ready to be looked at. Pure.
import type { Usage } from '@parley/contract/budgets';

export type UsageItem = Usage['items'][number];
export const measures = ['cost', 'tokens', 'segments', 'calls'] as const;
export type Measure = (typeof measures)[number];

const dayMs = 86_400_000;

export function amountOf(item: UsageItem, measure: Measure): number {
  const amounts = {
    cost: item.costMicros,
    tokens: item.inputTokens + item.outputTokens,
    segments: item.segments,
    calls: item.calls,
  };
  return amounts[measure];
}

/** The first moment of so many days that end today, UTC. */
export function firstMoment(days: number, nowMs: number): string {
  const today = nowMs - (nowMs % dayMs);
  return new Date(today - (days - 1) * dayMs).toISOString();
}

/** One for each day from the first on: a day on which nothing was spent is part of the picture. */
export function everyDay(items: readonly UsageItem[], from: string, days: number): UsageItem[] {
  const known = new Map(items.map((item) => [item.key, item]));
  return Array.from({ length: days }, (_, index) => {
    const key = new Date(Date.parse(from) + index * dayMs).toISOString().slice(0, 10);
    const nothing = {
      calls: 0,
      costMicros: 0,
      unpricedCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      segments: 0,
    };
    return known.get(key) ?? { key, name: null, ...nothing };
  });
}

/** What most was spent on comes first. */
export const byAmount = (items: readonly UsageItem[], measure: Measure): UsageItem[] =>
  items.toSorted((one, other) => amountOf(other, measure) - amountOf(one, measure));

export const totalOf = (items: readonly UsageItem[], measure: Measure): number =>
  items.reduce((sum, item) => sum + amountOf(item, measure), 0);
