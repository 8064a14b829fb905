// How a turn ends: what it says, if it may still say anything, and what its run tells of it. All of it in one transaction,
// under the conversation's lock.
import type { Assistant } from '@parley/contract/assistant';
import type { Policy, RunOutcome } from '@parley/contract/runs';
import type { ToolStep } from '@parley/contract/tools';
import type { TransactionContext } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { findChannel } from '../channels/channels.ts';
import {
  type ConversationState,
  createOutboundMessage,
  flagConversation,
  newestUnreadMessage,
  type ThreadMessage,
} from '../conversations/conversations.ts';
import type { Composed } from './compose.ts';
import { answerLater } from './jobs.ts';
import { type EarlierTurns, endRun, type OpenRun } from './runs.ts';
import { fit } from './thread.ts';
import { isUnknown } from './tools/call.ts';

/** An answer is given up for a newer message this many times in a row; then it is sent, and the newer one has its own. */
const supersededMax = 3;
/** One SMS: no channel takes less in one message. */
const lengthThatFits = 160;

export interface Turn {
  readonly run: OpenRun;
  readonly earlier: EarlierTurns;
  readonly conversation: ConversationState;
  readonly thread: readonly ThreadMessage[];
  readonly unanswered: readonly ThreadMessage[];
  /** What its tools did before its process was lost. */
  readonly made: readonly ToolStep[];
  /** What earlier turns' did. */
  readonly madeBefore: readonly ToolStep[];
  readonly startedAt: number;
}

/** Null when the assistant has nothing to say here. */
export function policyFor(
  conversation: ConversationState,
  settings: Assistant,
): Exclude<Policy, 'off'> | null {
  const policy = conversation.assistantPolicy ?? settings.policy;
  const silent =
    conversation.ownerKind !== 'assistant' || conversation.optedOut || conversation.status === 'archived';
  return silent || policy === 'off' || !mayAnswer(conversation, settings) ? null : policy;
}

/** Whether the contact may be answered by a machine, by the workspace's rule. */
export function mayAnswer(
  { aiConsent }: Pick<ConversationState, 'aiConsent'>,
  { consentRule }: Pick<Assistant, 'consentRule'>,
): boolean {
  if (consentRule === 'ask_nobody') return true;
  return aiConsent === 'granted' || (aiConsent === 'unknown' && consentRule === 'answer_unless_refused');
}

/** @param conversation as it is now, locked. */
export async function finishTurn(
  tx: TransactionContext,
  turn: Turn,
  conversation: ConversationState,
  composed: Composed,
  settings: Assistant,
): Promise<void> {
  const { earlier } = turn;
  const policy = policyFor(conversation, settings);
  if (!policy) {
    await end(tx, turn, 'held_back', settings.policy, { composed });
    if (composed.steps.some(isUnknown))
      await flagConversation(tx, { conversationId: conversation.id, reason: 'handed_over' });
    return;
  }
  const [oldest] = turn.thread;
  // Under the one lock of a whole turn nothing new is said.
  const newer =
    conversation === turn.conversation || !oldest
      ? null
      : await newestUnreadMessage(
          tx,
          conversation.id,
          oldest.createdAt,
          turn.thread.map(({ id }) => id),
        );
  if (newer) {
    answerLater(tx, conversation.id, new Date(newer.createdAt.getTime() + settings.burstWaitMs));
    // What a tool has changed is said: who would compose anew might change it again.
    if (!composed.hasChanged && earlier.supersededInRow < supersededMax)
      return end(tx, turn, 'superseded', policy, { composed });
  }
  const saysSomething = !composed.handOver || composed.cited.size > 0;
  const isRepeated = !saysSomething && (policy === 'draft' || earlier.handedOverLately);
  try {
    const messageId = isRepeated ? null : await say(tx, turn, composed.text, policy);
    const answered = policy === 'auto' ? 'answered' : 'drafted';
    await end(tx, turn, composed.handOver ? 'handed_over' : answered, policy, { composed, messageId });
    if (composed.handOver)
      await flagConversation(tx, { conversationId: conversation.id, reason: 'handed_over' });
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    if (error.code === 'budget_exhausted') {
      await end(tx, turn, 'limited', policy, { composed, errorCode: error.code });
      return flagConversation(tx, { conversationId: conversation.id, reason: 'reply_limit' });
    }
    // The channel was removed, or consent was withdrawn, since: nobody is left to say it to.
    await end(tx, turn, 'held_back', policy, { composed, errorCode: error.code });
  }
}

/** @throws ParleyError before anything is made: 409 `budget_exhausted` where a cap on SMS segments has no room for it */
async function say(
  tx: TransactionContext,
  { conversation, run }: Turn,
  text: string,
  policy: Exclude<Policy, 'off'>,
): Promise<string> {
  const channel = text.length > lengthThatFits ? await findChannel(tx, conversation.channelId) : null;
  const body = channel ? fit(text, channel.capabilities.bodyLengthMax) : text;
  const { messageId } = await createOutboundMessage(tx, {
    conversationId: conversation.id,
    body,
    sender: { kind: 'assistant', id: null },
    runId: run.id,
    draft: policy === 'draft',
  });
  return messageId;
}

export async function end(
  tx: TransactionContext,
  turn: Turn,
  outcome: RunOutcome,
  policy: Policy,
  {
    composed,
    messageId = null,
    errorCode = null,
  }: { composed?: Composed; messageId?: string | null; errorCode?: string | null },
): Promise<void> {
  await endRun(tx, turn.run, {
    outcome,
    policy,
    readPassages: composed?.passages ?? [],
    model: composed?.model ?? null,
    reasons: composed?.reasons ?? [],
    inputTokens: composed?.inputTokens ?? 0,
    outputTokens: composed?.outputTokens ?? 0,
    costMicros: composed ? composed.costMicros : 0,
    support: composed?.support ?? null,
    handOver:
      composed && (outcome === 'handed_over' || composed.steps.some(isUnknown)) ? composed.summary : null,
    durationMs: Math.max(0, tx.clock.now() - turn.startedAt),
    messageId,
    errorCode,
    steps: composed?.steps ?? turn.made,
  });
}
