// Saved views of the inbox: a member's own, and those that everybody in the workspace has.
import { type View, viewFilters, type WriteView } from '@parley/contract/inbox';
import { and, asc, eq, or } from 'drizzle-orm';
import type { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, ParleyError, validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { findChannel } from '../channels/channels.ts';
import { members } from '../tenancy/tables.ts';
import { viewDeleted, viewSaved } from './events.ts';
import { askingMember } from './filters.ts';
import { views } from './tables.ts';

/** More than anybody looks through; the list is one page. */
const viewsMax = 200;

function toView(row: typeof views.$inferSelect): View {
  return {
    id: row.id,
    name: row.name,
    filters: viewFilters.parse(row.filters),
    shared: row.shared,
    ownerId: row.ownerId,
    createdAt: row.createdAt.toISOString(),
  };
}

/** Those that whoever acts can see. */
function visible(tx: TransactionContext) {
  const member = askingMember(tx);
  return and(
    eq(views.workspaceId, tx.workspaceId),
    member === null ? eq(views.shared, true) : or(eq(views.shared, true), eq(views.ownerId, member)),
  );
}

/** Oldest first: a view stays where its owner is used to find it. */
export async function listViews(ctx: Context): Promise<{ items: View[] }> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(views)
      .where(visible(tx))
      .orderBy(asc(views.createdAt), asc(views.id));
    return { items: rows.map(toView) };
  });
}

/** What everybody has is changed only by those who may change conversations; programs have nothing of their own. */
function refuseSharing(tx: TransactionContext, shared: boolean): void {
  if (shared && !tx.actor.permissions.has('conversations:write')) {
    throw new ParleyError({
      status: 403,
      code: 'forbidden',
      message: 'Your role does not allow views that everybody has.',
    });
  }
  if (!shared && askingMember(tx) === null) {
    throw validationError('A program makes views that everybody has.', [
      { path: 'body.shared', message: 'is false, and there is no member whose view it would be' },
    ]);
  }
}

async function checkFilters(
  tx: TransactionContext,
  { channelId, ownerId }: z.output<typeof viewFilters>,
): Promise<void> {
  if (channelId !== undefined && !(await findChannel(tx, channelId))) throw notFound('channel');
  if (ownerId === undefined || ownerId === 'me') return;
  const rows = await tx.drizzle
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.workspaceId, tx.workspaceId), eq(members.userId, ownerId)));
  if (rows.length === 0) throw notFound('member');
}

/** @throws ParleyError 400, 403, 404 for a filter's channel or member; 409 `too_many_views` */
export async function createView(ctx: Context, input: WriteView): Promise<View> {
  return ctx.transaction(async (tx) => {
    const shared = input.shared ?? false;
    refuseSharing(tx, shared);
    await checkFilters(tx, input.filters);
    if ((await tx.drizzle.$count(views, visible(tx))) >= viewsMax) {
      throw conflict('too_many_views', `There are ${viewsMax} views already: remove one first.`);
    }
    const row = {
      id: newId(),
      workspaceId: tx.workspaceId,
      name: input.name,
      filters: input.filters,
      shared,
      ownerId: askingMember(tx),
      createdAt: tx.clock.date(),
    };
    await tx.drizzle.insert(views).values(row);
    tx.append(viewSaved, { viewId: row.id, shared });
    return toView(row);
  });
}

/** Another member's own view does not exist; one that everybody has is its maker's to change, or who moderates. */
async function lockView(tx: TransactionContext, viewId: string): Promise<typeof views.$inferSelect> {
  const [row] = await tx.drizzle
    .select()
    .from(views)
    .where(and(visible(tx), eq(views.id, viewId)))
    .for('update');
  if (!row) throw notFound('view');
  const own = row.ownerId !== null && row.ownerId === askingMember(tx);
  if (!own && !tx.actor.permissions.has('conversations:moderate')) {
    throw new ParleyError({ status: 403, code: 'forbidden', message: 'Only its maker changes a view.' });
  }
  return row;
}

/** @throws ParleyError 400, 403, 404 */
export async function changeView(ctx: Context, viewId: string, input: WriteView): Promise<View> {
  return ctx.transaction(async (tx) => {
    const row = await lockView(tx, viewId);
    const shared = input.shared ?? false;
    refuseSharing(tx, shared);
    if (!shared && row.ownerId !== askingMember(tx)) {
      throw conflict('view_of_another', 'Only its maker takes a view back from everybody.');
    }
    await checkFilters(tx, input.filters);
    const changed = { name: input.name, filters: input.filters, shared };
    await tx.drizzle.update(views).set(changed).where(eq(views.id, viewId));
    tx.append(viewSaved, { viewId, shared: shared || row.shared });
    return toView({ ...row, ...changed });
  });
}

/** @throws ParleyError 403, 404 */
export async function deleteView(ctx: Context, viewId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await lockView(tx, viewId);
    await tx.drizzle.delete(views).where(eq(views.id, viewId));
    tx.append(viewDeleted, { viewId });
  });
}
