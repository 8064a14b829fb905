// Quick replies: texts that members insert by a shortcut. What they say is content, and sealed like it.
import type { QuickReply, WriteQuickReply } from '@parley/contract/inbox';
import { asc, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, databaseErrorCode, notFound, ParleyError, uniqueViolation } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { quickReplyDeleted, quickReplySaved } from './events.ts';
import { quickReplies } from './tables.ts';

/** More than anybody remembers; the list is one page. */
const quickRepliesMax = 500;

const place = (id: string) => `quick_replies.body:${id}`;
/** However it is spelt. The database's own lower() knows ASCII only under some collations. */
const keyOf = (shortcut: string) => shortcut.normalize('NFKC').toLowerCase();

/** @throws ParleyError 409 `shortcut_taken` where the database says that another one has it. */
async function refuseTaken<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    if (databaseErrorCode(cause) !== uniqueViolation) throw cause;
    // With its cause: a racing call with the same Idempotency-Key is known by it, and gets the first one's answer.
    const message = 'Another quick reply has this shortcut.';
    throw new ParleyError({ status: 409, code: 'shortcut_taken', message, cause });
  }
}

function toQuickReply(tx: TransactionContext, row: typeof quickReplies.$inferSelect): QuickReply {
  return {
    id: row.id,
    shortcut: row.shortcut,
    body: tx.openText(row.body, place(row.id)),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** By their shortcuts. */
export async function listQuickReplies(ctx: Context): Promise<{ items: QuickReply[] }> {
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(quickReplies)
      .where(eq(quickReplies.workspaceId, tx.workspaceId))
      .orderBy(asc(quickReplies.shortcutKey));
    return { items: rows.map((row) => toQuickReply(tx, row)) };
  });
}

/** @throws ParleyError 409 `shortcut_taken`, `too_many_quick_replies` */
export async function createQuickReply(ctx: Context, input: WriteQuickReply): Promise<QuickReply> {
  const created = ctx.transaction(async (tx) => {
    const count = await tx.drizzle.$count(quickReplies, eq(quickReplies.workspaceId, tx.workspaceId));
    if (count >= quickRepliesMax) {
      throw conflict(
        'too_many_quick_replies',
        `There are ${quickRepliesMax} quick replies already: remove one first.`,
      );
    }
    const id = newId();
    const now = tx.clock.date();
    const row = {
      id,
      workspaceId: tx.workspaceId,
      shortcut: input.shortcut,
      shortcutKey: keyOf(input.shortcut),
      body: tx.seal(input.body, place(id)),
      createdAt: now,
      updatedAt: now,
    };
    await tx.drizzle.insert(quickReplies).values(row);
    tx.append(quickReplySaved, { quickReplyId: id });
    return toQuickReply(tx, row);
  });
  return refuseTaken(created);
}

/** @throws ParleyError 404; 409 `shortcut_taken` */
export async function changeQuickReply(
  ctx: Context,
  quickReplyId: string,
  input: WriteQuickReply,
): Promise<QuickReply> {
  const changed = ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .update(quickReplies)
      .set({
        shortcut: input.shortcut,
        shortcutKey: keyOf(input.shortcut),
        body: tx.seal(input.body, place(quickReplyId)),
        updatedAt: tx.clock.date(),
      })
      .where(eq(quickReplies.id, quickReplyId))
      .returning();
    if (!row) throw notFound('quick reply');
    tx.append(quickReplySaved, { quickReplyId });
    return toQuickReply(tx, row);
  });
  return refuseTaken(changed);
}

/** @throws ParleyError 404 */
export async function deleteQuickReply(ctx: Context, quickReplyId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .delete(quickReplies)
      .where(eq(quickReplies.id, quickReplyId))
      .returning({ id: quickReplies.id });
    if (rows.length === 0) throw notFound('quick reply');
    tx.append(quickReplyDeleted, { quickReplyId });
  });
}
