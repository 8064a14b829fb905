// One figure: the median of its rounds, their spread, and the ceiling that it is held against.

export interface Figure {
  readonly name: string;
  /** Median of the rounds. */
  readonly value: number;
  readonly unit: string;
  /** Median of value / ceiling, round by round; null where there is no ceiling. */
  readonly ratio: number | null;
  /** What the ceiling is, or the goal in words. */
  readonly against: string;
  readonly min: number;
  readonly max: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which `share` (0..1) of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function figure(
  name: string,
  unit: string,
  against: string,
  rounds: readonly number[],
  ceilings?: readonly number[],
): Figure {
  const ratios = ceilings?.map((ceiling, round) => (rounds[round] ?? Number.NaN) / ceiling);
  return {
    name,
    value: tidy(median(rounds)),
    unit,
    ratio: ratios ? tidy(median(ratios)) : null,
    against,
    min: tidy(Math.min(...rounds)),
    max: tidy(Math.max(...rounds)),
  };
}

function tidy(value: number): number {
  return Number(value.toPrecision(4));
}

export function printFigures(figures: readonly Figure[], asJson: boolean): void {
  if (asJson) {
    for (const line of figures) console.log(JSON.stringify(line));
    return;
  }
  for (const { name, value, unit, ratio, against, min, max } of figures) {
    const held = ratio === null ? against : `${ratio} × ${against}`;
    console.log(
      `${name.padEnd(24)} ${String(value).padStart(8)} ${unit.padEnd(6)} (${min} … ${max})  ${held}`,
    );
  }
}
