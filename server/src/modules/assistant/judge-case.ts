// Whether an answer is what a case expects. Pure.
import type { AnswerCaseInput, CaseFailure } from '@parley/contract/answer-cases';
import { fold } from '../knowledge/knowledge.ts';

export interface CaseAnswer {
  readonly text: string;
  readonly handOver: boolean;
  /** Null: nobody could be asked. */
  readonly model: string | null;
  /** The training data of the passages that it names. */
  readonly citedDataIds: readonly string[];
}

/** Null where the case passes. */
export function failureOf(expected: AnswerCaseInput, given: CaseAnswer): CaseFailure | null {
  if (given.model === null) return 'not_answered';
  if (expected.expects === 'hand_over') return given.handOver ? null : 'answered';
  if (given.handOver) return 'handed_over';
  const { trainingDataId, mustContain } = expected;
  if (trainingDataId !== null && !given.citedDataIds.includes(trainingDataId)) return 'other_source';
  const said = fold(given.text);
  return mustContain.every((words) => said.includes(fold(words))) ? null : 'words_missing';
}
