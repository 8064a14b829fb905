// What we understand of an inbound message: its language for now, with the conversation's as prior.
import { language } from '@parley/contract/common';
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';
import { defineJob, type JobItem } from '../../core/queue.ts';
import { keywordOf, openMessage, setConversationLanguages } from '../conversations/conversations.ts';
import { type DetectedLanguage, detectLanguage, languageModel, loadLanguageDetector } from './language.ts';

export { detectLanguage, loadLanguageDetector };

export const messageUnderstood = defineEvent({
  type: 'message.understood',
  doc: 'The language of an inbound message was detected.',
  permission: 'conversations:read',
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
const readMessages = {
  name: 'understanding_read',
  text: `select m.id, m.content, c.id as conversation_id, c.language, c.language_confidence as confidence
    from messages m join conversations c on c.id = m.conversation_id
    where m.id = any($1) and not exists (select 1 from insights i where i.message_id = m.id)
    order by m.created_at, m.id`,
};

const insertInsights = {
  name: 'insights_insert',
  text: `insert into insights (message_id, workspace_id, language, language_confidence, model_version, created_at)
    select i.message_id, $2, i.language, i.confidence, $3, $4
    from jsonb_to_recordset($1::jsonb) as i(message_id uuid, language text, confidence real)
    on conflict (message_id) do nothing returning message_id`,
};

interface ReadMessage extends DetectedLanguage {
  readonly id: string;
  readonly content: Uint8Array;
  readonly conversation_id: string;
}

/** Understands messages, each once: a second run finds the insight and does nothing. */
export async function understand(
  items: readonly JobItem<z.infer<typeof understandMessage.input>>[],
): Promise<void> {
  const byMessage = new Map(items.map((item) => [item.input.messageId, item]));
  const [first] = items;
  if (!first) return;
  const { tx } = first;
  const messages = await tx.sql<ReadMessage>(readMessages, [[...byMessage.keys()]]);
  const learnt = new Map<string, DetectedLanguage>();
  const insights = new Map<string, DetectedLanguage>();
  for (const { id, content, conversation_id: conversationId, language, confidence } of messages) {
    const prior = learnt.get(conversationId) ?? { language, confidence };
    const body = openMessage(tx, id, content);
    const detected = isNeutral(body, prior) ? prior : await detectLanguage(body, prior);
    insights.set(id, detected);
    const learned = { language: detected.language, confidence: Math.min(detected.confidence, confidenceMax) };
    if (!learnsFrom(learned, prior)) continue;
    learnt.set(conversationId, learned);
  }
  if (insights.size === 0) return;
  const [inserted] = await Promise.all([
    tx.sql<{ message_id: string }>(insertInsights, [
      JSON.stringify(Array.from(insights, ([message_id, insight]) => ({ message_id, ...insight }))),
      tx.workspaceId,
      languageModel,
      tx.clock.date(),
    ]),
    setConversationLanguages(
      tx,
      Array.from(learnt, ([conversationId, learned]) => ({ conversationId, ...learned })),
    ),
  ]);
  const isNew = new Set(inserted.map((row) => row.message_id));
  for (const [messageId, detected] of insights) {
    const item = byMessage.get(messageId);
    if (!item || !isNew.has(messageId)) continue;
    item.tx.append(messageUnderstood, {
      messageId,
      conversationId: item.input.conversationId,
      language: detected.language,
      confidence: detected.confidence,
      modelVersion: languageModel,
      answerable: item.input.answerable,
    });
  }
}

/** A keyword is copied from the notice that names it: it says nothing of the language of who sends it. */
function isNeutral(body: string, prior: DetectedLanguage): boolean {
  const languages = keywordOf(body, false)?.languages ?? [];
  return languages.length === 3 || languages.some((one) => one === prior.language);
}

/** Only a member who says it is sure. */
const confidenceMax = 0.99;

/** What could not be told says nothing of the conversation, and a figure that hardly moved is not worth a write. */
function learnsFrom(detected: DetectedLanguage, prior: DetectedLanguage): boolean {
  if (detected.language === 'unknown' || prior.confidence > confidenceMax) return false;
  return detected.language !== prior.language || Math.abs(detected.confidence - prior.confidence) > 0.02;
}
