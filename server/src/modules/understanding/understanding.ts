// What we understand of an inbound message: its language for now, with the conversation's as prior.
import { type Language, language } from '@parley/contract/common';
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { defineJob } from '../../core/queue.ts';
import { readMessageText, setConversationLanguage } from '../conversations/conversations.ts';
import { type DetectedLanguage, detectLanguage, languageModel, loadLanguageDetector } from './language.ts';

export { detectLanguage, loadLanguageDetector };

export const messageUnderstood = defineEvent({
  type: 'message.understood',
  doc: 'The language of an inbound message was detected.',
  payload: z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    language,
    confidence: z.number(),
    modelVersion: z.string(),
    /** As in `message.received`. */
    answerable: z.boolean(),
  }),
});

export const understandMessage = defineJob({
  name: 'understanding.understand',
  doc: 'Detects the language of a received message and remembers it with the conversation.',
  input: z.object({ messageId: z.uuid(), conversationId: z.uuid(), answerable: z.boolean() }),
  effect: 'database',
});

// Without a lock: a batch would hold those of many conversations, and a prior that is a message old does no harm.
const readPrior = {
  name: 'understanding_prior',
  text: 'select language, language_confidence as confidence from conversations where id = $1',
};

const insertInsight = {
  name: 'insight_insert',
  text: `insert into insights (message_id, workspace_id, language, language_confidence, model_version, created_at)
    values ($1, $2, $3, $4, $5, $6) on conflict (message_id) do nothing returning message_id`,
};

/** Understands one message, once: a second run finds the insight and does nothing. */
export async function understand(
  tx: TransactionContext,
  { messageId, conversationId, answerable }: z.infer<typeof understandMessage.input>,
): Promise<void> {
  const [prior] = await tx.sql<{ language: Language; confidence: number }>(readPrior, [conversationId]);
  if (!prior) return;
  const message = await readMessageText(tx, messageId);
  const detected = await detectLanguage(message.text, prior);
  const inserted = await tx.sql(insertInsight, [
    messageId,
    tx.workspaceId,
    detected.language,
    detected.confidence,
    languageModel,
    tx.clock.date(),
  ]);
  if (inserted.length === 0) return;
  const learnt = { language: detected.language, confidence: Math.min(detected.confidence, confidenceMax) };
  if (learnsFrom(learnt, prior)) await setConversationLanguage(tx, { conversationId, ...learnt });
  tx.append(messageUnderstood, {
    messageId,
    conversationId,
    language: detected.language,
    confidence: detected.confidence,
    modelVersion: languageModel,
    answerable,
  });
}

/** Only a member who says it is sure. */
const confidenceMax = 0.99;

/** What could not be told says nothing of the conversation, and a figure that hardly moved is not worth a write. */
function learnsFrom(detected: DetectedLanguage, prior: DetectedLanguage): boolean {
  if (detected.language === 'unknown' || prior.confidence > confidenceMax) return false;
  return detected.language !== prior.language || Math.abs(detected.confidence - prior.confidence) > 0.02;
}
