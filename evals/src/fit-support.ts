// `node evals/src/fit-support.ts [DIR]`: learns what the signals of support weigh, by logistic regression on the dev parts of
// the retrieval sets, and prints what stands in `knowledge/support.ts`. A passage is right or wrong for a question that is
// its knowledge's own, and wrong for one whose passage was taken away or that comes from another set.
import { join } from 'node:path';
import { buildPassageIndex, rankPassages } from '../../server/src/modules/knowledge/ranking.ts';
import type { Signals } from '../../server/src/modules/knowledge/support.ts';
import {
  type EvalPassage,
  type EvalQuestion,
  type RetrievalSet,
  readPassages,
  readQuestions,
  readUnanswerable,
  retrievalSets,
} from './retrieval-sets.ts';

interface Example {
  readonly signals: Signals;
  readonly right: boolean;
  weight: number;
}

const dataDirectory = process.argv[2] ?? join(import.meta.dirname, '../../../shared/evals');
/** Of every 100 questions that come in, as learned from: own ones, those whose passage is missing, and strangers. */
const SHARES = { own: 55, near: 13, stranger: 32 };
/** The knowledge is cut into so many parts as well: much of what shops know is a dozen passages. */
const PARTS = [1, 6, 20];
const NEAR_GROUPS = 20;

function examplesOf(set: RetrievalSet): Example[] {
  const passages = readPassages(dataDirectory, set);
  const questions = readQuestions(dataDirectory, set, 'dev');
  const unanswerable = readUnanswerable(dataDirectory, set, 'dev');
  const strangers = [...unanswerable.questions, ...unanswerable.requests];
  return PARTS.flatMap((parts) => {
    const own: Example[] = [];
    const near: Example[] = [];
    const others: Example[] = [];
    for (let part = 0; part < parts; part += 1) {
      const among = passages.filter((_, at) => at % parts === part);
      const asked = questions.filter(({ pid }) => among.some(({ id }) => id === pid));
      own.push(...best(among, asked));
      near.push(...withoutAnswers(among, asked));
      const texts = strangers.filter((_, at) => at % parts === part);
      others.push(
        ...best(
          among,
          texts.map((q) => ({ q, pid: -1 })),
        ),
      );
    }
    return [
      ...weighing(own, SHARES.own / parts ** 0.3),
      ...weighing(near, SHARES.near / parts ** 0.3),
      ...weighing(others, SHARES.stranger / parts ** 0.3),
    ];
  });
}

function best(passages: readonly EvalPassage[], questions: readonly EvalQuestion[]): Example[] {
  const index = buildPassageIndex(passages);
  return questions.flatMap(({ q, pid }) => {
    const [first] = rankPassages(index, q);
    // What shares nothing with the question has no support anyway.
    if (first === undefined || first.signals.covered === 0) return [];
    return [{ signals: first.signals, right: first.passage.id === pid, weight: 1 }];
  });
}

function withoutAnswers(passages: readonly EvalPassage[], questions: readonly EvalQuestion[]): Example[] {
  return Array.from({ length: NEAR_GROUPS }, (_, group) => {
    const taken = new Set(passages.filter((__, at) => at % NEAR_GROUPS === group).map(({ id }) => id));
    return best(
      passages.filter(({ id }) => !taken.has(id)),
      questions.filter(({ pid }) => taken.has(pid)),
    );
  }).flat();
}

function weighing(examples: readonly Example[], share: number): Example[] {
  return examples.map((example) => ({ ...example, weight: share / examples.length }));
}

const STEPS = 4_000;
const PENALTY = 1e-4;

/** Gradient descent with momentum on standardised signals; convex, so where it begins does not matter. */
function fit(examples: readonly Example[], names: readonly (keyof Signals)[]) {
  const all = examples.reduce((sum, { weight }) => sum + weight, 0);
  const scales = names.map((name) => {
    const mean = examples.reduce((sum, { signals, weight }) => sum + weight * signals[name], 0) / all;
    const variance =
      examples.reduce((sum, { signals, weight }) => sum + weight * (signals[name] - mean) ** 2, 0) / all;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  const rows = examples.map(({ signals }) => [
    ...names.map((name, at) => {
      const { mean = 0, deviation = 1 } = scales[at] ?? {};
      return (signals[name] - mean) / deviation;
    }),
    1,
  ]);
  const weights = new Float64Array(names.length + 1);
  const speed = new Float64Array(weights.length);
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = new Float64Array(weights.length);
    rows.forEach((row, at) => {
      const { right = false, weight = 0 } = examples[at] ?? {};
      const sum = row.reduce((total, value, column) => total + value * (weights[column] ?? 0), 0);
      const error = (weight / all) * ((right ? 1 : 0) - 1 / (1 + Math.exp(-sum)));
      for (let column = 0; column < row.length; column += 1)
        gradient[column] = (gradient[column] ?? 0) + error * (row[column] ?? 0);
    });
    for (let column = 0; column < weights.length; column += 1) {
      const penalty = column < names.length ? PENALTY * (weights[column] ?? 0) : 0;
      speed[column] = 0.9 * (speed[column] ?? 0) + 0.2 * ((gradient[column] ?? 0) - penalty);
      weights[column] = (weights[column] ?? 0) + (speed[column] ?? 0);
    }
  }
  const learned = names.map((name, at) => ({
    name,
    weight: (weights[at] ?? 0) / (scales[at]?.deviation ?? 1),
  }));
  const offset = learned.reduce(
    (sum, { weight }, at) => sum - weight * (scales[at]?.mean ?? 0),
    weights[names.length] ?? 0,
  );
  return { learned, offset };
}

const examples = retrievalSets.flatMap(examplesOf);
const [first] = examples;
if (first === undefined) throw new Error(`there is nothing to learn from in ${dataDirectory}`);
const { learned, offset } = fit(examples, Object.keys(first.signals) as (keyof Signals)[]);
console.log(`${examples.length} examples`);
for (const { name, weight } of learned) console.log(`  ${name}: ${weight.toFixed(2)},`);
console.log(`offset ${offset.toFixed(2)}`);
