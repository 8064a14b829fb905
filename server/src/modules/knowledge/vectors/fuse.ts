// One order out of two: what the words of a question say of passages, and what vectors say. Pure.
import type { RankablePassage, RankedPassage } from '../ranking.ts';

/** What a vector that stands out is worth, where words weigh up to 3.8 and about 2 for the best passage of most questions. */
const WEIGHT = 2;
/** The share of it that is left where words alone are sure. */
const LEFT_WHERE_SURE = 0.1;
/** Whatever has no word in common with a question is never sure: less than an answer of the built-in model needs. */
const SUPPORT_MAX = 0.4;

/**
 * Ranks anew what words and vectors have found. The surer words are, the less vectors change; a passage whose vector does not
 * stand out keeps its score, so that vectors that mean nothing leave the order as it is.
 * @param evidence of a passage, 0 to 1
 */
export function fuse<T extends RankablePassage>(
  ranked: readonly RankedPassage<T>[],
  evidence: (passage: T) => number,
): RankedPassage<T>[] {
  const sure = ranked.reduce((most, { support }) => Math.max(most, support), 0);
  const weight = WEIGHT * (LEFT_WHERE_SURE + (1 - LEFT_WHERE_SURE) * (1 - sure));
  return ranked
    .map((one) => {
      const found = evidence(one.passage);
      return {
        ...one,
        score: one.score + weight * found,
        support: Math.max(one.support, SUPPORT_MAX * found),
      };
    })
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score);
}
