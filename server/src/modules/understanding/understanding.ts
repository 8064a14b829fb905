// What we understand of an inbound message, with what is known of its conversation as prior.
import { language } from '@parley/contract/common';
import { intentName, sentimentLabel } from '@parley/contract/insights';
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import type { JobItem } from '../../core/queue.ts';
import { isSpam } from '../../learning/spam.ts';
import { keywordOf, noteUnderstood, openMessage } from '../conversations/conversations.ts';
import { datesPlace } from './insights.ts';
import { askOperatorModels, type understandMessage } from './jobs.ts';
import { type DetectedLanguage, detectLanguage, loadLanguageDetector } from './language.ts';
import { type Anger, angerAfter, moodOf } from './mood.ts';
import { operatorModels, wrongIntentLabels, wrongSentimentLabels } from './operator-models.ts';
import { loadReader, type Reading } from './reading.ts';

export { detectLanguage, loadLanguageDetector, operatorModels, wrongIntentLabels, wrongSentimentLabels };

export const messageUnderstood = defineEvent({
  type: 'message.understood',
  doc: 'An inbound message was understood: its language, and what the workspace’s models say of it. `confidence` and `modelVersion` are of the language.',
  permission: 'conversations:read',
  payload: z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    language,
    confidence: z.number(),
    modelVersion: z.string(),
    intent: intentName.nullable(),
    sentiment: sentimentLabel.nullable(),
    spam: z.boolean().nullable(),
    /** As in `message.received`. */
    answerable: z.boolean(),
  }),
});

export const contactAngered = defineEvent({
  type: 'conversation.angered',
  doc: 'A contact is getting angry: told by the message that makes it so, and not again until they have calmed down.',
  permission: 'conversations:read',
  payload: z.object({ conversationId: z.uuid(), messageId: z.uuid() }),
});

// Without a lock: a batch would hold those of many conversations, and a prior that is a message old does no harm.
const readMessages = {
  name: 'understanding_read',
  text: `select m.id, m.content, m.created_at as said_at, c.id as conversation_id, c.language,
      c.language_confidence as confidence, c.mood = 'angry' as angry,
      (select i.mood from messages b join insights i on i.message_id = b.id
       where b.conversation_id = c.id order by b.created_at desc, b.id desc limit 1) as mood
    from messages m join conversations c on c.id = m.conversation_id
    where m.id = any($1) and not exists (select 1 from insights i where i.message_id = m.id)
    order by m.created_at, m.id`,
};

const insertInsights = {
  name: 'insights_insert',
  text: `insert into insights (message_id, workspace_id, language, language_confidence, language_model, intent,
      intent_confidence, intent_model, sentiment, sentiment_confidence, sentiment_model, mood, spam, spam_model, dates,
      created_at)
    select i.message_id, $2, i.language, i.language_confidence, i.language_model, i.intent,
      i.intent_confidence, i.intent_model, i.sentiment, i.sentiment_confidence, i.sentiment_model, i.mood, i.spam,
      i.spam_model, decode(i.dates, 'base64'), $3
    from jsonb_to_recordset($1::jsonb) as i(message_id uuid, language text, language_confidence real,
      language_model text, intent text, intent_confidence real, intent_model text, sentiment text,
      sentiment_confidence real, sentiment_model text, mood real, spam real, spam_model text, dates text)
    on conflict (message_id) do nothing returning message_id`,
};

interface ReadMessage extends DetectedLanguage {
  readonly id: string;
  readonly content: Uint8Array;
  readonly conversation_id: string;
  readonly said_at: Date | string;
  readonly mood: number | null;
  readonly angry: boolean | null;
}

interface Understood extends Reading {
  /** Of the conversation, this message included. */
  readonly mood: number | null;
  readonly hasEscalated: boolean;
}

/** What earlier messages of the batch said of a conversation. */
interface Learnt {
  language?: DetectedLanguage;
  intent?: string;
  anger?: Anger;
}

type Item = JobItem<z.infer<typeof understandMessage.input>>;

