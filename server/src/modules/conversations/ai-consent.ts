// Whether contacts agreed to be answered by a machine: reads their words for it, keeps every time that it was said, and
// hands the conversation of who refuses to people.
import type { AiConsent, AiConsentState, RecordAiConsent } from '@parley/contract/ai-consent';
import { desc, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { recordActivities } from './activities.ts';
import { type AiProof, aiReplies } from './ai-words.ts';
import { flagConversation } from './change.ts';
import { publicName } from './consent.ts';
import { aiConsentChanged, conversationChanged } from './events.ts';
import { createOutboundMessage } from './outbound.ts';
import { aiConsentEvents, contacts } from './tables.ts';

interface Said {
  readonly contactId: string;
  readonly consent: AiConsentState;
  readonly source: 'keyword' | 'member' | 'kept';
  readonly messageId?: string;
  readonly keyword?: string;
}

/** Appends what was said, and what follows from it. Returns whether it is another one now. @throws ParleyError 404 */
export async function recordAi(tx: TransactionContext, said: Said): Promise<boolean> {
  const actor: ActorReference = said.source === 'keyword' ? { kind: 'contact', id: null } : tx.actor;
  const [before] = await tx.drizzle
    .select({ consent: contacts.aiConsent })
    .from(contacts)
    .where(eq(contacts.id, said.contactId))
    .for('update');
  if (!before) throw notFound('contact');
  await tx.drizzle.insert(aiConsentEvents).values({
    id: newId(),
    workspaceId: tx.workspaceId,
    contactId: said.contactId,
    consent: said.consent,
    source: said.source,
    messageId: said.messageId ?? null,
    keyword: said.keyword ?? null,
    actorKind: actor.kind,
    actorId: actor.id,
    occurredAt: tx.clock.date(),
  });
  if (before.consent === said.consent) return false;
  await tx.drizzle.update(contacts).set({ aiConsent: said.consent }).where(eq(contacts.id, said.contactId));
  const { contactId, consent, source } = said;
  tx.append(aiConsentChanged, { contactId, consent, source });
  const conversations = await tx.sql<{ id: string }>(
    'select id from conversations where contact_id = $1 order by id',
    [contactId],
  );
  for (const { id: conversationId } of conversations) {
    tx.append(conversationChanged, { conversationId, changed: ['aiConsent'] });
  }
  recordActivities(
    tx,
    conversations.map(({ id: conversationId }) => ({
      conversationId,
      kind: 'ai_consent_changed',
      detail: consent,
      actor,
    })),
  );
  return true;
}

/** A contact said it in a message: written down, and confirmed once. Whoever refuses is seen by a person. */
export async function applyAiWords(
  tx: TransactionContext,
  proof: AiProof,
  said: {
    readonly contactId: string;
    readonly conversationId: string;
    readonly messageId: string;
    readonly optedOut: boolean;
  },
): Promise<void> {
  const { contactId, conversationId, messageId, optedOut } = said;
  const { consent, word: keyword, language } = proof;
  if (!(await recordAi(tx, { contactId, consent, source: 'keyword', messageId, keyword }))) return;
  if (consent === 'refused') await flagConversation(tx, { conversationId, reason: 'no_ai_consent' });
  if (optedOut) return;
  const name = await publicName(tx);
  await createOutboundMessage(tx, {
    conversationId,
    body: aiReplies[consent][language].replace('{name}', () => name),
    sender: { kind: 'system', id: null },
  });
}

/** @throws ParleyError 404 */
export async function readAiConsent(ctx: Context, contactId: string): Promise<AiConsent> {
  return ctx.transaction(async (tx) => {
    const [contact] = await tx.drizzle
      .select({ consent: contacts.aiConsent })
      .from(contacts)
      .where(eq(contacts.id, contactId));
    if (!contact) throw notFound('contact');
    const rows = await tx.drizzle
      .select()
      .from(aiConsentEvents)
      .where(eq(aiConsentEvents.contactId, contactId))
      .orderBy(desc(aiConsentEvents.occurredAt), desc(aiConsentEvents.id))
      .limit(200);
    return {
      contactId,
      consent: contact.consent,
      events: rows.map((row) => ({
        id: row.id,
        consent: row.consent,
        source: row.source,
        messageId: row.messageId,
        keyword: row.keyword,
        actor: { kind: row.actorKind, id: row.actorId },
        occurredAt: row.occurredAt.toISOString(),
      })),
    };
  });
}

/** A member records what a contact told them. @throws ParleyError 404 */
export async function writeAiConsent(
  ctx: Context,
  contactId: string,
  { consent }: RecordAiConsent,
): Promise<AiConsent> {
  return ctx.transaction(async (tx) => {
    await recordAi(tx, { contactId, consent, source: 'member' });
    return readAiConsent(tx, contactId);
  });
}
