// One turn of the assistant. Under the conversation's lock, what was said is read and a run begins; the answer is composed
// outside of any transaction; under the lock again, the message and the run's end are one commit. A job that is killed
// in between takes up its own run, so a contact never gets two answers to one message. Where no outside model is asked,
// all of it is one commit, and the run is written once, ended.

import type { Assistant } from '@parley/contract/assistant';
import type { Policy, RunOutcome } from '@parley/contract/runs';
import { countSegments } from '@parley/contract/segments';
import { z } from 'zod';
import type { Actor, Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { findChannel } from '../channels/channels.ts';
import {
  type ConversationState,
  countAssistantReplies,
  createOutboundMessage,
  flagConversation,
  lockConversation,
  newestUnreadMessage,
  readThread,
  type ThreadMessage,
  whileLocked,
} from '../conversations/conversations.ts';
import { prepareSpending, spendSegments } from '../inference/inference.ts';
import { type KnowledgeIndex, passagesOf } from '../knowledge/knowledge.ts';
import { type Composed, compose, type Question } from './compose.ts';
import {
  abandonRun,
  beginRun,
  type EarlierTurns,
  endRun,
  lostRuns,
  type OpenRun,
  openRun,
  RunEndedError,
  readEarlierTurns,
  recordFailedRun,
} from './runs.ts';
import { knownSettings } from './settings.ts';
import { fit, historyOf, repliesSince, unansweredOf } from './thread.ts';
import { knownTools } from './tools/known-tools.ts';
import { beginWriting } from './writing.ts';

export const answerConversation = defineJob({
  name: 'assistant.answer',
  doc: 'Answers what a contact said last, once they have been silent for a moment.',
  input: z.object({ conversationId: z.uuid() }),
  effect: 'external',
  oneWaitingPerKey: true,
  retries: 4,
  retryDelaySeconds: 1,
  retryDelaySecondsMax: 15,
  concurrency: 20,
  timeoutSeconds: 120,
});

export const endLostRuns = defineJob({
  name: 'assistant.end-lost-runs',
  doc: 'Ends runs whose job is gone, flags their conversations, and looks whether something is left to answer.',
  input: z.object({}),
  effect: 'system',
  retries: 2,
});

/** Longer than all tries of a job with their pauses take. */
const lostAfterMs = 15 * 60_000;
/** How much of a conversation a model reads. */
const threadLength = 30;
/** A contact who never falls silent is answered after this many waits. */
const burstWaitsMax = 10;
/** An answer is given up for a newer message this many times in a row; then it is sent, and the newer one has its own. */
const supersededMax = 3;
/** What was said longer ago than this, a person answers: the moment for an automatic reply is over. */
const answerableMs = 24 * 3_600_000;
const hourMs = 3_600_000;
/** One SMS: no channel takes less in one message. */
const lengthThatFits = 160;

const assistantActor: Actor = { kind: 'assistant', id: null, permissions: new Set() };

interface Turn {
  readonly run: OpenRun;
  readonly earlier: EarlierTurns;
  readonly conversation: ConversationState;
  readonly thread: readonly ThreadMessage[];
  readonly unanswered: readonly ThreadMessage[];
  readonly startedAt: number;
}

/** The job. */
export async function answer(
  context: Context,
  { conversationId }: { conversationId: string },
  job: JobRun,
): Promise<void> {
  const ctx = context.as(assistantActor);
  try {
    const settings = await knownSettings(ctx);
    const knowledge = await passagesOf(ctx);
    await Promise.all([prepareSpending(ctx), knownTools(ctx)]);
    if (settings.modelId === null) await answerAtOnce(ctx, conversationId, settings, knowledge, job);
    else await answerInSteps(ctx, conversationId, settings, knowledge, job);
  } catch (error) {
    if (error instanceof RunEndedError) return;
    if (job.isLastAttempt) await ctx.transaction((tx) => giveUp(tx, conversationId, job.id));
    throw error;
  }
}

/** The built-in model computes for a millisecond and calls nobody, so its whole turn is one short transaction. */
async function answerAtOnce(
  ctx: Context,
  conversationId: string,
  settings: Assistant,
  knowledge: KnowledgeIndex,
  job: JobRun,
): Promise<void> {
  const wholeTurn = async (tx: TransactionContext) => {
    const turn = await startTurn(tx, conversationId, settings, job);
    if (!turn) return;
    const composed = await compose(tx, settings, knowledge, questionOf(turn, job));
    await finishTurn(tx, turn, turn.conversation, composed, settings);
  };
  await whileLocked(ctx, { conversationId }, wholeTurn, job.signal);
}

async function answerInSteps(
  ctx: Context,
  conversationId: string,
  settings: Assistant,
  knowledge: KnowledgeIndex,
  job: JobRun,
): Promise<void> {
  const turn = await ctx.transaction(async (tx) => {
    const started = await startTurn(tx, conversationId, settings, job);
    return started && { ...started, run: beginRun(tx, started.run) };
  });
  if (!turn) return;
  const writing = beginWriting(ctx, conversationId, turn.run.id);
  try {
    const question = { ...questionOf(turn, job), onText: writing.goOn };
    await decide(ctx, turn, await compose(ctx, settings, knowledge, question));
  } finally {
    writing.end();
  }
}

async function decide(ctx: Context, turn: Turn, composed: Composed): Promise<void> {
  const conversationId = turn.conversation.id;
  // Whether it may still speak is asked anew: a model may have taken its time.
  const now = await knownSettings(ctx);
  await ctx.transaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId);
    if (conversation) await finishTurn(tx, turn, conversation, composed, now);
  });
}

