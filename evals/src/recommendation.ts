// Measures what users buy next that they never bought: trained on what was bought before the part that is measured.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { historiesOf, type Interactions } from '../../server/src/learning/recommendation/interactions.ts';
import type { ItemDescription } from '../../server/src/learning/recommendation/item-features.ts';
import { Scorer } from '../../server/src/learning/recommendation/recommend.ts';
import { trainRecommender } from '../../server/src/learning/recommendation/recommender.ts';
import { writeRecommender } from '../../server/src/learning/recommendation/recommender-file.ts';
import { rowOf } from '../../server/src/learning/sparse.ts';
import { runToEnd } from '../../server/src/learning/steps.ts';
import { measureRanking, purchasesToForetell, type RankingFigures } from './recommendation-figures.ts';
import { neighbourScores, popularityScores } from './recommendation-peers.ts';
import { BARE, type EvalInput, processorSeconds, publicData, type Row } from './rows.ts';

const SET = 'recsys_online_retail';
/** Reached on the held-back part by WARP with the words of descriptions, at settings that were not tuned. */
const BASELINES = { precision: 0.0716, auc: 0.756, coldAuc: 0.754 };
const FROM = 'WARP with words';
const DAY_MS = 86_400_000;

const line = z.tuple([z.coerce.number().int(), z.coerce.number().int(), z.iso.date()]);
const itemLine = z.tuple([z.coerce.number().int(), z.string(), z.string(), z.coerce.number()]);

interface Purchases {
  readonly users: number[];
  readonly items: number[];
  readonly days: number[];
}

export async function run({ dataDirectory, split, seed }: EvalInput): Promise<Row[]> {
  const items = readItems(dataDirectory);
  // What came before the part: the test part is later than both public ones.
  const parts = split === 'dev' ? ['train'] : ['train', 'dev'];
  const before = parts.map((part) => readPurchases(dataDirectory, part));
  const after = readPurchases(dataDirectory, split);
  const known = joinPurchases(before, items.length, after.users);

  const trainedFrom = processorSeconds();
  const recommender = runToEnd(trainRecommender({ interactions: known, items, seed }));
  const trainSeconds = processorSeconds() - trainedFrom;
  const scorer = new Scorer(recommender);
  const histories = historiesOf(known);
  const ours = (user: number, into: Float32Array) =>
    scorer.scoreAll({ history: rowOf(histories, user), user }, into);

  const wanted = purchasesToForetell(histories, after.users, after.items);
  const figures = measureRanking(ours, histories, wanted);
  const peers = {
    popularity: measureRanking(popularityScores(histories), histories, wanted),
    'item-kNN': measureRanking(neighbourScores(histories), histories, wanted),
  };
  const scores = new Float32Array(items.length);
  const scoredFrom = processorSeconds();
  for (const user of wanted.keys()) ours(user, scores);
  const microsPerRow = (1e6 * (processorSeconds() - scoredFrom)) / wanted.size;
  const row = {
    ...BARE,
    task: 'recommendation',
    set: SET,
    split,
    trainSeconds,
    bytes: writeRecommender(recommender).length,
    microsPerRow,
  } as const;
  const of = (figure: Exclude<keyof RankingFigures, 'coldCount'>) => ({
    value: figures[figure],
    peers: { popularity: peers.popularity[figure], 'item-kNN': peers['item-kNN'][figure] },
    count: figure.startsWith('cold') ? figures.coldCount : wanted.size,
  });
  return [
    {
      ...row,
      metric: 'P@10',
      unit: 'share',
      ...of('precision'),
      baseline: { value: BASELINES.precision, from: FROM },
    },
    { ...row, metric: 'R@10', unit: 'share', ...of('recall'), baseline: null },
    { ...row, metric: 'AUC', unit: 'AUROC', ...of('auc'), baseline: { value: BASELINES.auc, from: FROM } },
    {
      ...row,
      metric: 'cold-item-AUC',
      unit: 'AUROC',
      ...of('coldAuc'),
      baseline: { value: BASELINES.coldAuc, from: FROM },
    },
    {
      ...row,
      metric: 'cold-item-among-all-AUC',
      unit: 'AUROC',
      ...of('coldAmongAllAuc'),
    },
  ];
}

function readItems(dataDirectory: string): ItemDescription[] {
  return readLines(dataDirectory, 'items', itemLine, 1).map(([, code, text, price]) => ({
    code,
    text,
    price,
  }));
}

function readPurchases(dataDirectory: string, part: string): Purchases {
  const lines = readLines(dataDirectory, part, line, 0);
  return {
    users: lines.map(([user]) => user),
    items: lines.map(([, item]) => item),
    days: lines.map(([, , date]) => Date.parse(date) / DAY_MS),
  };
}

function readLines<T>(dataDirectory: string, part: string, schema: z.ZodType<T>, skipped: number): T[] {
  const here = join(dataDirectory, SET, `${part}.tsv`);
  const file = existsSync(here) ? here : join(publicData, SET, `${part}.tsv`);
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(skipped)
    .filter((text) => text !== '')
    .map((text) => schema.parse(text.split('\t')));
}

function joinPurchases(
  parts: readonly Purchases[],
  itemCount: number,
  laterUsers: readonly number[],
): Interactions {
  const users = Uint32Array.from(parts.flatMap((part) => part.users));
  return {
    userCount: [...users, ...laterUsers].reduce((most, user) => Math.max(most, user + 1), 0),
    itemCount,
    users,
    items: Uint32Array.from(parts.flatMap((part) => part.items)),
    days: Float64Array.from(parts.flatMap((part) => part.days)),
    strengths: new Float32Array(users.length).fill(1),
  };
}
