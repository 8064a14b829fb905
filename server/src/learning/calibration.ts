// Makes scores say how probable they are. Fit on rows that the model was not trained on.
import { softmaxInPlace } from './linear.ts';

/**
 * The factor by which scores are multiplied before softmax, so that the held-out labels are likeliest (temperature scaling, Guo
 * et al. 2017; a factor is one over a temperature). `scores` has one row of class scores for each label.
 */
export function fitTemperature(scores: readonly Float64Array[], labels: ArrayLike<number>): number {
  if (scores.length === 0) return 1;
  const loss = (factor: number) => {
    let sum = 0;
    scores.forEach((row, at) => {
      const scaled = row.map((score) => score * factor);
      softmaxInPlace(scaled);
      sum -= Math.log(Math.max(1e-12, scaled[labels[at] as number] as number));
    });
    return sum;
  };
  return Math.exp(goldenSection((logFactor) => loss(Math.exp(logFactor)), Math.log(0.05), Math.log(100)));
}

export interface Sigmoid {
  readonly slope: number;
  readonly offset: number;
}

export function applySigmoid({ slope, offset }: Sigmoid, score: number): number {
  return 1 / (1 + Math.exp(-(slope * score + offset)));
}

/**
 * The probability that a row is positive from its score (Platt scaling): logistic regression of one input by Newton's method, with
 * Platt's softened targets, so that few rows do not make it certain.
 */
export function fitSigmoid(scores: ArrayLike<number>, isPositive: ArrayLike<boolean>): Sigmoid {
  const { weights, offset } = fitLogistic(
    Array.from({ length: scores.length }, (_, row) => [scores[row] as number]),
    isPositive,
  );
  return { slope: weights[0] ?? 0, offset };
}

export interface Logistic {
  readonly weights: number[];
  readonly offset: number;
}

export function applyLogistic({ weights, offset }: Logistic, inputs: readonly number[]): number {
  let sum = offset;
  for (let at = 0; at < weights.length; at += 1) sum += (weights[at] as number) * (inputs[at] as number);
  return 1 / (1 + Math.exp(-sum));
}

/**
 * Logistic regression of a few inputs by Newton's method. `importance` says how much each row counts; `penalty` is the L2 penalty
 * on standardised weights.
 */
export function fitLogistic(
  inputs: readonly (readonly number[])[],
  isPositive: ArrayLike<boolean>,
  { importance, penalty = 1e-3 }: { importance?: ArrayLike<number>; penalty?: number } = {},
): Logistic {
  const size = inputs[0]?.length ?? 0;
  const { means, deviations } = standards(inputs, size);
  const rows = inputs.map((row) => [
    ...row.map((value, at) => (value - (means[at] as number)) / (deviations[at] as number)),
    1,
  ]);
  let positives = 0;
  for (let row = 0; row < rows.length; row += 1) if (isPositive[row] === true) positives += 1;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (rows.length - positives + 2);
  const weights = new Array<number>(size + 1).fill(0);
  for (let iteration = 0; iteration < 30; iteration += 1) {
    const gradient = weights.map((weight, at) => (at < size ? -penalty * rows.length * weight : 0));
    const curvature = weights.map((_, a) =>
      weights.map((__, b) => (a === b ? (a < size ? penalty * rows.length : 0) + 1e-9 : 0)),
    );
    rows.forEach((row, at) => {
      const counts = importance === undefined ? 1 : (importance[at] as number);
      const sum = row.reduce((total, value, column) => total + value * (weights[column] as number), 0);
      const probability = 1 / (1 + Math.exp(-sum));
      const error = counts * ((isPositive[at] === true ? high : low) - probability);
      const bend = counts * probability * (1 - probability);
      for (let a = 0; a <= size; a += 1) {
        gradient[a] = (gradient[a] as number) + error * (row[a] as number);
        const line = curvature[a] as number[];
        for (let b = 0; b <= size; b += 1)
          line[b] = (line[b] as number) + bend * (row[a] as number) * (row[b] as number);
      }
    });
    const step = solve(curvature, gradient);
    // A full step can overshoot where all rows are certain; none is ever longer than this.
    const longest = Math.max(...step.map(Math.abs));
    const factor = longest > 4 ? 4 / longest : 1;
    for (let at = 0; at <= size; at += 1)
      weights[at] = (weights[at] as number) + factor * (step[at] as number);
    if (longest < 1e-7) break;
  }
  const scaled = weights.slice(0, size).map((weight, at) => weight / (deviations[at] as number));
  const offset = scaled.reduce((sum, weight, at) => sum - weight * (means[at] as number), weights[size] ?? 0);
  return { weights: scaled, offset };
}

function standards(inputs: readonly (readonly number[])[], size: number) {
  const columns = Array.from({ length: size }, (_, at) => inputs.map((row) => row[at] as number));
  const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length);
  const deviations = columns.map((column, at) => {
    const mean = means[at] as number;
    return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length) || 1;
  });
  return { means, deviations };
}

/** Gaussian elimination with pivots; both are used up. */
function solve(matrix: number[][], target: number[]): number[] {
  const size = target.length;
  const rows = matrix.map((row, at) => [...row, target[at] as number]);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1)
      if (Math.abs(rows[row]?.[column] as number) > Math.abs(rows[pivot]?.[column] as number)) pivot = row;
    const chosen = rows[pivot] as number[];
    rows[pivot] = rows[column] as number[];
    rows[column] = chosen;
    for (const row of rows) {
      if (row === chosen) continue;
      const factor = (row[column] as number) / (chosen[column] as number);
      for (let at = column; at <= size; at += 1)
        row[at] = (row[at] as number) - factor * (chosen[at] as number);
    }
  }
  return rows.map((row, at) => (row[size] as number) / (row[at] as number));
}

/** Where a function with one valley is lowest between two numbers. */
function goldenSection(loss: (at: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = from;
  let high = to;
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let atLeft = loss(left);
  let atRight = loss(right);
  for (let step = 0; step < 30; step += 1) {
    if (atLeft < atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - ratio * (high - low);
      atLeft = loss(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + ratio * (high - low);
      atRight = loss(right);
    }
  }
  return (low + high) / 2;
}
