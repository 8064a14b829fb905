// What people do with products: recommendations learn from it.
import type { Interaction, InteractionInput, InteractionKind } from '@parley/contract/commerce';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { interactionRecorded } from './events.ts';
import { interactions } from './tables.ts';

/** How much each says that somebody wants a product. */
export const STRENGTHS: Readonly<Record<InteractionKind, number>> = { view: 0.2, cart: 0.5, purchase: 1 };

/** @throws ParleyError 404 when there is no such product or contact */
export async function recordInteraction(ctx: Context, input: InteractionInput): Promise<Interaction> {
  return ctx.transaction(async (tx) => {
    const productId = await productOf(tx, input);
    if (input.contactId !== undefined) await mustBeContact(tx, input.contactId);
    const row = {
      id: newId(),
      productId,
      contactId: input.contactId ?? null,
      outsideId: input.outsideId ?? null,
      kind: input.kind,
    };
    const now = tx.clock.date();
    const happenedAt = input.happenedAt === undefined ? now : new Date(input.happenedAt);
    await tx.drizzle
      .insert(interactions)
      .values({ ...row, workspaceId: tx.workspaceId, happenedAt, recordedAt: now });
    tx.append(interactionRecorded, { interactionId: row.id, productId, kind: row.kind });
    return { ...row, happenedAt: happenedAt.toISOString() };
  });
}

/** @throws ParleyError 404 */
export async function mustBeContact(tx: TransactionContext, contactId: string): Promise<void> {
  const found = await tx.sql('select id from contacts where id = $1', [contactId]);
  if (found.length === 0) throw notFound('contact');
}

async function productOf(tx: TransactionContext, { productId, sku }: InteractionInput): Promise<string> {
  const [row] = await tx.sql<{ id: string }>(
    productId === undefined
      ? 'select id from products where workspace_id = $1 and sku = $2'
      : 'select id from products where workspace_id = $1 and id = $2',
    [tx.workspaceId, productId ?? sku],
  );
  if (!row) throw notFound('product');
  return row.id;
}
