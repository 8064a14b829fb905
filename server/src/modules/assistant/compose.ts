// Makes an answer to what was asked: finds passages, asks a model, and tells which passages the answer rests on.
import type { Assistant } from '@parley/contract/assistant';
import type { Language } from '@parley/contract/common';
import type { ReadPassage } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import {
  type ComposedAnswer,
  composeAnswer,
  type HistoryMessage,
  type Sensitivity,
} from '../inference/inference.ts';
import { type FoundPassage, findPassages, type KnowledgeIndex } from '../knowledge/knowledge.ts';

const passagesMax = 6;

export interface Question {
  readonly history: readonly HistoryMessage[];
  /** What is to be answered, alone. */
  readonly question: string;
  readonly language: Language;
  readonly sensitivity: Sensitivity;
  readonly purpose: string;
  readonly signal: AbortSignal;
}

export type Composed = ComposedAnswer & { readonly passages: readonly ReadPassage[] };

/** Finds passages and asks a model; in a transaction only where the settings name no model. */
export async function compose(
  ctx: Context,
  settings: Assistant,
  knowledge: KnowledgeIndex,
  asked: Question,
): Promise<Composed> {
  const found = findPassages(knowledge, asked.question, asked.language, passagesMax);
  const composed = await composeAnswer(
    ctx,
    {
      persona: { name: 'the assistant of this workspace', instructions: settings.persona },
      passages: found,
      history: asked.history,
      language: asked.language,
    },
    {
      sensitivity: asked.sensitivity,
      preferredModelId: settings.modelId,
      purpose: asked.purpose,
      signal: asked.signal,
    },
  );
  return {
    ...composed,
    passages: found.map((passage, at) => describePassage(passage, composed.cited.has(at))),
  };
}

function describePassage(passage: FoundPassage, cited: boolean): ReadPassage {
  const { textId, version, title, id: passageId } = passage;
  return { textId, version, title, passageId, score: Math.round(passage.score * 1000) / 1000, cited };
}
