// How chats' messages and files look to their member.
import type { ChatFile, ChatMessage } from '@parley/contract/chat';
import { type ToolStep, toolStep } from '@parley/contract/tools';
import { asc, eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import type { TransactionContext } from '../../../core/context.ts';
import { titlesOf } from '../../knowledge/knowledge.ts';
import { settleSteps } from '../tools/call.ts';
import { chatFiles, chatMessageFiles, chatMessages } from './tables.ts';
import { type Shown, shownPath, type TreeNode } from './tree.ts';

export const stepsPlace = (messageId: string) => `chat_messages.steps:${messageId}`;
export const contentPlace = (messageId: string) => `chat_messages.content:${messageId}`;
export const fileNamePlace = (fileId: string) => `chat_files.name:${fileId}`;

export type MessageRow = typeof chatMessages.$inferSelect;
export type FileRow = typeof chatFiles.$inferSelect;

/** All messages of a chat, oldest first, as far as their tree tells. */
export async function readNodes(tx: TransactionContext, chatId: string): Promise<TreeNode[]> {
  const { id, parentId, chosen } = chatMessages;
  return tx.drizzle
    .select({ id, parentId, chosen })
    .from(chatMessages)
    .where(eq(chatMessages.chatId, chatId))
    .orderBy(asc(chatMessages.createdAt), asc(id));
}

/** The chosen branch, from its first message on. */
export async function readShown(tx: TransactionContext, chatId: string): Promise<ChatMessage[]> {
  return toMessages(tx, shownPath(await readNodes(tx, chatId)));
}

async function toMessages(tx: TransactionContext, shown: readonly Shown[]): Promise<ChatMessage[]> {
  const ids = shown.map(({ id }) => id);
  if (ids.length === 0) return [];
  const rows = await tx.drizzle.select().from(chatMessages).where(inArray(chatMessages.id, ids));
  const files = await filesOf(tx, ids);
  const titles = await titlesOf(
    tx,
    rows.flatMap(({ readPassages }) => readPassages.map(({ textId }) => textId)),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return shown.flatMap(({ id, siblings }) => {
    const row = byId.get(id);
    return row ? [toMessage(tx, row, siblings, files.get(id) ?? [], titles)] : [];
  });
}

/** One message, whether it is on the chosen branch or not. */
export async function readMessage(tx: TransactionContext, row: MessageRow): Promise<ChatMessage | undefined> {
  const nodes = await readNodes(tx, row.chatId);
  const siblings = nodes.filter(({ parentId }) => parentId === row.parentId).map(({ id }) => id);
  const [message] = await toMessages(tx, [{ id: row.id, siblings }]);
  return message;
}

function toMessage(
  tx: TransactionContext,
  { workspaceId: _, content, steps, chosen: __, keptAt: ___, createdAt, readPassages, ...row }: MessageRow,
  siblings: readonly string[],
  files: readonly FileRow[],
  titles: ReadonlyMap<string, string>,
): ChatMessage {
  const isOpen = row.state === 'waiting' || row.state === 'writing';
  const kept = openSteps(tx, row.id, steps);
  return {
    ...row,
    text: tx.openText(content, contentPlace(row.id)),
    steps: isOpen ? kept : settleSteps(kept),
    siblings: [...siblings],
    files: files.map((file) => toFile(tx, file)),
    readPassages: readPassages.map((passage) => ({ ...passage, title: titles.get(passage.textId) ?? '' })),
    createdAt: createdAt.toISOString(),
  };
}

const toolSteps = z.array(toolStep);

export function openSteps(tx: TransactionContext, messageId: string, steps: Uint8Array | null): ToolStep[] {
  return steps ? toolSteps.parse(JSON.parse(tx.openText(steps, stepsPlace(messageId)))) : [];
}

/** By the message's id, in their order. */
export async function filesOf(
  tx: TransactionContext,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, readonly FileRow[]>> {
  const rows = await tx.drizzle
    .select({ messageId: chatMessageFiles.messageId, file: chatFiles })
    .from(chatMessageFiles)
    .innerJoin(chatFiles, eq(chatFiles.id, chatMessageFiles.fileId))
    .where(inArray(chatMessageFiles.messageId, [...messageIds]))
    .orderBy(asc(chatMessageFiles.position));
  const byMessage = Map.groupBy(rows, ({ messageId }) => messageId);
  return new Map([...byMessage].map(([id, linked]) => [id, linked.map(({ file }) => file)]));
}

export function toFile(tx: TransactionContext, row: FileRow): ChatFile {
  const { id, contentType, bytes, kind, state, error } = row;
  return {
    id,
    name: tx.openText(row.name, fileNamePlace(id)),
    contentType,
    bytes,
    kind,
    state,
    error: error ?? null,
  };
}
