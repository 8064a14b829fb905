// Which caps a call counts against, and how much. Pure.
import type { CapPeriod, CapScope, CapUnit, SpendingPurpose, WhenReached } from '@parley/contract/budgets';

export interface Cap {
  readonly id: string;
  readonly scope: CapScope;
  /** Null: each one of that scope by itself. */
  readonly subjectId: string | null;
  readonly period: CapPeriod;
  readonly unit: CapUnit;
  readonly limitAmount: number;
  readonly warnPercent: number;
  readonly whenReached: WhenReached;
}

/** Who spends, and what for. */
export interface Spender {
  readonly workspaceId: string;
  readonly purpose: SpendingPurpose;
  /** Null: no contact. */
  readonly contactId: string | null;
}

/** What the assistant spends as it works; trying it out is its members' doing. */
export const assistantPurposes: readonly SpendingPurpose[] = ['run', 'chat'];

/** Money of null: nobody knows how much. */
export type Amounts = Readonly<Record<Exclude<CapUnit, 'money'>, number> & { money: number | null }>;

export interface Hold {
  readonly cap: Cap;
  readonly subjectId: string;
  readonly startsOn: string;
  readonly amount: number;
}

/** The first day of the period, UTC. */
export function startOf(period: CapPeriod, now: Date): string {
  const day = now.toISOString().slice(0, 10);
  return period === 'day' ? day : `${day.slice(0, 7)}-01`;
}

export function holdsFor(caps: readonly Cap[], spender: Spender, amounts: Amounts, now: Date): Hold[] {
  const subjects = {
    workspace: spender.workspaceId,
    // A workspace has one, which is known by the workspace's id.
    assistant: assistantPurposes.includes(spender.purpose) ? spender.workspaceId : null,
    contact: spender.contactId,
  };
  return caps.flatMap((cap) => {
    const subjectId = subjects[cap.scope];
    const amount = amounts[cap.unit];
    if (subjectId === null || !amount || (cap.subjectId !== null && cap.subjectId !== subjectId)) return [];
    return [{ cap, subjectId, startsOn: startOf(cap.period, now), amount }];
  });
}

/** Whether any money that they spend counts against a cap. */
export function isMoneyCapped(caps: readonly Cap[], spender: Spender, now: Date): boolean {
  return holdsFor(caps, spender, { money: 1, tokens: 0, segments: 0 }, now).length > 0;
}

const severity: readonly WhenReached[] = ['cheaper', 'local', 'built_in', 'stop'];

/** Of several caps that have no room, the strictest one says what follows. */
export function strictest(reached: readonly WhenReached[]): WhenReached {
  return severity[Math.max(0, ...reached.map((one) => severity.indexOf(one)))] ?? 'cheaper';
}
