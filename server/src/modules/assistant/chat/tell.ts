// What is told live of a chat: to its member only, on whichever process their sockets are.
import type { Context } from '../../../core/context.ts';
import { livePort } from '../../../core/realtime/live.ts';

const permission = 'chat:use';

/** There is something to read again. Outside of a transaction, or after its commit. */
export function tellChanged(
  ctx: Context,
  userId: string,
  what: { readonly chatId?: string; readonly messageId?: string; readonly fileId?: string },
): void {
  const { chatId = null, messageId = null, fileId = null } = what;
  const frame = { kind: 'chat_changed' as const, chatId, messageId, fileId };
  ctx.use(livePort).publish(ctx.workspaceId, frame, permission, userId);
}

export interface WrittenAnswer {
  readonly chatId: string;
  readonly userId: string;
  readonly messageId: string;
  readonly take: number;
}

/** Tells what stands in a text that did not stand in the one before. */
export function tellWritten(ctx: Context, answer: WrittenAnswer, before: string, after: string): void {
  const { userId, ...of } = answer;
  for (const piece of piecesOf(before, after))
    ctx.use(livePort).publish(ctx.workspaceId, { kind: 'chat_writing', ...of, ...piece }, permission, userId);
}

/** A NOTIFY takes 8000 bytes: also of what JSON writes with six bytes a character, sealed and in base 64. */
const pieceLengthMax = 800;

/** What turns one text into another: pieces, each with its place, in their order. Pure. */
export function piecesOf(
  before: string,
  after: string,
): { readonly offset: number; readonly text: string }[] {
  let offset = 0;
  while (offset < before.length && before[offset] === after[offset]) offset += 1;
  const pieces: { offset: number; text: string }[] = [];
  do {
    pieces.push({ offset, text: after.slice(offset, offset + pieceLengthMax) });
    offset += pieceLengthMax;
  } while (offset < after.length);
  return pieces;
}
