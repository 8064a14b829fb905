// Changes a conversation: who answers, its status, policy, language and links. One event names what changed.
import type { ChangeConversation, Conversation } from '@parley/contract/conversations';
import { and, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound, validationError } from '../../core/errors.ts';
import { members } from '../tenancy/tables.ts';
import { conversationChanged } from './events.ts';
import { readConversation } from './queries.ts';
import { conversations } from './tables.ts';

type Row = typeof conversations.$inferSelect;

/** Whole certainty is a person's alone. */
const detectedConfidenceMax = 0.999;

// Locked in the order of their ids, like everywhere where several are.
const setLanguages = {
  name: 'conversations_language',
  text: `update conversations c set language = n.language, language_confidence = n.confidence, updated_at = $2
    from (
      select l.*, b.language as previous
      from jsonb_to_recordset($1::jsonb) as l(id uuid, language text, confidence real)
      join conversations b on b.id = l.id
      order by b.id for no key update of b
    ) n
    where c.id = n.id and c.language_confidence < 1
    returning c.id, n.language <> n.previous as changed`,
};

/** What the messages of conversations so far say of their languages. What a member said of one stands. */
export async function setConversationLanguages(
  tx: TransactionContext,
  learnt: readonly { conversationId: string; language: Row['language']; confidence: number }[],
): Promise<void> {
  if (learnt.length === 0) return;
  const rows = await tx.sql<{ id: string; changed: boolean }>(setLanguages, [
    JSON.stringify(
      learnt.map(({ conversationId, language, confidence }) => ({
        id: conversationId,
        language,
        confidence: Math.min(confidence, detectedConfidenceMax),
      })),
    ),
    tx.clock.date(),
  ]);
  for (const { id, changed } of rows) {
    if (changed) tx.append(conversationChanged, { conversationId: id, changed: ['language'] });
  }
}

/** Asks for a person's eyes. @param input.reason a stable code, no content. */
export async function flagConversation(
  tx: TransactionContext,
  input: { conversationId: string; reason: string },
): Promise<void> {
  await change(tx, input.conversationId, { status: 'flagged_for_review', flagReason: input.reason });
}

type Changes = Partial<
  Pick<
    typeof conversations.$inferInsert,
    | 'status'
    | 'flagReason'
    | 'ownerKind'
    | 'ownerId'
    | 'assistantPolicy'
    | 'private'
    | 'language'
    | 'languageConfidence'
    | 'workflowType'
    | 'workflowId'
  >
>;

/** What the event calls a field; the others go by their own name. */
const publicNames: Readonly<Record<string, string>> = {
  ownerKind: 'owner',
  ownerId: 'owner',
  flagReason: 'status',
  languageConfidence: 'language',
};

async function change(tx: TransactionContext, conversationId: string, changes: Changes): Promise<void> {
  const [before] = await tx.drizzle
    .select()
    .from(conversations)
    .where(eq(conversations.id, conversationId))
    .for('no key update');
  if (!before) throw notFound('conversation');
  const changed = Object.entries(changes).filter(
    ([name, value]) => value !== undefined && before[name as keyof Changes] !== value,
  );
  if (changed.length === 0) return;
  await tx.drizzle
    .update(conversations)
    .set({ ...Object.fromEntries(changed), updatedAt: tx.clock.date() })
    .where(eq(conversations.id, conversationId));
  const names = new Set(changed.map(([name]) => publicNames[name] ?? name));
  tx.append(conversationChanged, { conversationId, changed: [...names] });
}

/** A member changes a conversation: what the input does not name stays. @throws ParleyError 400, 404 */
export async function changeConversation(
  ctx: Context,
  conversationId: string,
  input: ChangeConversation,
): Promise<Conversation> {
  return ctx.transaction(async (tx) => {
    const { owner, status, language, ...rest } = input;
    await change(tx, conversationId, {
      ...rest,
      ...(owner ? await readOwner(tx, owner) : {}),
      ...(status ? { status, flagReason: status === 'flagged_for_review' ? 'member' : null } : {}),
      ...(language ? { language, languageConfidence: language === 'unknown' ? 0 : 1 } : {}),
    } as Changes);
    return readConversation(tx, conversationId);
  });
}

async function readOwner(
  tx: TransactionContext,
  owner: NonNullable<ChangeConversation['owner']>,
): Promise<{ ownerKind: Row['ownerKind']; ownerId: string | null }> {
  if (owner.kind !== 'member') return { ownerKind: owner.kind, ownerId: null };
  if (owner.id === undefined || owner.id === tx.actor.id)
    return { ownerKind: 'member', ownerId: tx.actor.id };
  const [member] = await tx.drizzle
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.workspaceId, tx.workspaceId), eq(members.userId, owner.id)));
  if (!member) {
    throw validationError('There is no such member.', [
      { path: 'body.owner.id', message: 'is no member of this workspace' },
    ]);
  }
  return { ownerKind: 'member', ownerId: owner.id };
}
