// What people do with products: recommendations learn from it.
import type { Interaction, InteractionInput, InteractionKind } from '@parley/contract/commerce';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound, validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { interactionRecorded } from './events.ts';
import { hashOutsideId } from './outside-ids.ts';
import { interactions } from './tables.ts';

/** How much each says that somebody wants a product. */
export const STRENGTHS: Readonly<Record<InteractionKind, number>> = { view: 0.2, cart: 0.5, purchase: 1 };

/** By so much a shop's clock may be ahead. */
const AHEAD_MS_MAX = 86_400_000;

/** @throws ParleyError 404 when there is no such product or contact, 400 for what has yet to happen */
export async function recordInteraction(ctx: Context, input: InteractionInput): Promise<Interaction> {
  return ctx.transaction(async (tx) => {
    const now = tx.clock.date();
    const happenedAt = input.happenedAt === undefined ? now : new Date(input.happenedAt);
    if (happenedAt.getTime() > now.getTime() + AHEAD_MS_MAX)
      throw validationError('An interaction has happened already.', [
        { path: 'body.happenedAt', message: 'is in the future' },
      ]);
    const productId = await productOf(tx, input);
    const person = await personOf(tx, input);
    const row = { id: newId(), productId, kind: input.kind };
    await tx.drizzle
      .insert(interactions)
      .values({ ...row, ...person, workspaceId: tx.workspaceId, happenedAt, recordedAt: now });
    tx.append(interactionRecorded, { interactionId: row.id, productId, kind: row.kind });
    return {
      ...row,
      contactId: person.contactId,
      outsideId: input.outsideId ?? null,
      happenedAt: happenedAt.toISOString(),
    };
  });
}

/** Somebody as interactions know them; both are null for nobody in particular. */
export interface Person {
  readonly contactId: string | null;
  readonly outsideHash: string | null;
}

/** @throws ParleyError 404 when there is no such contact */
export async function personOf(
  tx: TransactionContext,
  { contactId, outsideId }: { contactId?: string | undefined; outsideId?: string | undefined },
): Promise<Person> {
  if (contactId !== undefined) {
    const found = await tx.sql('select id from contacts where id = $1', [contactId]);
    if (found.length === 0) throw notFound('contact');
  }
  return {
    contactId: contactId ?? null,
    outsideHash: outsideId === undefined ? null : await hashOutsideId(tx, outsideId),
  };
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