function questionOf({ conversation, thread, unanswered }: Turn, { signal }: JobRun): Question {
  return {
    history: historyOf(thread, unanswered),
    question: unanswered.map(({ body }) => body).join('\n'),
    language: conversation.language,
    sensitivity: conversation.private ? 'private' : 'normal',
    purpose: 'run',
    conversationId: conversation.id,
    contactId: conversation.contactId,
    signal,
  };
}

/** Null when the assistant has nothing to say here. */
function policyFor(conversation: ConversationState, settings: Assistant): Exclude<Policy, 'off'> | null {
  const policy = conversation.assistantPolicy ?? settings.policy;
  const silent =
    conversation.ownerKind !== 'assistant' || conversation.optedOut || conversation.status === 'archived';
  return silent || policy === 'off' ? null : policy;
}

/** Reads, and opens a run. Null when there is nothing to do, or not yet. */
async function startTurn(
  tx: TransactionContext,
  conversationId: string,
  settings: Assistant,
  job: JobRun,
): Promise<Turn | null> {
  const startedAt = tx.clock.now();
  // Sent together, run in this order: what is read after the lock is what the lock's last holder left.
  const [conversation, thread, earlier] = await Promise.all([
    lockConversation(tx, conversationId),
    readThread(tx, conversationId, threadLength),
    readEarlierTurns(tx, conversationId),
  ]);
  if (!conversation) return null;
  const policy = policyFor(conversation, settings);
  if (!policy) {
    // A run that a killed process left must not stand in the way of later ones.
    if (earlier.active?.jobId === job.id)
      await abandonRun(tx, { conversationId, jobId: job.id, outcome: 'held_back', errorCode: null });
    return null;
  }
  const newest = thread.findLast(({ direction }) => direction === 'inbound');
  const candidates = unansweredOf(thread, new Set());
  if (!newest || candidates.length === 0) return null;
  const dueAt = answerDueAt(thread, newest, settings.burstWaitMs);
  if (startedAt < dueAt) {
    answerLater(tx, conversationId, new Date(dueAt));
    return null;
  }
  const run = openRun(earlier, idsOf(candidates), {
    conversationId,
    jobId: job.id,
    policy,
    readMessageIds: idsOf(thread),
    lastReadMessageId: newest.id,
    startedAt: tx.clock.date(),
  });
  if (!run) return null;
  const unanswered = unansweredOf(thread, earlier.previouslyRead);
  const turn: Turn = { run, earlier, conversation, thread, unanswered, startedAt };
  if (unanswered.length === 0) {
    await end(tx, turn, 'held_back', policy, { errorCode: 'nothing_to_answer' });
    return null;
  }
  if (startedAt - newest.createdAt.getTime() > answerableMs) {
    await end(tx, turn, 'held_back', policy, { errorCode: 'too_late' });
    await flagConversation(tx, { conversationId, reason: 'too_late' });
    return null;
  }
  if (policy === 'auto' && (await lastHoursReplies(tx, turn)) >= settings.repliesPerHourMax) {
    await end(tx, turn, 'limited', policy, {});
    await flagConversation(tx, { conversationId, reason: 'reply_limit' });
    return null;
  }
  return turn;
}

/** When the burst is over: the contact has been silent for a wait, or has been writing for many. */
function answerDueAt(thread: readonly ThreadMessage[], newest: ThreadMessage, burstWaitMs: number): number {
  // Roughly: what the last turn read is known only further down.
  const [oldest = newest] = unansweredOf(thread, null);
  return Math.min(
    newest.createdAt.getTime() + burstWaitMs,
    oldest.createdAt.getTime() + burstWaitMs * burstWaitsMax,
  );
}

