// Measures how often the passage that answers a question is ranked first, and how well `support` tells an answer from none.
import MiniSearch from 'minisearch';
import {
  buildPassageIndex,
  type RankedPassage,
  rankPassages,
} from '../../server/src/modules/knowledge/ranking.ts';
import {
  type EvalPassage,
  type EvalQuestion,
  type RetrievalSet,
  readPassages,
  readQuestions,
  retrievalSets,
} from './retrieval-sets.ts';
import { BARE, type EvalInput, percent, processorSeconds, type Row } from './rows.ts';

// R@1 of BM25 with character 4-grams.
const BASELINES = {
  retrieval_xquad_en: 92.4,
  retrieval_xquad_es: 91.9,
  retrieval_faquad_pt: 81.7,
  retrieval_stackfaq_en: 66.3,
} as const satisfies Record<RetrievalSet, number>;

export async function run({ dataDirectory, split }: EvalInput): Promise<Row[]> {
  return retrievalSets.flatMap((set) =>
    measure(set, split, readPassages(dataDirectory, set), readQuestions(dataDirectory, set, split)),
  );
}

function measure(
  set: RetrievalSet,
  split: string,
  passages: readonly EvalPassage[],
  questions: readonly EvalQuestion[],
): Row[] {
  const index = buildPassageIndex(passages);
  const rankAll = () => questions.map(({ q }) => rankPassages(index, q));
  // Once for the compiler, once for the clock.
  rankAll();
  const startedAt = processorSeconds();
  const ranked = rankAll();
  const microsPerRow = (1e6 * (processorSeconds() - startedAt)) / questions.length;
  const foundWithin = (depth: number) =>
    ranked.filter((results, at) =>
      results.slice(0, depth).some(({ passage }) => passage.id === questions[at]?.pid),
    ).length;
  const row = { ...BARE, task: 'retrieval', set, split, unit: '%', count: questions.length } as const;
  const foundShare = (depth: number) => percent(foundWithin(depth), questions.length);
  return [
    {
      ...row,
      metric: 'R@1',
      value: foundShare(1),
      microsPerRow,
      baseline: { value: BASELINES[set], from: 'BM25 + character 4-grams' },
      peers: { minisearch: percent(minisearchFirst(passages, questions), questions.length) },
    },
    { ...row, metric: 'R@3', value: foundShare(3) },
    { ...row, metric: 'support', unit: 'AUROC', value: supportAuroc(ranked, questions) },
  ];
}

/** How many questions minisearch, as it comes, ranks the right passage first for. */
function minisearchFirst(passages: readonly EvalPassage[], questions: readonly EvalQuestion[]): number {
  const peer = new MiniSearch({ fields: ['heading', 'text'] });
  peer.addAll(passages.map(({ id, heading, text }) => ({ id, heading: heading ?? '', text })));
  return questions.filter(({ q, pid }) => peer.search(q)[0]?.id === pid).length;
}

/** How often a best passage that is right has more support than the best one that is wrong. */
function supportAuroc(
  ranked: readonly (readonly RankedPassage<EvalPassage>[])[],
  questions: readonly EvalQuestion[],
): number {
  const right: number[] = [];
  const wrong: number[] = [];
  ranked.forEach((results, at) => {
    const isRight = ({ passage }: RankedPassage<EvalPassage>) => passage.id === questions[at]?.pid;
    const [best] = results;
    const bestWrong = results.find((result) => !isRight(result));
    if (best !== undefined && isRight(best)) right.push(best.support);
    if (bestWrong !== undefined) wrong.push(bestWrong.support);
  });
  const wins = right.reduce(
    (sum, high) => sum + wrong.reduce((won, low) => won + (high > low ? 1 : high === low ? 0.5 : 0), 0),
    0,
  );
  return wins / (right.length * wrong.length);
}
