// The assistant that speaks for a workspace: its settings, its answers, and the record of each of its turns.
import type { TrialAnswer, TrialQuestion } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import { passagesOf } from '../knowledge/knowledge.ts';
import { detectLanguage } from '../understanding/understanding.ts';
import { compose } from './compose.ts';
import {
  assistantRuntime,
  changeAssistant,
  changeConsentRule,
  createAssistantRuntime,
  readAssistant,
} from './settings.ts';

export { checkHere } from './case-checks.ts';
export { listCases } from './cases.ts';
export { assistantRuntime, changeAssistant, changeConsentRule, createAssistantRuntime, readAssistant };

/** A page waits no longer for it. */
const trialMsMax = 50_000;

/** Answers a question as a contact's would be answered, and sends it to nobody. */
export async function tryAnswer(ctx: Context, { question, language }: TrialQuestion): Promise<TrialAnswer> {
  const settings = await readAssistant(ctx);
  const spoken = language ?? (await detectLanguage(question)).language;
  const {
    handOver,
    cited: _,
    passages,
    reasons,
    summary,
    steps: __,
    calls: ___,
    ...composed
  } = await compose(ctx, settings, await passagesOf(ctx), {
    history: [{ sender: 'contact', text: question }],
    question,
    language: spoken,
    sensitivity: 'normal',
    purpose: 'trial',
    signal: AbortSignal.timeout(trialMsMax),
  });
  return {
    ...composed,
    outcome: handOver ? 'handed_over' : 'answered',
    language: spoken,
    reasons: [...reasons],
    readPassages: [...passages],
    handOver: summary,
  };
}