const idsOf = (messages: readonly ThreadMessage[]) => messages.map(({ id }) => id);

async function lastHoursReplies(tx: TransactionContext, { conversation, thread }: Turn): Promise<number> {
  const since = new Date(tx.clock.now() - hourMs);
  return (
    repliesSince(thread, since, thread.length < threadLength) ??
    (await countAssistantReplies(tx, conversation.id, since))
  );
}

/** @param conversation as it is now, locked. */
async function finishTurn(
  tx: TransactionContext,
  turn: Turn,
  conversation: ConversationState,
  composed: Composed,
  settings: Assistant,
): Promise<void> {
  const { earlier } = turn;
  const policy = policyFor(conversation, settings);
  if (!policy) return end(tx, turn, 'held_back', settings.policy, { composed });
  const [oldest] = turn.thread;
  // Under the one lock of a whole turn nothing new is said.
  const newer =
    conversation === turn.conversation || !oldest
      ? null
      : await newestUnreadMessage(tx, conversation.id, oldest.createdAt, idsOf(turn.thread));
  if (newer) {
    answerLater(tx, conversation.id, new Date(newer.createdAt.getTime() + settings.burstWaitMs));
    if (earlier.supersededInRow < supersededMax) return end(tx, turn, 'superseded', policy, { composed });
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
    if (error instanceof NoRoomError) {
      await end(tx, turn, 'limited', policy, { composed, errorCode: 'budget_exhausted' });
      return flagConversation(tx, { conversationId: conversation.id, reason: 'reply_limit' });
    }
    // The channel was removed, or consent was withdrawn, since: nobody is left to say it to.
    if (!(error instanceof ParleyError)) throw error;
    await end(tx, turn, 'held_back', policy, { composed, errorCode: error.code });
  }
}

/** A cap on SMS segments has no room for the answer. */
class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/** @throws NoRoomError before anything is made; ParleyError */
async function say(
  tx: TransactionContext,
  { conversation, run }: Turn,
  text: string,
  policy: Exclude<Policy, 'off'>,
): Promise<string> {
  const channel = text.length > lengthThatFits ? await findChannel(tx, conversation.channelId) : null;
  const body = channel ? fit(text, channel.capabilities.bodyLengthMax) : text;
  const { contactId, id: conversationId } = conversation;
  const { segments } = countSegments(body);
  // A draft is sent by a member, if at all.
  if (
    policy === 'auto' &&
    !(await spendSegments(tx, { purpose: 'run', conversationId, contactId, segments }))
  )
    throw new NoRoomError('a cap has no room for the answer');
  const { messageId } = await createOutboundMessage(tx, {
    conversationId,
    body,
    sender: { kind: 'assistant', id: null },
    runId: run.id,
    draft: policy === 'draft',
  });
  return messageId;
}

async function end(
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
    costMicros: composed?.costMicros ?? 0,
    support: composed?.support ?? null,
    handOver: outcome === 'handed_over' ? (composed?.summary ?? null) : null,
    durationMs: Math.max(0, tx.clock.now() - turn.startedAt),
    messageId,
    errorCode,
    steps: composed?.steps ?? [],
  });
}

function answerLater(tx: TransactionContext, conversationId: string, startAfter: Date): void {
  tx.enqueue(answerConversation, { conversationId }, { key: conversationId, startAfter });
}

/** No answer came and none will: a person has to look. What was said meanwhile gets a turn of its own. */
async function giveUp(tx: TransactionContext, conversationId: string, jobId: string): Promise<void> {
  const conversation = await lockConversation(tx, conversationId);
  if (!conversation) return;
  const abandoned = await abandonRun(tx, { conversationId, jobId, outcome: 'failed', errorCode: 'gave_up' });
  await flagConversation(tx, { conversationId, reason: 'assistant_failed' });
  if (abandoned) answerLater(tx, conversationId, tx.clock.date());
  else {
    const policy = conversation.assistantPolicy ?? 'auto';
    await recordFailedRun(tx, { conversationId, jobId, policy, errorCode: 'gave_up' });
  }
}

/** The schedule: ends runs that began so long ago that nobody works on them. */
export async function giveUpLostRuns(ctx: SystemContext): Promise<void> {
  for (const { workspaceId, conversationId, jobId } of await lostRuns(
    ctx,
    new Date(ctx.clock.now() - lostAfterMs),
  )) {
    await ctx.workspace(workspaceId, assistantActor).transaction((tx) => giveUp(tx, conversationId, jobId));
  }
}