/**
 * Understands messages, each once: a second run finds the insight and does nothing. Where the operator has set models, those
 * are asked first, by a job outside of this transaction, which comes back here with what they said.
 */
export async function understand(all: readonly Item[]): Promise<void> {
  const items = all.filter(({ tx, input }) => {
    const { intent, sentiment } = tx.use(operatorModels);
    if (input.said || !(intent || sentiment)) return true;
    tx.enqueue(askOperatorModels, input);
    return false;
  });
  const byMessage = new Map(items.map((item) => [item.input.messageId, item]));
  const [first] = items;
  if (!first) return;
  const { tx } = first;
  const messages = await tx.sql<ReadMessage>(readMessages, [[...byMessage.keys()]]);
  if (messages.length === 0) return;
  const reader = await loadReader(tx);
  const conversations = new Map<string, Learnt>();
  const readings = new Map<string, Understood>();
  for (const { id, content, said_at, conversation_id: conversationId, mood, angry, ...known } of messages) {
    const learnt = conversations.get(conversationId) ?? {};
    conversations.set(conversationId, learnt);
    const prior = learnt.language ?? known;
    const body = openMessage(tx, id, content);
    const message = { text: body, at: new Date(said_at).getTime(), said: byMessage.get(id)?.input.said };
    const reading = reader.read(message, prior, isNeutral(body, prior) ? prior : undefined);
    const { hasEscalated, ...anger } = angerAfter(
      learnt.anger ?? { mood, isAngry: angry ?? false },
      reading.sentiment?.score ?? null,
    );
    learnt.anger = anger;
    readings.set(id, { ...reading, mood: anger.mood, hasEscalated });
    const { language: detected, confidence } = reading.language;
    const learned = { language: detected, confidence: Math.min(confidence, confidenceMax) };
    if (learnsFrom(learned, prior)) learnt.language = learned;
    if (reading.intent?.name) learnt.intent = reading.intent.name;
  }
  const [inserted] = await Promise.all([
    tx.sql<{ message_id: string }>(insertInsights, [
      JSON.stringify(Array.from(readings, ([id, reading]) => toRow(tx, id, reading))),
      tx.workspaceId,
      tx.clock.date(),
    ]),
    noteUnderstood(
      tx,
      Array.from(conversations, ([conversationId, learnt]) => toNote(conversationId, learnt)),
    ),
  ]);
  const isNew = new Set(inserted.map((row) => row.message_id));
  for (const [messageId, { language: detected, intent, sentiment, spam, hasEscalated }] of readings) {
    const item = byMessage.get(messageId);
    if (!item || !isNew.has(messageId)) continue;
    item.tx.append(messageUnderstood, {
      messageId,
      conversationId: item.input.conversationId,
      language: detected.language,
      confidence: detected.confidence,
      modelVersion: detected.model,
      intent: intent?.name ?? null,
      sentiment: sentiment?.label ?? null,
      spam: spam && isSpam(spam.probability),
      answerable: item.input.answerable,
    });
    if (hasEscalated)
      item.tx.append(contactAngered, { conversationId: item.input.conversationId, messageId });
  }
}

function toRow(tx: TransactionContext, id: string, reading: Understood) {
  const { language: detected, intent, sentiment, spam, dates } = reading;
  return {
    message_id: id,
    language: detected.language,
    language_confidence: detected.confidence,
    language_model: detected.model,
    intent: intent?.name,
    intent_confidence: intent?.confidence,
    intent_model: intent?.model,
    sentiment: sentiment?.label,
    sentiment_confidence: sentiment?.confidence,
    sentiment_model: sentiment?.model,
    mood: reading.mood,
    spam: spam?.probability,
    spam_model: spam?.model,
    dates:
      dates.length === 0
        ? null
        : Buffer.from(tx.seal(JSON.stringify(dates), datesPlace(id))).toString('base64'),
  };
}

function toNote(conversationId: string, { language: detected, intent, anger }: Learnt) {
  const mood = anger && moodOf(anger);
  return {
    conversationId,
    ...(detected && { language: detected }),
    ...(intent && { intent }),
    ...(mood && { mood }),
  };
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
