// How good a classifier is. Labels are whole numbers; everything returned is a share, 0 to 1.

export function accuracy(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  let right = 0;
  for (let row = 0; row < actual.length; row += 1) if (predicted[row] === actual[row]) right += 1;
  return right / actual.length;
}

export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that are of this class. */
  readonly support: number;
}

/** Of each class, 0 to classCount - 1. What was never predicted, or never there, has 0 for what would divide by it. */
export function classMetrics(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  classCount: number,
): ClassMetrics[] {
  const right = new Uint32Array(classCount);
  const said = new Uint32Array(classCount);
  const there = new Uint32Array(classCount);
  for (let row = 0; row < actual.length; row += 1) {
    const p = predicted[row] as number;
    const a = actual[row] as number;
    said[p] = (said[p] ?? 0) + 1;
    there[a] = (there[a] ?? 0) + 1;
    if (p === a) right[a] = (right[a] ?? 0) + 1;
  }
  return Array.from({ length: classCount }, (_, k) => {
    const hits = right[k] ?? 0;
    const precision = hits / Math.max(1, said[k] ?? 0);
    const recall = hits / Math.max(1, there[k] ?? 0);
    return { precision, recall, f1: harmonicMean(precision, recall), support: there[k] ?? 0 };
  });
}

/** The mean of F1 over classes that stand in `actual`. */
export function macroF1(predicted: ArrayLike<number>, actual: ArrayLike<number>, classCount: number): number {
  return meanOfPresent(classMetrics(predicted, actual, classCount), ({ f1 }) => f1);
}

/** The mean of recall over classes that stand in `actual`, also called balanced accuracy. */
export function macroRecall(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  classCount: number,
): number {
  return meanOfPresent(classMetrics(predicted, actual, classCount), ({ recall }) => recall);
}

/**
 * The area under the ROC curve: how often a positive row scores above a negative one, ties half. NaN where either is missing.
 */
export function auroc(scores: ArrayLike<number>, isPositive: ArrayLike<boolean>): number {
  const order = Array.from({ length: scores.length }, (_, row) => row).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number),
  );
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) to += 1;
    const rank = (from + 1 + to) / 2;
    for (let at = from; at < to; at += 1) {
      if (isPositive[order[at] as number] === true) {
        positives += 1;
        rankSum += rank;
      }
    }
    from = to;
  }
  const negatives = scores.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** How far stated probabilities are from the share that was right, over bins of equal width (ECE; Guo et al. 2017). */
export function calibrationError(
  probabilities: ArrayLike<number>,
  isRight: ArrayLike<boolean>,
  binCount = 15,
): number {
  const stated = new Float64Array(binCount);
  const right = new Float64Array(binCount);
  for (let row = 0; row < probabilities.length; row += 1) {
    const probability = probabilities[row] as number;
    const bin = Math.min(binCount - 1, Math.floor(probability * binCount));
    stated[bin] = (stated[bin] as number) + probability;
    if (isRight[row] === true) right[bin] = (right[bin] as number) + 1;
  }
  let error = 0;
  for (let bin = 0; bin < binCount; bin += 1)
    error += Math.abs((stated[bin] as number) - (right[bin] as number));
  return error / probabilities.length;
}

function harmonicMean(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

function meanOfPresent(metrics: readonly ClassMetrics[], value: (metrics: ClassMetrics) => number): number {
  const present = metrics.filter(({ support }) => support > 0);
  return present.reduce((sum, one) => sum + value(one), 0) / present.length;
}
