// What a member does in a chat: asks, edits and asks again, has another answer written, chooses a branch, stops an answer.
import {
  type ChatDetail,
  type ChatMessage,
  chatMessagesMax,
  type SayInChat,
  type StartChat,
} from '@parley/contract/chat';
import { and, count, eq, inArray, isNull, ne } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict, notFound, ParleyError, validationError } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import { assistantRuntime } from '../settings.ts';
import { memberWhoAsks } from './asker.ts';
import { lockChat, readChat, titlePlace } from './chats.ts';
import { answerInChat } from './jobs.ts';
import { chatFiles, chatMessageFiles, chatMessages, chats } from './tables.ts';
import { tellChanged } from './tell.ts';
import { contentPlace, fileNamePlace, type MessageRow, readMessage } from './view.ts';

/** Answers that are being written for one member. */
const openMax = 5;
const titleLengthMax = 60;

const isOpen = (state: MessageRow['state']) => state === 'waiting' || state === 'writing';

/** @throws ParleyError 400, 404 for a file; 409 `members_only`; 429 `too_many_answers` */
export async function startChat(ctx: Context, said: StartChat): Promise<ChatDetail> {
  return ctx.transaction(async (tx) => {
    const userId = memberWhoAsks(tx);
    const chatId = newId();
    const now = tx.clock.date();
    const { workspaceId } = tx;
    await tx.drizzle.insert(chats).values({
      id: chatId,
      workspaceId,
      userId,
      title: tx.seal(await titleFor(tx, said), titlePlace(chatId)),
      createdAt: now,
      updatedAt: now,
    });
    await ask(tx, { chatId, userId, parentId: null }, said);
    return readChat(tx, chatId);
  });
}

