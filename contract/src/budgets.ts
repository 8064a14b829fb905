// What may be spent, and what was: money, tokens and SMS segments in one ledger.
import { z } from 'zod';
import { id, timestamp } from './common.ts';
import { micros } from './models.ts';

export const budgetInput = z.object({
  /** The most that a calendar month (UTC) may cost; null: no limit. */
  limitMicros: micros.nullable(),
});
export type BudgetInput = z.infer<typeof budgetInput>;

export const budget = z.object({
  /** `2026-11` */
  month: z.string(),
  limitMicros: z.number().int().nullable(),
  /** Settled, with calls whose outcome is not known counted at what was reserved for them. */
  spentMicros: z.number().int(),
  /** Held for calls that are under way. */
  reservedMicros: z.number().int(),
});
export type Budget = z.infer<typeof budget>;

export const capScope = z.enum(['workspace', 'assistant', 'contact']);
export type CapScope = z.infer<typeof capScope>;
export const capPeriod = z.enum(['day', 'month']);
export type CapPeriod = z.infer<typeof capPeriod>;
/** Money in millionths of the currency; segments are those of SMS, counted when a message begins to wait to be sent. */
export const capUnit = z.enum(['money', 'tokens', 'segments']);
export type CapUnit = z.infer<typeof capUnit>;
/**
 * - `cheaper`: the next model that there is room for; the built-in one is free.
 * - `local`: local models only, then the built-in one.
 * - `built_in`: the built-in model at once.
 * - `stop`: no model; a person is called.
 */
export const whenReached = z.enum(['cheaper', 'local', 'built_in', 'stop']);
export type WhenReached = z.infer<typeof whenReached>;

export const capInput = z.object({
  scope: capScope,
  /** One contact; null: each contact by itself, and always for the workspace and its assistant. */
  subjectId: id.nullable().default(null),
  /** Calendar days and months in UTC. */
  period: capPeriod,
  unit: capUnit,
  limit: z.number().int().min(0).max(1_000_000_000_000),
  /** An event tells when so much of it is spent or held. */
  warnPercent: z.number().int().min(1).max(100).default(80),
  whenReached: whenReached.default('cheaper'),
});
export type CapInput = z.infer<typeof capInput>;

export const cap = capInput.extend({
  id,
  /** Of one contact: their name, or their address; null where they are gone. */
  subjectName: z.string().nullable(),
  /** In this period; null where it counts for each contact by itself. */
  spent: z.number().int().nullable(),
  reserved: z.number().int().nullable(),
  /** For how many it has warned in this period: of a workspace or assistant, one at most. */
  warned: z.number().int(),
  /** For how many something was not done because of it. */
  reached: z.number().int(),
  updatedAt: timestamp,
});
export type Cap = z.infer<typeof cap>;
export const capList = z.object({ items: z.array(cap) });

/**
 * What something is spent for. `send`: what members and programs send. `code`: codes to members' phones. `consent`: the answers to STOP and HELP, which no
 * cap holds back, and which count against none. `embeddings`: vectors of knowledge, and of the questions that are put to it.
 * `before`: the sum of a month from before there was a ledger.
 */
export const spendingPurposes = [
  'run',
  'trial',
  'test',
  'api',
  'chat',
  'check',
  'shadow',
  'embeddings',
  'send',
  'code',
  'consent',
  'before',
] as const;
export type SpendingPurpose = (typeof spendingPurposes)[number];

export const usageQuery = z.object({
  by: z.enum(['day', 'model', 'conversation', 'contact', 'purpose']).default('day'),
  from: timestamp.optional(),
  to: timestamp.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type UsageQuery = z.infer<typeof usageQuery>;

export const usage = z.object({
  from: timestamp,
  to: timestamp,
  /** By day in their order, otherwise what cost most first. */
  items: z.array(
    z.object({
      /** A day, an id, a name, a purpose; null: what belongs to none. */
      key: z.string().nullable(),
      /** Of a model: its name; of a contact, and of the one that a conversation is with: theirs, or their address. */
      name: z.string().nullable(),
      calls: z.number().int(),
      /** Of what has a known cost. */
      costMicros: z.number().int(),
      /** Calls of models without a price, which are not in it. */
      unpricedCalls: z.number().int(),
      inputTokens: z.number().int(),
      outputTokens: z.number().int(),
      segments: z.number().int(),
    }),
  ),
});
export type Usage = z.infer<typeof usage>;
