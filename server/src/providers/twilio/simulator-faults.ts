// What can go wrong on the simulator's side: by the number that is texted, or by a rule that was asked for.
import { z } from 'zod';

/** Faults of an API call. `…_accept` says whether the message was taken before the answer was lost. */
export const callFaults = [
  '429',
  '500',
  '503',
  'bad_gateway_before_accept',
  'bad_gateway_after_accept',
  'hang_before_accept',
  'hang_after_accept',
  'reset_before_accept',
  'reset_after_accept',
  'nonsense',
] as const;

/** Faults of status callbacks. */
export const callbackFaults = ['duplicate', 'reorder', 'delay', 'lose'] as const;

/** Faults of the webhooks that bring texts in. */
const textFaults = ['duplicate_text', 'delay_text'] as const;

/** Faults of the carrier, which undelivers what was accepted. */
const carrierFaults = ['refuse'] as const;

export type CallFault = (typeof callFaults)[number];
export type CallbackFault = (typeof callbackFaults)[number];
type TextFault = (typeof textFaults)[number];

export const faultRule = z.object({
  kind: z.enum([...callFaults, ...callbackFaults, ...textFaults, ...carrierFaults]),
  /** How often it strikes; null: until the next reset. */
  times: z.number().int().positive().nullable().default(1),
  probability: z.number().min(0).max(1).default(1),
  /** The same seed strikes at the same calls again. */
  seed: z.number().int().default(1),
  /** Which API calls a call fault strikes: sends, or the reading of messages. */
  on: z.enum(['create', 'read']).default('create'),
  /** How much later a delayed webhook comes. */
  delayMs: z.number().int().nonnegative().default(250),
});

export type FaultRule = z.infer<typeof faultRule>;

/**
 * Magic recipients. 0001 to 0009 are Twilio's own
 * (https://www.twilio.com/docs/iam/test-credentials#test-sms-messages), the others ours.
 */
const refusedRecipients: Readonly<Record<string, number>> = {
  '+15005550001': 21211,
  '+15005550002': 21612,
  '+15005550003': 21408,
  '+15005550004': 21610,
  '+15005550009': 21614,
};

const refusedSenders: Readonly<Record<string, number>> = {
  '+15005550001': 21212,
  '+15005550007': 21606,
  '+15005550008': 21611,
};

const callFaultRecipients: Readonly<Record<string, CallFault>> = {
  '+15005550429': '429',
  '+15005550500': '500',
  '+15005550502': 'bad_gateway_before_accept',
  '+15005550503': '503',
  '+15005550601': 'hang_after_accept',
  '+15005550602': 'hang_before_accept',
  '+15005550603': 'reset_before_accept',
  '+15005550604': 'reset_after_accept',
  '+15005550605': 'nonsense',
  '+15005550606': 'bad_gateway_after_accept',
};

const callbackFaultRecipients: Readonly<Record<string, CallbackFault>> = {
  '+15005550701': 'duplicate',
  '+15005550702': 'reorder',
  '+15005550703': 'delay',
  '+15005550704': 'lose',
};

/** Twilio's error code where the carrier takes a message for unwanted. */
const refusedByCarrier = 30_007;

/** Twilio's error code for a magic recipient or sender, or null. */
export function refusalFor(from: string | null, to: string): number | null {
  return refusedRecipients[to] ?? (from === null ? null : (refusedSenders[from] ?? null));
}

/** +150055530NN is taken and later undelivered with error 300NN, as carriers refuse; null for other numbers. */
function carrierErrorFor(to: string): number | null {
  const match = /^\+150055530(\d\d)$/.exec(to);
  return match ? 30_000 + Number(match[1]) : null;
}

export interface Faults {
  /** Returns how to take it back. */
  add(rule: z.input<typeof faultRule>): () => void;
  clear(): void;
  /** The fault of this API call, if any; `to` only for sends. */
  ofCall(on: 'create' | 'read', to: string | null): CallFault | null;
  /** Whether a callback fault strikes now: its delay in milliseconds (0 for the other kinds), or null. */
  ofCallback(kind: CallbackFault, to: string): number | null;
  /** The same for the webhook of a text. */
  ofText(kind: TextFault): number | null;
  /** The error code with which the carrier undelivers a message to that number; null when it delivers it. */
  ofCarrier(to: string): number | null;
}

export function createFaults(): Faults {
  let rules: { rule: FaultRule; left: number; random: () => number }[] = [];

  function strike(matches: (rule: FaultRule) => boolean): FaultRule | null {
    for (const entry of rules) {
      if (entry.left === 0 || !matches(entry.rule)) continue;
      if (entry.rule.probability < 1 && entry.random() >= entry.rule.probability) continue;
      entry.left -= 1;
      if (entry.left === 0) rules = rules.filter((other) => other !== entry);
      return entry.rule;
    }
    return null;
  }

  return {
    add(input) {
      const rule = faultRule.parse(input);
      const entry = {
        rule,
        left: rule.times ?? Number.POSITIVE_INFINITY,
        random: seededRandom(rule.seed),
      };
      rules.push(entry);
      return () => {
        rules = rules.filter((other) => other !== entry);
      };
    },
    clear() {
      rules = [];
    },
    ofCall(on, to) {
      const magic = to === null ? undefined : callFaultRecipients[to];
      if (magic) return magic;
      if (rules.length === 0) return null;
      const rule = strike((candidate) => candidate.on === on && isCallFault(candidate.kind));
      return rule && isCallFault(rule.kind) ? rule.kind : null;
    },
    ofCallback(kind, to) {
      if (callbackFaultRecipients[to] === kind)
        return kind === 'delay' ? faultRule.shape.delayMs.parse(undefined) : 0;
      if (rules.length === 0) return null;
      const rule = strike((candidate) => candidate.kind === kind);
      if (rule === null) return null;
      return kind === 'delay' ? rule.delayMs : 0;
    },
    ofText(kind) {
      if (rules.length === 0) return null;
      const rule = strike((candidate) => candidate.kind === kind);
      if (rule === null) return null;
      return kind === 'delay_text' ? rule.delayMs : 0;
    },
    ofCarrier(to) {
      const magic = carrierErrorFor(to);
      if (magic !== null || rules.length === 0) return magic;
      return strike((candidate) => candidate.kind === 'refuse') === null ? null : refusedByCarrier;
    },
  };
}

function isCallFault(kind: FaultRule['kind']): kind is CallFault {
  return (callFaults as readonly string[]).includes(kind);
}

/** Mulberry32: small, fast, and the same numbers for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
