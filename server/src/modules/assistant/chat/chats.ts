// A member's chats: listed, found by title, renamed, removed and brought back. A colleague's are not there.
import type { Chat, ChatDetail, ChatPage, ChatQuery } from '@parley/contract/chat';
import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { notFound } from '../../../core/errors.ts';
import { holdsPort } from '../../../core/holds.ts';
import { decodeCursor, toPage } from '../../../core/pagination.ts';
import { askingMember } from './asker.ts';
import { forgetFiles } from './files.ts';
import { forgetChat } from './jobs.ts';
import { chatFiles, chatMessageFiles, chatMessages, chats } from './tables.ts';
import { tellChanged } from './tell.ts';
import { readShown } from './view.ts';

export const titlePlace = (chatId: string) => `chats.title:${chatId}`;

/** Longer than anybody looks at what they removed by mistake. */
const forgottenAfterMs = 60_000;
/** Titles rest sealed: of so many, the newest, they are opened to be searched. */
const searchedMax = 2000;

export type ChatRow = typeof chats.$inferSelect;

const own = (tx: TransactionContext) =>
  and(
    eq(chats.workspaceId, tx.workspaceId),
    eq(chats.userId, askingMember(tx) ?? ''),
    isNull(chats.removedAt),
  );

function toChat(tx: TransactionContext, { id, title, createdAt, updatedAt }: ChatRow): Chat {
  return {
    id,
    title: tx.openText(title, titlePlace(id)),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** What was talked in last comes first. */
export async function listChats(ctx: Context, { limit, cursor, query = '' }: ChatQuery): Promise<ChatPage> {
  const before = cursor ? decodeCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .select()
      .from(chats)
      .where(
        and(
          own(tx),
          before
            ? sql`(${chats.updatedAt}, ${chats.id}) < (${before[0]}::timestamptz, ${before[1]}::uuid)`
            : undefined,
        ),
      )
      .orderBy(desc(chats.updatedAt), desc(chats.id))
      .limit(query === '' ? limit + 1 : searchedMax);
    if (query !== '') {
      const words = fold(query).split(/\s+/);
      const found = rows.map((row) => toChat(tx, row)).filter(({ title }) => hasWords(title, words));
      return { items: found.slice(0, limit), nextCursor: null };
    }
    const { items, nextCursor } = toPage(rows, limit, (row) => [row.updatedAt.toISOString(), row.id]);
    return { items: items.map((row) => toChat(tx, row)), nextCursor };
  });
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function hasWords(title: string, words: readonly string[]): boolean {
  const folded = fold(title);
  return words.every((word) => folded.includes(word));
}

/** @throws ParleyError 404 */
export async function getChat(ctx: Context, chatId: string): Promise<ChatDetail> {
  return ctx.transaction((tx) => readChat(tx, chatId));
}

/** @throws ParleyError 404 */
export async function readChat(tx: TransactionContext, chatId: string): Promise<ChatDetail> {
  const [row] = await tx.drizzle
    .select()
    .from(chats)
    .where(and(own(tx), eq(chats.id, chatId)));
  if (!row) throw notFound('chat');
  return { ...toChat(tx, row), messages: await readShown(tx, chatId) };
}

/** Holds a chat still. @throws ParleyError 404 */
export async function lockChat(tx: TransactionContext, chatId: string): Promise<ChatRow> {
  const [row] = await tx.drizzle
    .select()
    .from(chats)
    .where(and(own(tx), eq(chats.id, chatId)))
    .for('update');
  if (!row) throw notFound('chat');
  return row;
}

/** @throws ParleyError 404 */
export async function renameChat(ctx: Context, chatId: string, title: string): Promise<Chat> {
  return ctx.transaction(async (tx) => {
    const row = await lockChat(tx, chatId);
    const sealed = tx.seal(title, titlePlace(chatId));
    await tx.drizzle.update(chats).set({ title: sealed }).where(eq(chats.id, chatId));
    tx.afterCommit(() => tellChanged(tx, row.userId, { chatId }));
    return toChat(tx, { ...row, title: sealed });
  });
}

/** Hides it at once, and forgets it after a minute. Twice is once. @throws ParleyError 404 */
export async function removeChat(ctx: Context, chatId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await findRemovable(tx, chatId);
    if (row.removedAt) return;
    await tx.use(holdsPort).refuse(tx, []);
    await tx.drizzle.update(chats).set({ removedAt: tx.clock.date() }).where(eq(chats.id, chatId));
    tx.enqueue(forgetChat, { chatId }, { startAfter: new Date(tx.clock.now() + forgottenAfterMs) });
    tx.afterCommit(() => tellChanged(tx, row.userId, { chatId }));
  });
}

/** Brings back what was removed a moment ago. @throws ParleyError 404 */
export async function restoreChat(ctx: Context, chatId: string): Promise<Chat> {
  return ctx.transaction(async (tx) => {
    const row = await findRemovable(tx, chatId);
    await tx.drizzle.update(chats).set({ removedAt: null }).where(eq(chats.id, chatId));
    tx.afterCommit(() => tellChanged(tx, row.userId, { chatId }));
    return toChat(tx, row);
  });
}

async function findRemovable(tx: TransactionContext, chatId: string): Promise<ChatRow> {
  const [row] = await tx.drizzle
    .select()
    .from(chats)
    .where(and(eq(chats.id, chatId), eq(chats.userId, askingMember(tx) ?? '')))
    .for('update');
  if (!row) throw notFound('chat');
  return row;
}

/** The `assistant.forget_chat` job: nothing of a chat is left, unless it was brought back. */
export async function forgetRemovedChat(ctx: Context, { chatId }: { chatId: string }): Promise<void> {
  const fileIds = await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle.select().from(chats).where(eq(chats.id, chatId)).for('update');
    // One that was removed, brought back and removed again has a job of its own.
    if (!row?.removedAt || tx.clock.now() - row.removedAt.getTime() < forgottenAfterMs) return [];
    const files = await tx.drizzle
      .selectDistinct({ id: chatMessageFiles.fileId })
      .from(chatMessageFiles)
      .innerJoin(chatMessages, eq(chatMessages.id, chatMessageFiles.messageId))
      .where(eq(chatMessages.chatId, chatId));
    const ids = files.map(({ id }) => id);
    await tx.drizzle.delete(chats).where(eq(chats.id, chatId));
    if (ids.length === 0) return [];
    // A file that is in another chat too stays there.
    const forgotten = await tx.drizzle
      .delete(chatFiles)
      .where(
        and(
          inArray(chatFiles.id, ids),
          sql`not exists (select 1 from chat_message_files f where f.file_id = ${chatFiles.id})`,
        ),
      )
      .returning({ id: chatFiles.id });
    return forgotten.map(({ id }) => id);
  });
  await forgetFiles(ctx, ctx.workspaceId, fileIds);
}
