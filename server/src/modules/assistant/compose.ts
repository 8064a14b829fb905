// Makes an answer to what was asked: finds passages, lets a model work with the contact's tools, and tells which passages
// the answer rests on.
import type { Assistant } from '@parley/contract/assistant';
import type { SpendingPurpose } from '@parley/contract/budgets';
import type { Language } from '@parley/contract/common';
import type { HandOverSummary, ReadPassage } from '@parley/contract/runs';
import type { ToolStep } from '@parley/contract/tools';
import type { Context } from '../../core/context.ts';
import {
  builtInName,
  type ComposedAnswer,
  composeAnswer,
  type HistoryMessage,
  handOverSentence,
  isSmallTalk,
  ownWords,
  type Prompt,
  type Sensitivity,
} from '../inference/inference.ts';
import { type FoundPassage, type KnowledgeIndex, withVectors } from '../knowledge/knowledge.ts';
import { runAgent } from './agent.ts';
import { supportOfAnswer } from './answer-support.ts';
import { summarise } from './hand-over.ts';
import { repeats } from './repeats.ts';
import { questionsIn, type Retrieved, retrieve } from './retrieval.ts';
import { handOverTool } from './tools/built-in-tools.ts';
import { isUnknown } from './tools/call.ts';
import { noTools, toolsetFor } from './tools/toolset.ts';

export interface Question {
  readonly history: readonly HistoryMessage[];
  /** What is to be answered, alone. */
  readonly question: string;
  readonly language: Language;
  readonly sensitivity: Sensitivity;
  readonly purpose: SpendingPurpose;
  /** See `Asking`. */
  readonly onText?: (text: string) => void;
  /** See `AgentRequest`. */
  readonly keepSteps?: (steps: readonly ToolStep[]) => Promise<void>;
  readonly made?: readonly ToolStep[];
  readonly madeBefore?: readonly ToolStep[];
  readonly signal: AbortSignal;
  /** Who is answered; absent: nobody. */
  readonly conversationId?: string;
  readonly contactId?: string;
}

export type Composed = ComposedAnswer & {
  readonly passages: readonly ReadPassage[];
  readonly steps: readonly ToolStep[];
  /** One of them was to change something. */
  readonly hasChanged: boolean;
  /** The estimated probability, 0 to 1, that it is right; null where nothing was claimed. */
  readonly support: number | null;
  /** Null unless it hands over. */
  readonly summary: HandOverSummary | null;
};

/** A contact waits for a message anyway; longer than this, words alone find what they find. */
const vectorMsMax = 2_000;

/** Finds passages and asks a model; in a transaction only where the settings name no model. */
export async function compose(
  ctx: Context,
  settings: Assistant,
  knowledge: KnowledgeIndex,
  asked: Question,
): Promise<Composed> {
  const searched = await withVectors(ctx, knowledge, {
    ...asked,
    texts: questionsIn(asked),
    said: asked.history.map(({ text }) => text),
    timeoutMs: vectorMsMax,
  });
  const retrieved = await retrieve(searched, asked, settings.supportNeeded);
  const { passages: found, supports } = retrieved;
  const { conversationId, contactId } = asked;
  const toolset =
    conversationId && contactId
      ? await toolsetFor(ctx, { kind: 'contact', conversationId, contactId })
      : noTools;
  let did: Did = { steps: [], hasChanged: false };
  const composed = await composeAnswer(
    ctx,
    {
      persona: { name: 'the assistant of this workspace', instructions: settings.persona },
      passages: found,
      history: asked.history,
      language: asked.language,
      supports,
    },
    {
      sensitivity: asked.sensitivity,
      preferredModelId: settings.modelId,
      purpose: asked.purpose,
      signal: asked.signal,
      ...(asked.onText ? { onText: asked.onText } : {}),
      ...(asked.conversationId ? { conversationId: asked.conversationId } : {}),
      ...(asked.contactId ? { contactId: asked.contactId } : {}),
    },
    async (_, request) => {
      const answer = await runAgent(ctx, {
        ...request,
        toolset,
        passages: found,
        made: asked.made ?? [],
        madeBefore: asked.madeBefore ?? [],
        ...(asked.keepSteps ? { keepSteps: asked.keepSteps } : {}),
      });
      did = { steps: answer.steps, hasChanged: answer.hasChanged };
      return leaksInstructions(answer.text, request.prompt, settings.persona)
        ? { ...answer, text: '' }
        : answer;
    },
  );
  const { steps } = did;
  const calledPerson = steps.some(({ tool, state }) => tool === handOverTool && state === 'done');
  const needsPerson = calledPerson || steps.some(isUnknown);
  const answer = { ...composed, handOver: composed.handOver || needsPerson, ...did };
  return judge(answer, settings, retrieved, asked);
}

