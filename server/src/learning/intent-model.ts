// Says what a message is about: one of the intents that it was trained on, or none of them.
import { applyLogistic, type Logistic } from './calibration.ts';
import { type EmbeddingClassifier, embedRow, scoreEmbedded } from './embedding.ts';
import { hashesOf, type IntentSpaces, type TextHashes, vectoriseText } from './intent-features.ts';
import { type LinearModel, scoreRow } from './linear.ts';

export interface IntentModel {
  /** The intents. Where examples out of scope were given, both parts below have one more class, the last. */
  readonly labels: readonly string[];
  readonly spaces: IntentSpaces;
  readonly linear: LinearModel;
  readonly embedding: EmbeddingClassifier;
  /** What the sum of both parts' scores is multiplied by, so that it says how probable an intent is. */
  readonly factor: number;
  /** The probability that a message means one of the intents, from its signals (`signalsOf`). */
  readonly scope: Logistic;
}

export interface RankedIntent {
  readonly label: string;
  /** The probability of this intent, given that the message means one of those that are known. */
  readonly probability: number;
}

export interface Classification {
  /** The intent; null for a message that probably means none of those that are known, or says nothing. */
  readonly label: string | null;
  /** The probability of the likeliest intent, given that one of them is meant; 0 for a text that says nothing. */
  readonly probability: number;
  /** The probability that one of the known intents is meant at all. */
  readonly inScope: number;
  /** The likeliest intents, most probable first, five at most. */
  readonly ranked: readonly RankedIntent[];
}

const NOTHING: Classification = { label: null, probability: 0, inScope: 0, ranked: [] };
const RANKED_MAX = 5;

/**
 * Classifies one message of any length (its beginning is read; see TEXT_LENGTH_MAX). It is out of scope when that is
 * likelier than that the likeliest intent is meant.
 */
export function classify(model: IntentModel, text: string): Classification {
  const scored = scoreText(model, hashesOf(text));
  if (scored === null) return NOTHING;
  const confidence = confidenceOf(scored, model.factor);
  const inScope = applyLogistic(model.scope, signalsOf(scored, confidence));
  const ranked = rank(model.labels, confidence.probabilities);
  const [first] = ranked;
  if (first === undefined) return NOTHING;
  const isKnown = inScope * first.probability > 1 - inScope;
  return { label: isKnown ? first.label : null, probability: first.probability, inScope, ranked };
}

export interface ScoredText {
  /** The score of each intent: the sum of both parts', which are weighted already (`intent-training.ts`). */
  readonly totals: Float64Array;
  /** The highest score that the embedding part alone gives to an intent. */
  readonly strength: number;
  /** How far the class of examples out of scope is behind the best intent; null where there is no such class. */
  readonly lead: number | null;
}

/** Scores one text; null where nothing in it was in any example. */
export function scoreText(
  model: Pick<IntentModel, 'labels' | 'spaces' | 'linear' | 'embedding'>,
  text: TextHashes,
): ScoredText | null {
  const vector = vectoriseText(model.spaces, text);
  if (vector.columns.length === 0) return null;
  const { classCount } = model.linear;
  const scores = new Float64Array(classCount);
  scoreRow(model.linear, vector, scores);
  const embedded = new Float64Array(model.embedding.dimensions);
  embedRow(model.embedding, vector, embedded);
  const embeddingScores = new Float64Array(classCount);
  scoreEmbedded(model.embedding, embedded, embeddingScores);
  for (let k = 0; k < classCount; k += 1) scores[k] = (scores[k] as number) + (embeddingScores[k] as number);
  const intentCount = model.labels.length;
  const totals = scores.subarray(0, intentCount);
  return {
    totals,
    strength: largest(embeddingScores.subarray(0, intentCount)),
    lead: classCount > intentCount ? largest(totals) - (scores[intentCount] as number) : null,
  };
}

export interface Confidence {
  readonly probabilities: Float64Array;
  /** The probability of the likeliest intent if the model were half as sure: nearer to what it makes of what it does not know. */
  readonly doubted: number;
}

/** How probable each intent is: a softmax of the scores times `factor`, which takes one exponential for both numbers. */
export function confidenceOf({ totals }: ScoredText, factor: number): Confidence {
  const highest = largest(totals);
  const probabilities = new Float64Array(totals.length);
  let sum = 0;
  let sumOfRoots = 0;
  for (let k = 0; k < totals.length; k += 1) {
    const root = Math.exp(((totals[k] as number) - highest) * (factor / 2));
    probabilities[k] = root * root;
    sum += root * root;
    sumOfRoots += root;
  }
  for (let k = 0; k < totals.length; k += 1) probabilities[k] = (probabilities[k] as number) / sum;
  return { probabilities, doubted: 1 / sumOfRoots };
}

/**
 * What tells a message out of scope apart: how far the likeliest intent is ahead when it is looked at with half the confidence,
 * how strong it is, and how far it is ahead of the examples out of scope.
 */
export function signalsOf({ strength, lead }: ScoredText, { doubted }: Confidence): number[] {
  const signals = [Math.log((doubted + 1e-9) / (1 - doubted + 1e-9)), strength];
  if (lead !== null) signals.push(lead);
  return signals;
}

function rank(labels: readonly string[], probabilities: Float64Array): RankedIntent[] {
  const best: number[] = [];
  for (let k = 0; k < probabilities.length; k += 1) {
    const probability = probabilities[k] as number;
    if (
      best.length === RANKED_MAX &&
      probability <= (probabilities[best[RANKED_MAX - 1] as number] as number)
    )
      continue;
    let place = best.length;
    while (place > 0 && (probabilities[best[place - 1] as number] as number) < probability) place -= 1;
    best.splice(place, 0, k);
    if (best.length > RANKED_MAX) best.pop();
  }
  return best.map((k) => ({ label: labels[k] as string, probability: probabilities[k] as number }));
}

function largest(numbers: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const number of numbers) if (number > most) most = number;
  return most;
}
