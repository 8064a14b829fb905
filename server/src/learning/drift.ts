// Whether the messages that a classifier reads are still like those that it was made for: how its labels are mixed, and how sure it
// is. What would also come about by chance, with as few messages as there are, is no drift.

/** How one model read the messages of some time. */
export interface Reading {
  /** How many were said to be of each label; null: of none of them. */
  readonly counts: ReadonlyMap<string | null, number>;
  readonly messages: number;
  /** The mean of its confidence, 0 to 1, and the variance of it. */
  readonly confidence: number;
  readonly confidenceVariance: number;
}

export function readingOf(
  said: readonly { readonly label: string | null; readonly confidence: number }[],
): Reading {
  const counts = new Map<string | null, number>();
  let sum = 0;
  let squares = 0;
  for (const { label, confidence } of said) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    sum += confidence;
    squares += confidence * confidence;
  }
  return readingFromSums(counts, sum, squares);
}

/** The same from sums over its messages: of their confidence, and of the squares of it. */
export function readingFromSums(counts: Reading['counts'], sum: number, squares: number): Reading {
  const messages = [...counts.values()].reduce((total, count) => total + count, 0);
  const confidence = messages === 0 ? 0 : sum / messages;
  return {
    counts,
    messages,
    confidence,
    confidenceVariance: messages === 0 ? 0 : Math.max(0, squares / messages - confidence * confidence),
  };
}

/** Labels that both times together have fewer of count as one: their shares are noise. */
const BIN_MIN = 10;

export interface Stability {
  /** The population stability index: 0 for the same mix of labels. */
  readonly index: number;
  /** What it exceeds once in a thousand times although nothing has changed, because there are no more messages. */
  readonly chance: number;
}

/**
 * The population stability index of two mixes of labels. Without a change it is distributed like (1/n + 1/m) times chi-square of one
 * degree less than there are labels (Yurdakul and Naranjo 2020): with 25 labels and 100 messages chance alone often makes it
 * exceed the usual limits.
 */
export function stabilityOf(reference: Reading, recent: Reading): Stability {
  const bins: [number, number][] = [];
  const rest: [number, number] = [0, 0];
  for (const label of new Set([...reference.counts.keys(), ...recent.counts.keys()])) {
    const pair: [number, number] = [reference.counts.get(label) ?? 0, recent.counts.get(label) ?? 0];
    if (pair[0] + pair[1] >= BIN_MIN) bins.push(pair);
    else {
      rest[0] += pair[0];
      rest[1] += pair[1];
    }
  }
  if (rest[0] + rest[1] > 0) bins.push(rest);
  if (bins.length < 2 || reference.messages === 0 || recent.messages === 0) return { index: 0, chance: 0 };
  let index = 0;
  // Half a message more in each: a label that one of them has not at all would make it infinite.
  for (const [inReference, inRecent] of bins) {
    const p = (inReference + 0.5) / (reference.messages + 0.5 * bins.length);
    const q = (inRecent + 0.5) / (recent.messages + 0.5 * bins.length);
    index += (q - p) * Math.log(q / p);
  }
  return {
    index,
    chance: (1 / reference.messages + 1 / recent.messages) * chiSquareAt999(bins.length - 1),
  };
}

/** What chi-square exceeds once in a thousand times (Wilson and Hilferty 1931: within 2 % from two degrees on). */
function chiSquareAt999(degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + ONE_IN_A_THOUSAND * Math.sqrt(spread)) ** 3;
}

/** Standard deviations. */
const ONE_IN_A_THOUSAND = 3.09;

/** By how much the mean confidence fell, and what it falls by once in a thousand times although nothing has changed. */
export function confidenceDropOf(
  reference: Reading,
  recent: Reading,
): { readonly drop: number; readonly chance: number } {
  if (reference.messages === 0 || recent.messages === 0) return { drop: 0, chance: 0 };
  const error = Math.sqrt(
    reference.confidenceVariance / reference.messages + recent.confidenceVariance / recent.messages,
  );
  return { drop: reference.confidence - recent.confidence, chance: ONE_IN_A_THOUSAND * error };
}

/** Of messages that members looked at, those that they said to be something else. */
export interface Judgement {
  readonly lookedAt: number;
  readonly corrected: number;
}

/** What the share of corrected messages is at least, in 39 of 40 cases (the lower end of Wilson's interval). */
export function correctedAtLeast({ lookedAt, corrected }: Judgement): number {
  if (lookedAt === 0) return 0;
  const z = 1.96;
  const share = corrected / lookedAt;
  const centre = share + (z * z) / (2 * lookedAt);
  const half = z * Math.sqrt((share * (1 - share)) / lookedAt + (z / (2 * lookedAt)) ** 2);
  return Math.max(0, (centre - half) / (1 + (z * z) / lookedAt));
}

/**
 * From where on each is a drift, and below which it is over; between them nothing changes, so that it is not told again and again.
 * - mix: a stability index over .25 is a major shift, one below .1 none (Siddiqi, Credit Risk Scorecards, 2006).
 * - confidence: its mean falls by about what the share of right answers falls by (Guillory et al. 2021): ten in a hundred.
 * - disagreement: members correct less than they see, so one in ten of what they looked at says that more is wrong.
 */
const LIMITS = {
  mix: { from: 0.25, below: 0.1 },
  confidence: { from: 0.1, below: 0.05 },
  disagreement: { from: 0.1, below: 0.05 },
} as const;

export type DriftReason = keyof typeof LIMITS;
const REASONS = Object.keys(LIMITS) as DriftReason[];

/** Of few messages, a drift is over when it is this part of what chance would make it: one in fifty times it is more. */
const STILL = 0.8;

/**
 * In what the messages of late differ.
 * @param reference null, as `recent`: there are too few messages to compare, and what was told of them stays
 * @param known what they differed in when this was asked last
 */
export function driftReasons(
  {
    reference,
    recent,
    judged,
  }: { readonly reference: Reading | null; readonly recent: Reading | null; readonly judged: Judgement },
  known: readonly DriftReason[] = [],
): DriftReason[] {
  const isDrift = (reason: DriftReason, value: number, chance: number) => {
    const { from, below } = LIMITS[reason];
    return known.includes(reason) ? value >= Math.max(below, STILL * chance) : value > Math.max(from, chance);
  };
  const compared = reference && recent && { reference, recent };
  const holds: Record<DriftReason, () => boolean> = {
    mix: () => {
      if (!compared) return known.includes('mix');
      const { index, chance } = stabilityOf(compared.reference, compared.recent);
      return isDrift('mix', index, chance);
    },
    confidence: () => {
      if (!compared) return known.includes('confidence');
      const { drop, chance } = confidenceDropOf(compared.reference, compared.recent);
      return isDrift('confidence', drop, chance);
    },
    disagreement: () => {
      const share = judged.corrected / Math.max(1, judged.lookedAt);
      const surely = known.includes('disagreement') ? share : correctedAtLeast(judged);
      return isDrift('disagreement', surely, 0);
    },
  };
  return REASONS.filter((reason) => holds[reason]());
}
