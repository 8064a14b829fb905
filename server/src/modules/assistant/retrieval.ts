// Which passages a model is given for what was asked, and how likely each of them answers which question of it.
import type { Language } from '@parley/contract/common';
import {
  askedParts,
  type HistoryMessage,
  type RankedFor,
  rankForPart,
  type Supports,
  wordingsOf,
} from '../inference/inference.ts';
import {
  type FoundPassage,
  findPassages,
  type KnowledgeIndex,
  type KnownPassage,
  rankKnowledge,
} from '../knowledge/knowledge.ts';

export interface Retrieved {
  /** Tools that find more add to it. */
  readonly passages: FoundPassage[];
  readonly supports: Supports;
}

const passagesMax = 6;
/** Of each question the best ones are given, before those that speak to all of it. */
const passagesOfPart = 2;

/** All that knowledge is going to be asked, as far as it is known before. */
export function questionsIn(asked: {
  readonly history: readonly HistoryMessage[];
  readonly question: string;
}): string[] {
  return [...askedParts(asked.history).flatMap(wordingsOf), asked.question];
}

/** @throws CryptoError */
export async function retrieve(
  knowledge: KnowledgeIndex,
  asked: {
    readonly history: readonly HistoryMessage[];
    readonly question: string;
    readonly language: Language;
  },
  needed: number,
): Promise<Retrieved> {
  const ranked: (readonly RankedFor<KnownPassage>[])[] = [];
  // One after the other: what a contact asks takes no more than its turn at the database.
  for (const part of askedParts(asked.history))
    ranked.push(await rankForPart(part, (question) => rankKnowledge(knowledge, question), keyOf, needed));
  const chosen = new Map<string, FoundPassage>();
  const take = (found: FoundPassage) => {
    const key = keyOf(found);
    const support = Math.max(found.support, chosen.get(key)?.support ?? 0);
    if (chosen.size < passagesMax || chosen.has(key)) chosen.set(key, { ...found, support });
  };
  for (const part of ranked)
    for (const { passage, score, support } of part.slice(0, passagesOfPart))
      take({ ...passage, score, support });
  for (const found of await findPassages(knowledge, asked.question, asked.language, passagesMax)) take(found);
  const passages = [...chosen.values()].sort((left, right) => right.support - left.support);
  const places = new Map(passages.map((passage, at) => [keyOf(passage), at]));
  const parts = ranked.map((part) =>
    part.flatMap(({ passage, support }) => {
      const at = places.get(keyOf(passage));
      return at === undefined ? [] : [{ at, support }];
    }),
  );
  return { passages, supports: { needed, parts } };
}

const keyOf = ({ documentId, id }: KnownPassage) => `${documentId}:${id}`;
