// What the messages of conversations so far say of them: their language, what they are about, how the contact is.
import type { Mood } from '@parley/contract/insights';
import type { TransactionContext } from '../../core/context.ts';
import type { ConversationState } from './conversations.ts';
import { conversationChanged } from './events.ts';

export interface Understood {
  readonly conversationId: string;
  readonly language?: { readonly language: ConversationState['language']; readonly confidence: number };
  /** What the newest message that wants something wants; null: none does. Absent: as it was. */
  readonly intent?: string | null;
  readonly mood?: Mood;
}

/** Whole certainty is a person's alone. */
const detectedConfidenceMax = 0.999;

// Locked in the order of their ids, like everywhere where several are.
const setUnderstood = {
  name: 'conversations_understood',
  text: `update conversations c set
      language = case when n.certain then n.language_before else coalesce(n.language, n.language_before) end,
      language_confidence =
        case when n.certain then c.language_confidence else coalesce(n.confidence, c.language_confidence) end,
      intent = case when n.sets_intent then n.intent else c.intent end,
      mood = coalesce(n.mood, c.mood),
      updated_at = $2
    from (
      select l.*, b.language as language_before, b.intent as intent_before, b.mood as mood_before,
        b.language_confidence >= 1 as certain
      from jsonb_to_recordset($1::jsonb)
        as l(id uuid, language text, confidence real, sets_intent boolean, intent text, mood text)
      join conversations b on b.id = l.id
      order by b.id for no key update of b
    ) n
    where c.id = n.id and (
      (n.language is not null and not n.certain)
      or n.sets_intent and n.intent is distinct from n.intent_before
      or n.mood is distinct from n.mood_before and n.mood is not null)
    returning c.id, c.language <> n.language_before as language_changed,
      c.intent is distinct from n.intent_before as intent_changed,
      c.mood is distinct from n.mood_before as mood_changed`,
};

interface ChangedRow {
  readonly id: string;
  readonly language_changed: boolean;
  readonly intent_changed: boolean;
  readonly mood_changed: boolean;
}

/** Writes down what is new of them. What a member said of a conversation's language stands. */
export async function noteUnderstood(
  tx: TransactionContext,
  understood: readonly Understood[],
): Promise<void> {
  if (understood.length === 0) return;
  const rows = await tx.sql<ChangedRow>(setUnderstood, [
    JSON.stringify(
      understood.map(({ conversationId, language, intent, mood }) => ({
        id: conversationId,
        language: language?.language,
        confidence: language && Math.min(language.confidence, detectedConfidenceMax),
        sets_intent: intent !== undefined,
        intent,
        mood,
      })),
    ),
    tx.clock.date(),
  ]);
  for (const row of rows) {
    const changed = (['language', 'intent', 'mood'] as const).filter((name) => row[`${name}_changed`]);
    if (changed.length > 0) tx.append(conversationChanged, { conversationId: row.id, changed });
  }
}
