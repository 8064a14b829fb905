// Ranks the passages in memory by words and vectors together.
import type { KnownPassage } from '../knowledge-index.ts';
import { type PassageIndex, type RankedPassage, rankPassages } from '../ranking.ts';
import { lettingOthersIn } from '../turns.ts';
import { fuse } from './fuse.ts';
import type { QuestionVector, VectorBlock } from './load.ts';
import { findNearest } from './nearest.ts';

/** Passages that are ranked because of their vectors, whatever words they have. */
export const foundByVectorMax = 16;

type Index = PassageIndex<KnownPassage>;

/** By index, for each passage of a block its position; -1: it is not in the index. */
const positions = new WeakMap<Index, WeakMap<VectorBlock, Int32Array>>();

export async function rankInMemory(
  index: Index,
  question: string,
  limit: number,
  { vector, vectors }: QuestionVector,
): Promise<RankedPassage<KnownPassage>[]> {
  const positionOf = positionsIn(index);
  const steps = findNearest(vector, vectors.blocks.values(), (block, at) => {
    const position = positionOf(block)[at] ?? -1;
    return position < 0 ? null : position;
  });
  const nearest = await lettingOthersIn(steps);
  const evidence = new Map(nearest.map((one) => [index.passages[one.of], one.evidence]));
  const also = nearest.slice(0, foundByVectorMax).map(({ of }) => of);
  const ranked = rankPassages(index, question, limit, also);
  return fuse(ranked, (passage) => evidence.get(passage) ?? 0).slice(0, limit);
}

function positionsIn(index: Index): (block: VectorBlock) => Int32Array {
  const ofBlocks = positions.get(index) ?? new WeakMap<VectorBlock, Int32Array>();
  positions.set(index, ofBlocks);
  let byPassage: Map<string, number> | null = null;
  return (block) => {
    const known = ofBlocks.get(block);
    if (known) return known;
    byPassage ??= new Map(index.passages.map(({ documentId, id }, at) => [`${documentId}:${id}`, at]));
    const all = byPassage;
    const found = Int32Array.from(block.passages, ({ id }) => all.get(`${block.documentId}:${id}`) ?? -1);
    ofBlocks.set(block, found);
    return found;
  };
}
