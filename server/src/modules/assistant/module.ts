import type { TransactionContext } from '../../core/context.ts';
import { type Module, subscribe } from '../../core/module.ts';
import { type EnqueueOptions, work } from '../../core/queue.ts';
import { conversationChanged } from '../conversations/conversations.ts';
import { messageUnderstood } from '../understanding/understanding.ts';
import { answer, answerConversation, endLostRuns, giveUpLostRuns } from './answer.ts';
import { runFinished } from './runs.ts';
import { assistantChanged, assistantRuntime } from './settings.ts';

/** One turn waits for each conversation, until the burst is likely to be over; the turn itself looks again. */
function whenSilent(tx: TransactionContext, conversationId: string): EnqueueOptions {
  const burstWaitMs = tx.use(assistantRuntime).settings.peek(tx.workspaceId)?.burstWaitMs ?? 0;
  return burstWaitMs > 0
    ? { key: conversationId, startAfter: new Date(tx.clock.now() + burstWaitMs) }
    : { key: conversationId };
}

export const assistantModule: Module = {
  name: 'assistant',
  routes: async (server) => (await import('./routes.ts')).registerAssistantRoutes(server),
  events: [assistantChanged, runFinished],
  jobs: [work(answerConversation, answer), work(endLostRuns, giveUpLostRuns)],
  schedules: [{ job: endLostRuns, cron: '* * * * *', input: {} }],
  subscriptions: [
    subscribe(messageUnderstood, answerConversation, ({ conversationId, answerable }, tx) =>
      answerable ? { input: { conversationId }, options: whenSilent(tx, conversationId) } : null,
    ),
    // Who is handed a conversation back answers what was left unanswered.
    subscribe(conversationChanged, answerConversation, ({ conversationId, changed }, tx) =>
      changed.includes('owner')
        ? { input: { conversationId }, options: whenSilent(tx, conversationId) }
        : null,
    ),
  ],
};
