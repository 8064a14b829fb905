// What was understood of messages, as it stands: what a member says of it wins over what the model said.

import { spokenLanguage } from '@parley/contract/common';
import type { Insight, InsightCorrection } from '@parley/contract/insights';
import { foundDate, intentName, sentimentLabel } from '@parley/contract/insights';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { isSpam } from '../../learning/spam.ts';
import { noteUnderstood } from '../conversations/conversations.ts';
import { findIntent } from './intents.ts';

export const messageCorrected = defineEvent({
  type: 'message.corrected',
  doc: 'A member said otherwise than what was understood of a message, or took that back; `fields` names what.',
  permission: 'conversations:read',
  payload: z.object({ messageId: z.uuid(), conversationId: z.uuid(), fields: z.array(z.string()) }),
});

export const datesPlace = (messageId: string) => `insights.dates:${messageId}`;

interface InsightRow {
  message_id: string;
  conversation_id: string;
  language: Insight['language']['value'];
  language_confidence: number;
  language_model: string;
  intent: string | null;
  intent_confidence: number | null;
  intent_model: string | null;
  sentiment: NonNullable<Insight['sentiment']>['value'] | null;
  sentiment_confidence: number | null;
  sentiment_model: string | null;
  spam: number | null;
  spam_model: string | null;
  dates: Uint8Array | null;
  created_at: Date | string;
  corrections: Partial<Record<keyof InsightCorrection, { value: string | null; by: string }>>;
}

const selectInsights = {
  name: 'insights_read',
  text: `select i.*, m.conversation_id,
      (select coalesce(jsonb_object_agg(c.field, jsonb_build_object('value', c.value, 'by', c.actor_id)), '{}')
       from insight_corrections c where c.message_id = i.message_id) as corrections
    from insights i join messages m on m.id = i.message_id
    where i.workspace_id = $1 and i.message_id = any($2::uuid[]) order by i.created_at, i.message_id`,
};

/** Of those of the messages that were understood, the oldest first. */
export async function readInsights(ctx: Context, messageIds: readonly string[]): Promise<Insight[]> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.sql<InsightRow>(selectInsights, [tx.workspaceId, messageIds]);
    return rows.map((row) => toInsight(tx, row));
  });
}

/** @throws ParleyError 404 */
export async function readInsight(ctx: Context, messageId: string): Promise<Insight> {
  return ctx.transaction(async (tx) => toInsight(tx, await findInsight(tx, messageId)));
}

/** What a member says of a message: it stands, and models learn from it. @throws ParleyError 404, also for an intent that is none */
export async function correctInsight(
  ctx: Context,
  messageId: string,
  input: InsightCorrection,
): Promise<Insight> {
  const said = Object.entries(input).filter(([, value]) => value !== undefined);
  return ctx.transaction(async (tx) => {
    const { conversation_id: conversationId, intent } = await findInsight(tx, messageId);
    if (input.intent && input.intent !== intent) await findIntent(tx, input.intent);
    await tx.sql(
      `insert into insight_corrections (message_id, field, workspace_id, value, actor_id, created_at)
       select $1, c.field, $2, c.value, $4, $5 from jsonb_to_recordset($3::jsonb) as c(field text, value text)
       on conflict (message_id, field)
       do update set value = excluded.value, actor_id = excluded.actor_id, created_at = excluded.created_at`,
      [
        messageId,
        tx.workspaceId,
        JSON.stringify(
          said.map(([field, value]) => ({ field, value: value === null ? null : String(value) })),
        ),
        tx.actor.id ?? tx.actor.kind,
        tx.clock.date(),
      ],
    );
    await tellConversation(tx, conversationId);
    tx.append(messageCorrected, { messageId, conversationId, fields: said.map(([field]) => field) });
    return toInsight(tx, await findInsight(tx, messageId));
  });
}

/** What the models said holds again. @throws ParleyError 404 */
export async function takeBackCorrection(ctx: Context, messageId: string): Promise<Insight> {
  return ctx.transaction(async (tx) => {
    const { conversation_id: conversationId } = await findInsight(tx, messageId);
    const gone = await tx.sql<{ field: string }>(
      'delete from insight_corrections where message_id = $1 returning field',
      [messageId],
    );
    if (gone.length > 0) {
      await tellConversation(tx, conversationId);
      tx.append(messageCorrected, { messageId, conversationId, fields: gone.map(({ field }) => field) });
    }
    return toInsight(tx, await findInsight(tx, messageId));
  });
}

/** A conversation is about what its newest message with an intent is about. */
async function tellConversation(tx: TransactionContext, conversationId: string): Promise<void> {
  const [newest] = await tx.sql<{ intent: string }>(
    `select case when c.message_id is null then i.intent else c.value end as intent
     from messages m join insights i on i.message_id = m.id
     left join insight_corrections c on c.message_id = i.message_id and c.field = 'intent'
     where m.conversation_id = $1 and case when c.message_id is null then i.intent else c.value end is not null
     order by m.created_at desc, m.id desc limit 1`,
    [conversationId],
  );
  await noteUnderstood(tx, [{ conversationId, intent: newest?.intent ?? null }]);
}

async function findInsight(tx: TransactionContext, messageId: string): Promise<InsightRow> {
  const [row] = await tx.sql<InsightRow>(selectInsights, [tx.workspaceId, [messageId]]);
  if (!row) throw notFound('insight');
  return row;
}

const storedDates = z.array(foundDate);

function toInsight(tx: TransactionContext, row: InsightRow): Insight {
  const { corrections } = row;
  const judged = <Value>(
    field: keyof InsightCorrection,
    parse: (value: string | null) => Value,
    model: { value: Value; confidence: number | null; modelVersion: string | null },
  ) => {
    const correction = corrections[field];
    if (correction) {
      return {
        value: parse(correction.value),
        confidence: 1,
        modelVersion: model.modelVersion ?? '',
        correctedBy: correction.by,
      };
    }
    if (model.modelVersion === null) return null;
    return {
      value: model.value,
      confidence: model.confidence ?? 0,
      modelVersion: model.modelVersion,
      correctedBy: null,
    };
  };
  const language = judged(
    'language',
    (value) => spokenLanguage.parse(value) as Insight['language']['value'],
    {
      value: row.language,
      confidence: row.language_confidence,
      modelVersion: row.language_model,
    },
  );
  if (!language) throw new Error('an insight without a language');
  return {
    messageId: row.message_id,
    language,
    intent: judged('intent', (value) => (value === null ? null : intentName.parse(value)), {
      value: row.intent,
      confidence: row.intent_confidence,
      modelVersion: row.intent_model,
    }),
    sentiment: judged('sentiment', (value) => sentimentLabel.parse(value), {
      value: row.sentiment ?? 'neutral',
      confidence: row.sentiment_confidence,
      modelVersion: row.sentiment_model,
    }),
    spam: judged('spam', (value) => value === 'true', {
      value: isSpam(row.spam ?? 0),
      confidence: row.spam === null ? null : Math.max(row.spam, 1 - row.spam),
      modelVersion: row.spam_model,
    }),
    dates: row.dates ? storedDates.parse(JSON.parse(tx.openText(row.dates, datesPlace(row.message_id)))) : [],
    understoodAt: new Date(row.created_at).toISOString(),
  };
}
