// Legal holds: while one is in force, nothing that it is on is deleted, whatever a rule or a member says.
import type { LegalHold, SetLegalHold } from '@parley/contract/privacy';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, type ParleyError } from '../../core/errors.ts';
import type { Holds } from '../../core/holds.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { readsConversations } from '../conversations/conversations.ts';
import { describeContacts } from './describe-contacts.ts';
import { legalHoldEnded, legalHoldSet } from './events.ts';
import { legalHolds } from './tables.ts';

const reasonPlace = (id: string) => `legal_holds.reason:${id}`;
const endReasonPlace = (id: string) => `legal_holds.end_reason:${id}`;

export interface Held {
  readonly everything: boolean;
  readonly contactIds: readonly string[];
}

const lockKey = "hashtext('legal_holds'), hashtext($1)";
// Who deletes shares it; who sets a hold waits for their batch, and the next batch sees the hold.
const shareLock = { name: 'legal_holds_share', text: `select pg_advisory_xact_lock_shared(${lockKey})` };
const takeLock = { name: 'legal_holds_lock', text: `select pg_advisory_xact_lock(${lockKey})` };

/** What must stay. It holds until the transaction ends: nobody sets another one meanwhile. */
export async function heldNow(tx: Pick<TransactionContext, 'sql' | 'workspaceId'>): Promise<Held> {
  await tx.sql(shareLock, [tx.workspaceId]);
  const rows = await tx.sql<{ contact_id: string | null }>(
    'select distinct contact_id from legal_holds where workspace_id = $1 and ended_at is null',
    [tx.workspaceId],
  );
  return {
    everything: rows.some((row) => row.contact_id === null),
    contactIds: rows.flatMap((row) => (row.contact_id === null ? [] : [row.contact_id])),
  };
}

export const isHeld = (): ParleyError =>
  conflict('legal_hold', 'A legal hold is on this: nothing of it may be deleted until the hold is ended.');

/** For whoever deletes elsewhere. */
export const holds: Holds = {
  refuse: async (tx, contactIds) => {
    const held = await heldNow(tx);
    if (held.everything || contactIds.some((id) => held.contactIds.includes(id))) throw isHeld();
  },
};

/** @throws ParleyError 409 `legal_hold` */
export const refuseHeld = (tx: TransactionContext, contactId: string): Promise<void> =>
  holds.refuse(tx, [contactId]);

/** @throws ParleyError 404 for a contact that is not there; 409 `already_held` */
export async function setHold(ctx: Context, { contactId, reason }: SetLegalHold): Promise<LegalHold> {
  return ctx.transaction(async (tx) => {
    await tx.sql(takeLock, [tx.workspaceId]);
    if (contactId !== null && (await describeContacts(tx, [contactId])).size === 0) throw notFound('contact');
    const [known] = await tx.sql(
      `select 1 from legal_holds where workspace_id = $1 and ended_at is null and contact_id is not distinct from $2::uuid`,
      [tx.workspaceId, contactId],
    );
    if (known) throw conflict('already_held', 'There is a legal hold on this already.');
    const id = newId();
    const [row] = await tx.drizzle
      .insert(legalHolds)
      .values({
        id,
        workspaceId: tx.workspaceId,
        contactId,
        reason: tx.seal(reason, reasonPlace(id)),
        setByKind: tx.actor.kind,
        setBy: tx.actor.id,
        setAt: tx.clock.date(),
      })
      .returning();
    tx.append(legalHoldSet, { holdId: id, contactId });
    return (await toHolds(tx, row ? [row] : []))[0] as LegalHold;
  });
}

/** @throws ParleyError 404; 409 `hold_ended` */
export async function endHold(ctx: Context, holdId: string, reason: string): Promise<LegalHold> {
  return ctx.transaction(async (tx) => {
    const [found] = await tx.drizzle.select().from(legalHolds).where(eq(legalHolds.id, holdId)).for('update');
    if (!found) throw notFound('legal hold');
    if (found.endedAt) throw conflict('hold_ended', 'This legal hold was ended already.');
    const [row] = await tx.drizzle
      .update(legalHolds)
      .set({
        endedAt: tx.clock.date(),
        endedByKind: tx.actor.kind,
        endedBy: tx.actor.id,
        endReason: tx.seal(reason, endReasonPlace(holdId)),
      })
      .where(eq(legalHolds.id, holdId))
      .returning();
    tx.append(legalHoldEnded, { holdId, contactId: found.contactId });
    return (await toHolds(tx, row ? [row] : []))[0] as LegalHold;
  });
}

/** Newest first; those that were ended too. */
export async function listHolds(
  ctx: Context,
  input: { limit: number; cursor?: string; contactId?: string; open?: boolean },
) {
  const before = input.cursor ? decodeCursor(input.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(legalHolds)
      .where(
        and(
          eq(legalHolds.workspaceId, tx.workspaceId),
          input.contactId ? eq(legalHolds.contactId, input.contactId) : undefined,
          input.open ? isNull(legalHolds.endedAt) : undefined,
          before ? lt(legalHolds.id, before[0]) : undefined,
        ),
      )
      .orderBy(desc(legalHolds.id))
      .limit(input.limit + 1);
    const { items, nextCursor } = toPage(rows, input.limit, (row) => [row.id]);
    return { items: await toHolds(tx, items), nextCursor };
  });
}

async function toHolds(
  tx: TransactionContext,
  rows: readonly (typeof legalHolds.$inferSelect)[],
): Promise<LegalHold[]> {
  // Who sees that something is held need not know whom it is about.
  const named = readsConversations(tx.actor) || tx.actor.permissions.has('privacy:manage');
  const contacts = await describeContacts(
    tx,
    rows.flatMap(({ contactId }) => (contactId === null || !named ? [] : [contactId])),
  );
  return rows.map((row) => ({
    id: row.id,
    contact:
      row.contactId === null
        ? null
        : (contacts.get(row.contactId) ?? { id: row.contactId, name: null, address: null }),
    reason: tx.openText(row.reason, reasonPlace(row.id)),
    setBy: { kind: row.setByKind, id: row.setBy },
    setAt: row.setAt.toISOString(),
    ended:
      row.endedAt && row.endedByKind
        ? {
            by: { kind: row.endedByKind, id: row.endedBy },
            at: row.endedAt.toISOString(),
            reason: row.endReason ? tx.openText(row.endReason, endReasonPlace(row.id)) : '',
          }
        : null,
  }));
}

const byId = (column: string, place: (id: string) => string) => ({
  table: 'legal_holds',
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => place(row.id ?? ''),
});
export const sealedOfHolds = [byId('reason', reasonPlace), byId('end_reason', endReasonPlace)];
