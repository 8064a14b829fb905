// What contacts agreed to: reads their opt-out words, keeps the ledger with its proof, and answers them once.
import type { Consent, RecordConsent } from '@parley/contract/conversations';
import { desc, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { workspaces } from '../tenancy/tables.ts';
import { recordActivities } from './activities.ts';
import { consentChanged } from './events.ts';
import {
  confirmationLanguage,
  type KeywordProof,
  type OptOutKeyword,
  type OptOutLanguage,
  optOutReplies,
  readAmbiguousStart,
  readKeyword,
} from './opt-out.ts';
import { createOutboundMessage } from './outbound.ts';
import { consentEvents, contactPoints, conversations } from './tables.ts';

/** A reply with a name of up to this many characters is one segment. */
const nameLengthMax = 40;

/** The opt-out word that a message is, if it is one for this contact. Pure. */
export function keywordOf(body: string, optedOut: boolean): KeywordProof | null {
  return readKeyword(body) ?? (optedOut ? readAmbiguousStart(body) : null);
}

interface LedgerEntry {
  readonly contactPointId: string;
  readonly channelId: string | null;
  readonly action: 'opt_out' | 'opt_in' | 'help';
  readonly source: 'keyword' | 'provider' | 'member' | 'kept';
  readonly messageId?: string;
  readonly keyword?: string;
  readonly reason?: string;
  readonly at?: Date;
}

// The later word holds, also when it was processed first.
const setOptOut = {
  name: 'contact_point_opt_out',
  text: `update contact_points set opted_out_at = $2 where id = $1 and opted_out_at is null
    and not exists (select 1 from consent_events
      where contact_point_id = $1 and action = 'opt_in' and occurred_at > $2) returning id`,
};
const setOptIn = {
  name: 'contact_point_opt_in',
  text: `update contact_points set opted_out_at = null where id = $1 and opted_out_at is not null
    and not exists (select 1 from consent_events
      where contact_point_id = $1 and action = 'opt_out' and occurred_at > $2) returning id`,
};

// By the contact, for whom there is an index.
const conversationsOfPoint = {
  name: 'conversations_of_contact_point',
  text: `select c.id from contact_points p join conversations c on c.contact_id = p.contact_id
    where p.id = $1 and c.contact_point_id = $1 order by c.id`,
};

/** Writes the ledger and what follows from it. Returns whether the contact's consent is another one now. */
async function enter(tx: TransactionContext, entry: LedgerEntry): Promise<boolean> {
  const id = newId();
  const occurredAt = entry.at ?? tx.clock.date();
  const actor: ActorReference = entry.source === 'keyword' ? { kind: 'contact', id: null } : tx.actor;
  await tx.drizzle.insert(consentEvents).values({
    id,
    workspaceId: tx.workspaceId,
    contactPointId: entry.contactPointId,
    channelId: entry.channelId,
    action: entry.action,
    source: entry.source,
    messageId: entry.messageId ?? null,
    keyword: entry.keyword ?? null,
    reason: entry.reason === undefined ? null : tx.seal(entry.reason, `consent_events.reason:${id}`),
    actorKind: actor.kind,
    actorId: actor.id,
    occurredAt,
  });
  if (entry.action === 'help') return false;
  const statement = entry.action === 'opt_out' ? setOptOut : setOptIn;
  const rows = await tx.sql(statement, [entry.contactPointId, occurredAt]);
  if (rows.length === 0) return false;
  const { contactPointId, action, source } = entry;
  tx.append(consentChanged, { contactPointId, action, source });
  const affected = await tx.sql<{ id: string }>(conversationsOfPoint, [contactPointId]);
  const kind = action === 'opt_out' ? 'opted_out' : 'opted_in';
  recordActivities(
    tx,
    affected.map(({ id: conversationId }) => ({ conversationId, kind, detail: source, actor })),
  );
  return true;
}

const actions = { stop: 'opt_out', start: 'opt_in', help: 'help' } as const;

/** A contact said an opt-out word: into the ledger with it, and the answer that is due goes out. */
export async function applyKeyword(
  tx: TransactionContext,
  proof: KeywordProof,
  said: {
    readonly conversationId: string;
    readonly contactPointId: string;
    readonly channelId: string;
    readonly messageId: string;
    readonly language: OptOutLanguage | 'unknown';
    readonly at: Date;
  },
): Promise<void> {
  const changed = await enter(tx, {
    contactPointId: said.contactPointId,
    channelId: said.channelId,
    action: actions[proof.keyword],
    source: 'keyword',
    messageId: said.messageId,
    keyword: proof.word,
    at: said.at,
  });
  // STOP is confirmed once: who says it again has stopped already.
  if (proof.keyword === 'stop' && !changed) return;
  const language = confirmationLanguage(proof, said.language);
  await createOutboundMessage(tx, {
    conversationId: said.conversationId,
    body: await reply(tx, proof.keyword, language),
    sender: { kind: 'system', id: null },
    ignoreConsent: true,
  });
}

/** What the workspace calls itself to contacts, short enough for a reply of one segment. */
export async function publicName(tx: TransactionContext): Promise<string> {
  const [workspace] = await tx.drizzle
    .select({ name: workspaces.name })
    .from(workspaces)
    .where(eq(workspaces.id, tx.workspaceId));
  return (workspace?.name ?? '').slice(0, nameLengthMax).trim();
}

async function reply(
  tx: TransactionContext,
  keyword: OptOutKeyword,
  language: OptOutLanguage,
): Promise<string> {
  const name = await publicName(tx);
  return optOutReplies[keyword][language].replace('{name}', () => name);
}

/** The provider refused a message because the contact opted out there: our ledger learns it. */
export async function recordProviderOptOut(
  tx: TransactionContext,
  refused: { contactPointId: string; channelId: string; messageId: string },
): Promise<void> {
  const [point] = await tx.drizzle
    .select({ optedOutAt: contactPoints.optedOutAt })
    .from(contactPoints)
    .where(eq(contactPoints.id, refused.contactPointId));
  if (!point || point.optedOutAt) return;
  await enter(tx, { ...refused, action: 'opt_out', source: 'provider' });
}

/** It was known of this address from before its contact was erased. */
export async function keepOptedOut(tx: TransactionContext, contactPointId: string): Promise<void> {
  await enter(tx, { contactPointId, channelId: null, action: 'opt_out', source: 'kept' });
}

async function pointOf(tx: TransactionContext, conversationId: string) {
  const [row] = await tx.drizzle
    .select({
      id: contactPoints.id,
      optedOutAt: contactPoints.optedOutAt,
      channelId: conversations.channelId,
    })
    .from(conversations)
    .innerJoin(contactPoints, eq(contactPoints.id, conversations.contactPointId))
    .where(eq(conversations.id, conversationId));
  if (!row) throw notFound('conversation');
  return row;
}

/** The ledger of the conversation's contact point. @throws ParleyError 404 */
export async function readConsent(ctx: Context, conversationId: string): Promise<Consent> {
  return ctx.transaction(async (tx) => {
    const point = await pointOf(tx, conversationId);
    const rows = await tx.drizzle
      .select()
      .from(consentEvents)
      .where(eq(consentEvents.contactPointId, point.id))
      .orderBy(desc(consentEvents.occurredAt), desc(consentEvents.id))
      .limit(200);
    return {
      contactPointId: point.id,
      optedOut: point.optedOutAt !== null,
      optedOutAt: point.optedOutAt?.toISOString() ?? null,
      events: rows.map((row) => ({
        id: row.id,
        action: row.action,
        source: row.source,
        channelId: row.channelId,
        messageId: row.messageId,
        keyword: row.keyword,
        reason: row.reason ? tx.openText(row.reason, `consent_events.reason:${row.id}`) : null,
        actor: { kind: row.actorKind, id: row.actorId },
        occurredAt: row.occurredAt.toISOString(),
      })),
    };
  });
}

/** A member records what a contact told them by other ways. @throws ParleyError 404 */
export async function writeConsent(
  ctx: Context,
  conversationId: string,
  input: RecordConsent,
): Promise<Consent> {
  return ctx.transaction(async (tx) => {
    const point = await pointOf(tx, conversationId);
    await enter(tx, {
      contactPointId: point.id,
      channelId: point.channelId,
      action: input.optedOut ? 'opt_out' : 'opt_in',
      source: 'member',
      reason: input.reason,
    });
    return readConsent(tx, conversationId);
  });
}
