// Why an answer is left to a person, and what that person is told. Pure.
import type { Language } from '@parley/contract/common';
import type { HandOverSummary } from '@parley/contract/runs';
import type { ToolStep } from '@parley/contract/tools';
import { askedParts, asksForPerson, type HistoryMessage, type Supports } from '../inference/inference.ts';
import { isUnknown } from './tools/call.ts';

const askedMax = 5;
const askedLengthMax = 500;

export interface LeftToPerson {
  readonly history: readonly HistoryMessage[];
  readonly language: Language;
  readonly supports: Supports;
  /** Something was answered with it. */
  readonly isPartAnswered: boolean;
  readonly isBuiltIn: boolean;
  readonly hasModel: boolean;
  /** The answer that had too little support. */
  readonly heldBack: string | null;
  readonly steps: readonly ToolStep[];
}

export function summarise(left: LeftToPerson): HandOverSummary {
  const parts = askedParts(left.history);
  const isOpen = (at: number) => (left.supports.parts[at]?.[0]?.support ?? 0) < left.supports.needed;
  const open = left.isPartAnswered ? parts.filter((_, at) => isOpen(at)) : parts;
  return {
    because: reasonOf(left),
    asked: tellAsked(open.length > 0 ? open : parts),
    language: left.language,
    heldBack: left.heldBack,
  };
}

/** Of a turn that ends without an answer, after its tools had changed something. */
export function summariseBrokenOff({
  history,
  language,
  steps,
}: Pick<LeftToPerson, 'history' | 'language' | 'steps'>): HandOverSummary {
  return {
    because: steps.some(isUnknown) ? 'outcome_unknown' : 'gave_up',
    asked: tellAsked(askedParts(history)),
    language,
    heldBack: null,
  };
}

const tellAsked = (parts: readonly { readonly text: string }[]) =>
  parts.slice(-askedMax).map(({ text }) => text.slice(0, askedLengthMax).toWellFormed());

function reasonOf(left: LeftToPerson): HandOverSummary['because'] {
  if (left.steps.some(isUnknown)) return 'outcome_unknown';
  if (!left.hasModel) return 'no_model';
  if (left.heldBack !== null) return 'low_support';
  if (asksForPerson(left.history)) return 'person_asked_for';
  if (left.isPartAnswered) return 'part_unanswered';
  return left.isBuiltIn ? 'no_answer' : 'model_decided';
}