/** The beginning of what was asked, else the name of what was shown. */
async function titleFor(tx: TransactionContext, { text, fileIds }: StartChat): Promise<string> {
  const line = text.split('\n', 1)[0]?.replace(/\s+/g, ' ').trim() ?? '';
  if (line.length > titleLengthMax) {
    const cut = line.slice(0, titleLengthMax).toWellFormed();
    return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), titleLengthMax / 2)).trimEnd()}…`;
  }
  if (line !== '') return line;
  const [row] = await tx.drizzle
    .select({ id: chatFiles.id, name: chatFiles.name })
    .from(chatFiles)
    .where(eq(chatFiles.id, fileIds[0] ?? newId()));
  return row ? tx.openText(row.name, fileNamePlace(row.id)) : '…';
}

/**
 * Says something in a chat, after an answer or at its beginning: beside what stands there already, it is another branch.
 * @throws ParleyError 400, 404; 409 `answer_unfinished`, `chat_full`; 429 `too_many_answers`
 */
export async function sayInChat(ctx: Context, chatId: string, said: SayInChat): Promise<ChatDetail> {
  return ctx.transaction(async (tx) => {
    const { userId } = await lockChat(tx, chatId);
    const { parentId } = said;
    if (parentId !== null) {
      const parent = await findIn(tx, chatId, parentId);
      if (parent.role !== 'assistant') {
        throw validationError('A message follows an answer.', [
          { path: 'body.parentId', message: 'is no answer' },
        ]);
      }
      if (isOpen(parent.state)) throw unfinished();
    }
    await ask(tx, { chatId, userId, parentId }, said);
    return readChat(tx, chatId);
  });
}

const unfinished = () =>
  conflict('answer_unfinished', 'The assistant is still writing. Stop it first, or wait for its end.');

async function findIn(tx: TransactionContext, chatId: string, messageId: string): Promise<MessageRow> {
  const [row] = await tx.drizzle
    .select()
    .from(chatMessages)
    .where(and(eq(chatMessages.id, messageId), eq(chatMessages.chatId, chatId)));
  if (!row) throw notFound('message');
  return row;
}

interface Place {
  readonly chatId: string;
  readonly userId: string;
  readonly parentId: string | null;
}

async function ask(tx: TransactionContext, place: Place, { text, fileIds }: StartChat): Promise<void> {
  const questionId = await insertMessage(tx, place, 'member', text);
  await attach(tx, place.userId, questionId, fileIds);
  await beginAnswer(tx, { ...place, parentId: questionId });
}

async function attach(
  tx: TransactionContext,
  userId: string,
  messageId: string,
  fileIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(fileIds)];
  if (ids.length === 0) return;
  const rows = await tx.drizzle
    .select({ id: chatFiles.id })
    .from(chatFiles)
    .where(and(inArray(chatFiles.id, ids), eq(chatFiles.userId, userId), ne(chatFiles.state, 'storing')))
    // The sweep of what was never sent must not take one meanwhile.
    .for('update');
  if (rows.length < ids.length) throw notFound('file');
  const { workspaceId } = tx;
  await tx.drizzle
    .insert(chatMessageFiles)
    .values(ids.map((fileId, position) => ({ messageId, fileId, workspaceId, position })));
}

async function beginAnswer(tx: TransactionContext, place: Place): Promise<void> {
  await refuseTooMany(tx, place);
  const messageId = await insertMessage(tx, place, 'assistant', '');
  await tx.drizzle.update(chats).set({ updatedAt: tx.clock.date() }).where(eq(chats.id, place.chatId));
  tx.enqueue(answerInChat, { messageId });
  tx.afterCommit(() => tellChanged(tx, place.userId, { chatId: place.chatId }));
}

async function refuseTooMany(tx: TransactionContext, { chatId, userId }: Place): Promise<void> {
  const [open] = await tx.drizzle
    .select({ count: count() })
    .from(chatMessages)
    .innerJoin(chats, eq(chats.id, chatMessages.chatId))
    .where(
      and(
        eq(chats.workspaceId, tx.workspaceId),
        eq(chats.userId, userId),
        inArray(chatMessages.state, ['waiting', 'writing']),
      ),
    );
  if (Number(open?.count ?? 0) >= openMax) {
    throw new ParleyError({
      status: 429,
      code: 'too_many_answers',
      message: `The assistant is writing ${openMax} answers for you already. Wait for one, or stop one.`,
    });
  }
  if ((await tx.drizzle.$count(chatMessages, eq(chatMessages.chatId, chatId))) >= chatMessagesMax)
    throw conflict('chat_full', 'This chat has as many messages as fit. Begin another one.');
}

/** Beside its siblings, and shown instead of them. */
async function insertMessage(
  tx: TransactionContext,
  { chatId, parentId }: Place,
  role: MessageRow['role'],
  text: string,
): Promise<string> {
  const id = newId();
  const now = tx.clock.date();
  await choose(tx, chatId, parentId, null);
  await tx.drizzle.insert(chatMessages).values({
    id,
    workspaceId: tx.workspaceId,
    chatId,
    parentId,
    role,
    chosen: true,
    state: role === 'member' ? 'done' : 'waiting',
    content: tx.seal(text.toWellFormed().replaceAll('\0', ''), contentPlace(id)),
    createdAt: now,
    keptAt: now,
  });
  return id;
}

async function choose(
  tx: TransactionContext,
  chatId: string,
  parentId: string | null,
  chosenId: string | null,
): Promise<void> {
  const { id } = chatMessages;
  await tx.drizzle
    .update(chatMessages)
    .set({ chosen: false })
    .where(
      and(
        eq(chatMessages.chatId, chatId),
        parentId === null ? isNull(chatMessages.parentId) : eq(chatMessages.parentId, parentId),
        eq(chatMessages.chosen, true),
      ),
    );
  if (chosenId !== null) await tx.drizzle.update(chatMessages).set({ chosen: true }).where(eq(id, chosenId));
}

/** @throws ParleyError 404 */
async function lockChatOf(tx: TransactionContext, messageId: string): Promise<MessageRow> {
  const [found] = await tx.drizzle.select().from(chatMessages).where(eq(chatMessages.id, messageId));
  if (!found) throw notFound('message');
  await lockChat(tx, found.chatId).catch((error: unknown) => {
    // Not even that it is another one's chat is told.
    throw error instanceof ParleyError ? notFound('message') : error;
  });
  return findIn(tx, found.chatId, messageId);
}

/** Has another answer written, beside those that are there. @throws ParleyError 400, 404, 409, 429 as above */
export async function answerAgain(ctx: Context, questionId: string): Promise<ChatDetail> {
  return ctx.transaction(async (tx) => {
    const { chatId, role } = await lockChatOf(tx, questionId);
    if (role !== 'member') throw validationError('Only a question is answered.');
    const siblings = await tx.drizzle
      .select({ state: chatMessages.state })
      .from(chatMessages)
      .where(eq(chatMessages.parentId, questionId));
    if (siblings.some(({ state }) => isOpen(state))) throw unfinished();
    await beginAnswer(tx, { chatId, userId: memberWhoAsks(tx), parentId: questionId });
    return readChat(tx, chatId);
  });
}

/** Shows a branch, now and later. @throws ParleyError 404 */
export async function chooseBranch(ctx: Context, messageId: string): Promise<ChatDetail> {
  return ctx.transaction(async (tx) => {
    const { chatId, parentId } = await lockChatOf(tx, messageId);
    await choose(tx, chatId, parentId, messageId);
    return readChat(tx, chatId);
  });
}

/** @throws ParleyError 404 */
export async function getChatMessage(ctx: Context, messageId: string): Promise<ChatMessage> {
  return ctx.transaction(async (tx) => readOwn(tx, await lockChatOf(tx, messageId)));
}

async function readOwn(tx: TransactionContext, row: MessageRow): Promise<ChatMessage> {
  const message = await readMessage(tx, row);
  if (!message) throw notFound('message');
  return message;
}

/** Ends an answer where it is. What has ended stays as it is. @throws ParleyError 404 */
export async function stopAnswer(ctx: Context, messageId: string): Promise<ChatMessage> {
  return ctx.transaction(async (tx) => {
    const row = await lockChatOf(tx, messageId);
    if (!isOpen(row.state)) return readOwn(tx, row);
    // Whoever writes may end it at the same moment: then there is nothing to stop.
    await tx.drizzle
      .update(chatMessages)
      .set({ state: 'stopped' })
      .where(and(eq(chatMessages.id, messageId), inArray(chatMessages.state, ['waiting', 'writing'])));
    const userId = memberWhoAsks(tx);
    tx.afterCommit(() => {
      tx.use(assistantRuntime).stops.stop(messageId);
      tellChanged(tx, userId, { chatId: row.chatId, messageId });
    });
    return readOwn(tx, await findIn(tx, row.chatId, messageId));
  });
}