type Did = Pick<Composed, 'steps' | 'hasChanged'>;

/** Words alone make nothing certain. */
const certainMax = 0.99;

/** Holds an answer back that has too little support. */
function judge(
  answer: ComposedAnswer & Did,
  settings: Assistant,
  { passages, supports }: Retrieved,
  asked: Question,
): Composed {
  const isBuiltIn = answer.model === builtInName;
  const found = supportOf(answer, settings, passages, asked);
  const support = found === null ? null : Math.min(certainMax, found);
  const isWeak = !answer.handOver && !isBuiltIn && support !== null && support < supports.needed;
  const handOver = answer.handOver || isWeak;
  const cited = isWeak ? new Set<number>() : answer.cited;
  return {
    ...answer,
    text: isWeak ? handOverSentence(asked.language) : answer.text,
    handOver,
    cited,
    support,
    passages: passages.map((passage, at) => describePassage(passage, answer.cited.has(at))),
    summary: handOver
      ? summarise({
          history: asked.history,
          language: asked.language,
          supports,
          isPartAnswered: cited.size > 0,
          isBuiltIn,
          hasModel: answer.model !== null,
          heldBack: isWeak ? answer.text : null,
          steps: answer.steps,
        })
      : null,
  };
}

function supportOf(
  { text, model, handOver, cited, steps }: ComposedAnswer & Did,
  settings: Assistant,
  passages: readonly FoundPassage[],
  { history }: Question,
): number | null {
  const best = passages.reduce((most, { support }) => Math.max(most, support), 0);
  const named = passages.filter((_, at) => cited.has(at));
  if (named.length === 0 && (handOver || model === null)) return best;
  if (named.length === 0 && (model === builtInName || isSmallTalk(history))) return null;
  const told = steps.flatMap(({ state, result }) =>
    (state === 'done' || state === 'waiting') && result !== null ? [result] : [],
  );
  const read = named.length > 0 ? named : passages;
  return supportOfAnswer({
    text,
    isBuiltIn: model === builtInName,
    citedSupports: named.map(({ support }) => support),
    sources: [
      ...read.map(({ heading, text: words }) => `${heading ?? ''}\n${words}`),
      settings.persona,
      ...told,
    ],
    asked: history.flatMap(({ sender, text: words }) => (sender === 'contact' ? [words] : [])),
    usedTools: told.length > 0,
  });
}

/** Copies of a persona are told from what it has in common with an answer, e.g. a name, by their length. */
const personaRepeatedMin = 120;

/** A person answers instead: whoever got a model to say this wants more than an answer. */
function leaksInstructions(text: string, { instructions }: Prompt, persona: string): boolean {
  const rules = ownWords(instructions).replace(persona, '');
  return repeats(text, rules) || repeats(text, persona, personaRepeatedMin);
}

export function describePassage(passage: FoundPassage, cited: boolean): ReadPassage {
  const { textId, version, title, id: passageId, page } = passage;
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  const place = page === null ? {} : { page };
  const [score, support] = [rounded(passage.score), rounded(Math.min(certainMax, passage.support))];
  return { textId, version, title, passageId, ...place, score, support, cited };
}
