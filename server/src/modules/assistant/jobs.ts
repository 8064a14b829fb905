// The jobs of turns in conversations.
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineJob } from '../../core/queue.ts';

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

export function answerLater(tx: TransactionContext, conversationId: string, startAfter: Date): void {
  tx.enqueue(answerConversation, { conversationId }, { key: conversationId, startAfter });
}
