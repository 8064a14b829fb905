// One turn of the assistant. Under the conversation's lock, what was said is read and a run begins; the answer is composed
// outside of any transaction; under the lock again, the message and the run's end are one commit. A job that is killed
// in between takes up its own run, with what its tools have done, so a contact never gets two answers to one message, and
// nothing is done twice for it. Where no outside model is asked and all that is known is in memory, all of it is one commit,
// and the run is written once, ended.

import type { Assistant } from '@parley/contract/assistant';
import type { ToolStep } from '@parley/contract/tools';
import type { Actor, Context, SystemContext, TransactionContext } from '../../core/context.ts';
import type { JobRun } from '../../core/queue.ts';
import {
  type ConversationState,
  countAssistantReplies,
  flagConversation,
  lockConversation,
  readThread,
  type ThreadMessage,
  whileLocked,
} from '../conversations/conversations.ts';
import { handOverSentence } from '../inference/inference.ts';
import { type KnowledgeIndex, passagesOf } from '../knowledge/knowledge.ts';
import { type Composed, compose, type Question } from './compose.ts';
import { end, finishTurn, mayAnswer, policyFor, type Turn } from './finish-turn.ts';
import { summariseBrokenOff } from './hand-over.ts';
import { answerLater } from './jobs.ts';
import { keepSteps, openSteps, RunEndedError } from './run-steps.ts';
import {
  abandonRun,
  beginRun,
  type LeftRun,
  lostRuns,
  openRun,
  readEarlierTurns,
  recordFailedRun,
} from './runs.ts';
import { knownSettings } from './settings.ts';
import { historyOf, repliesSince, unansweredOf } from './thread.ts';
import { isUnknown, settleSteps } from './tools/call.ts';
import { knownTools } from './tools/known-tools.ts';
import { beginWriting } from './writing.ts';

/** Longer than all tries of a job with their pauses take. */
const lostAfterMs = 15 * 60_000;
/** How much of a conversation a model reads. */
const threadLength = 30;
/** A contact who never falls silent is answered after this many waits. */
const burstWaitsMax = 10;
/** What was said longer ago than this, a person answers: the moment for an automatic reply is over. */
const answerableMs = 24 * 3_600_000;
const hourMs = 3_600_000;

const assistantActor: Actor = { kind: 'assistant', id: null, permissions: new Set() };

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
    await knownTools(ctx);
    if (settings.modelId === null && knowledge.isAtOnce)
      await answerAtOnce(ctx, conversationId, settings, knowledge, job);
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
    const question = {
      ...questionOf(turn, job),
      onText: writing.goOn,
      keepSteps: (steps: readonly ToolStep[]) => keepSteps(ctx, turn.run, steps),
    };
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

function questionOf({ conversation, thread, unanswered, ...turn }: Turn, { signal }: JobRun): Question {
  return {
    history: historyOf(thread, unanswered),
    question: unanswered.map(({ body }) => body).join('\n'),
    language: conversation.language,
    sensitivity: conversation.private ? 'private' : 'normal',
    purpose: 'run',
    conversationId: conversation.id,
    contactId: conversation.contactId,
    made: turn.made,
    madeBefore: turn.madeBefore,
    signal,
  };
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
  const left = earlier.active?.jobId === job.id ? earlier.active : null;
  const policy = policyFor(conversation, settings);
  const newest = thread.findLast(({ direction }) => direction === 'inbound');
  const candidates = unansweredOf(thread, new Set());
  if (!policy || !newest || candidates.length === 0) {
    // A run that a killed process left must not stand in the way of later ones.
    const isRefused = !mayAnswer(conversation, settings);
    if (left)
      await leave(tx, conversation, left, {
        outcome: 'held_back',
        errorCode: isRefused ? 'no_ai_consent' : policy ? 'nothing_to_answer' : null,
      });
    const wouldAnswer = policyFor({ ...conversation, aiConsent: 'granted' }, settings) !== null;
    if (isRefused && wouldAnswer && newest && candidates.length > 0)
      await flagConversation(tx, { conversationId, reason: 'no_ai_consent' });
    return null;
  }
  const dueAt = answerDueAt(thread, newest, settings.burstWaitMs);
  if (!left && startedAt < dueAt) {
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
  const made = left ? settleSteps(openSteps(tx, left)) : [];
  const madeBefore = earlier.called.flatMap((one) => openSteps(tx, one));
  const turn: Turn = { run, earlier, conversation, thread, unanswered, made, madeBefore, startedAt };
  if (made.some(isUnknown)) {
    await finishTurn(tx, turn, conversation, leftUnknown(turn), settings);
    return null;
  }
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

/** What a tool did is not known: nothing is done again, a person looks into it, and the contact is told so. */
function leftUnknown({ conversation, thread, unanswered, made }: Turn): Composed {
  const { language } = conversation;
  return {
    text: handOverSentence(language),
    handOver: true,
    summary: summariseBrokenOff({ history: historyOf(thread, unanswered), language, steps: made }),
    steps: made,
    hasChanged: true,
    calls: [],
    isCutOff: false,
    cited: new Set(),
    passages: [],
    support: null,
    model: null,
    reasons: [],
    inputTokens: 0,
    outputTokens: 0,
    costMicros: 0,
    durationMs: 0,
  };
}

/** Ends a run without an answer. Where its tools had changed something, whoever looks is told. */
async function leave(
  tx: TransactionContext,
  { id: conversationId, language }: ConversationState,
  left: LeftRun,
  end: { readonly outcome: 'failed' | 'held_back'; readonly errorCode: string | null },
): Promise<void> {
  const steps = settleSteps(openSteps(tx, left));
  const history = historyOf(await readThread(tx, conversationId, threadLength), []);
  const handOver = steps.length > 0 ? summariseBrokenOff({ history, language, steps }) : null;
  await abandonRun(tx, { conversationId, runId: left.id, handOver, steps, ...end });
  if (steps.some(isUnknown)) await flagConversation(tx, { conversationId, reason: 'handed_over' });
}

/** No answer came and none will: a person has to look. What was said meanwhile gets a turn of its own. */
async function giveUp(tx: TransactionContext, conversationId: string, jobId: string): Promise<void> {
  const conversation = await lockConversation(tx, conversationId);
  if (!conversation) return;
  const { active } = await readEarlierTurns(tx, conversationId);
  const left = active?.jobId === jobId ? active : null;
  if (left) await leave(tx, conversation, left, { outcome: 'failed', errorCode: 'gave_up' });
  await flagConversation(tx, { conversationId, reason: 'assistant_failed' });
  if (left) answerLater(tx, conversationId, tx.clock.date());
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
    await ctx.transactionIn(workspaceId, (tx) => giveUp(tx, conversationId, jobId), assistantActor);
  }
}
