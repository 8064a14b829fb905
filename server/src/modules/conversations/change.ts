// Changes a conversation: who answers, its status, policy, language and links. One event names what changed.
import type { ChangeConversation, Conversation } from '@parley/contract/conversations';
import { and, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound, validationError } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import { members } from '../tenancy/tables.ts';
import { permissionsOfMember } from '../tenancy/tenancy.ts';
import { type ActivityKind, recordActivities } from './activities.ts';
import { conversationChanged } from './events.ts';
import { readConversation } from './queries.ts';
import { conversations } from './tables.ts';

type Row = typeof conversations.$inferSelect;

/** The assistant asks for a person's eyes. @param input.reason a stable code, no content. */
export async function flagConversation(
  tx: TransactionContext,
  input: { conversationId: string; reason: string },
): Promise<void> {
  await applyChange(
    tx,
    input.conversationId,
    () => ({ status: 'flagged_for_review', flagReason: input.reason }),
    { kind: 'assistant', id: null },
  );
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
    | 'snoozedUntil'
  >
>;

/** What the event calls a field; the others go by their own name. */
const publicNames: Readonly<Record<string, string>> = {
  ownerKind: 'owner',
  ownerId: 'owner',
  flagReason: 'status',
  languageConfidence: 'language',
};

const comparable = (value: unknown) => (value instanceof Date ? value.getTime() : value);

/**
 * Changes a conversation from what it is while it is locked, with the event and the activities that tell of it. What does
 * not change is no change. @throws ParleyError 404
 */
export async function applyChange(
  tx: TransactionContext,
  conversationId: string,
  decide: (before: Row) => Changes,
  actor: ActorReference = tx.actor,
): Promise<void> {
  const [before] = await tx.drizzle
    .select()
    .from(conversations)
    .where(eq(conversations.id, conversationId))
    .for('no key update');
  if (!before) throw notFound('conversation');
  const changes = decide(before);
  // What is archived is dealt with: nothing shall bring it back at some hour.
  if (changes.status === 'archived') changes.snoozedUntil = null;
  const changed = Object.entries(changes).filter(
    ([name, value]) => value !== undefined && comparable(before[name as keyof Changes]) !== comparable(value),
  );
  if (changed.length === 0) return;
  const set: Changes = Object.fromEntries(changed);
  await tx.drizzle
    .update(conversations)
    .set({ ...set, updatedAt: tx.clock.date() })
    .where(eq(conversations.id, conversationId));
  const names = new Set(changed.map(([name]) => publicNames[name] ?? name));
  tx.append(conversationChanged, { conversationId, changed: [...names] });
  recordActivities(
    tx,
    activitiesOf({ ...before, ...set }, set, actor).map(([kind, detail]) => ({
      conversationId,
      kind,
      detail,
      actor,
    })),
  );
}

/** What the thread says of a change. Pure. */
function activitiesOf(after: Row, changed: Changes, actor: ActorReference): [ActivityKind, string | null][] {
  const activities: [ActivityKind, string | null][] = [];
  if ('ownerKind' in changed || 'ownerId' in changed) {
    if (after.ownerKind === 'assistant') activities.push(['handed_back', null]);
    else if (after.ownerKind === 'nobody') activities.push(['released', null]);
    else activities.push(after.ownerId === actor.id ? ['taken_over', null] : ['assigned', after.ownerId]);
  }
  if (after.status === 'flagged_for_review' && ('status' in changed || 'flagReason' in changed)) {
    activities.push(['flagged', after.flagReason]);
  } else if ('status' in changed) {
    activities.push([after.status === 'archived' ? 'archived' : 'reopened', null]);
  }
  if ('assistantPolicy' in changed) activities.push(['policy_changed', after.assistantPolicy]);
  if ('private' in changed) activities.push(['privacy_changed', after.private ? 'private' : null]);
  if ('language' in changed) activities.push(['language_changed', after.language]);
  if ('snoozedUntil' in changed && after.status !== 'archived') {
    activities.push(after.snoozedUntil ? ['snoozed', after.snoozedUntil.toISOString()] : ['woken', null]);
  }
  return activities;
}

/** A member changes a conversation: what the input does not name stays. @throws ParleyError 400, 404 */
export async function changeConversation(
  ctx: Context,
  conversationId: string,
  input: ChangeConversation,
): Promise<Conversation> {
  return ctx.transaction(async (tx) => {
    const { owner, status, language, ...rest } = input;
    const changes = {
      ...rest,
      ...(owner ? await readOwner(tx, owner) : {}),
      ...(status ? { status, flagReason: status === 'flagged_for_review' ? 'member' : null } : {}),
      ...(language ? { language, languageConfidence: language === 'unknown' ? 0 : 1 } : {}),
    } as Changes;
    await applyChange(tx, conversationId, () => changes);
    return readConversation(tx, conversationId);
  });
}

async function readOwner(
  tx: TransactionContext,
  owner: NonNullable<ChangeConversation['owner']>,
): Promise<{ ownerKind: Row['ownerKind']; ownerId: string | null }> {
  if (owner.kind !== 'member') return { ownerKind: owner.kind, ownerId: null };
  const ownerId = owner.id ?? tx.actor.id;
  // A key acts for nobody in particular: what it takes over is its own.
  if (ownerId === null || (tx.actor.kind !== 'member' && ownerId === tx.actor.id)) {
    return { ownerKind: 'member', ownerId };
  }
  // Locked: a removal that runs beside us waits, and then finds this conversation among those to release.
  const [member] = await tx.drizzle
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.workspaceId, tx.workspaceId), eq(members.userId, ownerId)))
    .for('key share');
  if (!member) {
    throw validationError('There is no such member.', [
      { path: 'body.owner.id', message: 'is no member of this workspace' },
    ]);
  }
  const permissions = await permissionsOfMember(tx, tx.workspaceId, ownerId);
  if (!permissions?.has('messages:send')) {
    throw validationError('They may only look on: nobody would answer.', [
      { path: 'body.owner.id', message: 'has a role that sends no messages' },
    ]);
  }
  return { ownerKind: 'member', ownerId };
}
