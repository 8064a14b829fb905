// What an answer in a chat is made of: the branch that leads to it, with its files, as far as a model reads.
import type { ChatNotice } from '@parley/contract/chat';
import type { Language } from '@parley/contract/common';
import { inArray } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../../core/context.ts';
import type { ChatTurn } from '../../inference/inference.ts';
import { detectLanguage } from '../../understanding/understanding.ts';
import { textOfFile } from './file-reading.ts';
import { openStored } from './files.ts';
import { chatMessages } from './tables.ts';
import { pathTo } from './tree.ts';
import { contentPlace, type FileRow, fileNamePlace, filesOf, readNodes } from './view.ts';

/** How much of a chat, and of all of its files, a model reads. */
const turnsMax = 40;
const turnCharactersMax = 40_000;
const fileCharactersMax = 60_000;
const picturesMax = 5;

export interface SaidTurn {
  readonly role: 'member' | 'assistant';
  readonly text: string;
  readonly files: readonly FileRow[];
}

/** The branch that ends with a question, oldest first, without answers that nobody has got. */
export async function readTurns(
  tx: TransactionContext,
  chatId: string,
  questionId: string,
): Promise<SaidTurn[]> {
  const ids = pathTo(await readNodes(tx, chatId), questionId).slice(-turnsMax);
  const rows = await tx.drizzle.select().from(chatMessages).where(inArray(chatMessages.id, ids));
  const files = await filesOf(tx, ids);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids
    .flatMap((id) => byId.get(id) ?? [])
    .map(({ id, role, content }) => ({
      role,
      text: tx.openText(content, contentPlace(id)),
      files: files.get(id) ?? [],
    }))
    .filter(({ text, files }) => text !== '' || files.length > 0);
}

export interface ChatQuestion {
  readonly turns: readonly ChatTurn[];
  /** What is asked now, alone. */
  readonly words: string;
  readonly language: Language;
  readonly notices: readonly ChatNotice[];
}

/** Fetches what the turns show, newest first, until it is as much as a model reads. Outside of a transaction. */
export async function composeQuestion(
  ctx: Context,
  said: readonly SaidTurn[],
  signal: AbortSignal,
): Promise<ChatQuestion> {
  const notices = new Set<ChatNotice>();
  const room = { turns: turnCharactersMax, files: fileCharactersMax, pictures: picturesMax };
  const turns: ChatTurn[] = [];
  for (const turn of said.toReversed()) {
    if (turns.length > 0 && turn.text.length > room.turns) {
      notices.add('not_all_read');
      break;
    }
    room.turns -= turn.text.length;
    turns.unshift({
      role: turn.role,
      text: turn.text,
      ...(await showFiles(ctx, turn, room, notices, signal)),
    });
  }
  const words = said.at(-1)?.text ?? '';
  return { turns, words, language: (await detectLanguage(words)).language, notices: [...notices] };
}

async function showFiles(
  ctx: Context,
  turn: SaidTurn,
  room: { files: number; pictures: number },
  notices: Set<ChatNotice>,
  signal: AbortSignal,
): Promise<Pick<ChatTurn, 'files' | 'pictures'>> {
  const files: { name: string; text: string }[] = [];
  const pictures: { contentType: string; base64: string }[] = [];
  for (const file of turn.files) {
    if (file.kind === 'picture') {
      const bytes = room.pictures > 0 ? await openStored(ctx, file) : null;
      if (bytes) pictures.push({ contentType: file.contentType, base64: bytes.toString('base64') });
      else notices.add('not_all_read');
      room.pictures -= 1;
      continue;
    }
    const text = await textOfFile(ctx, file, signal);
    if (text === null) notices.add('file_not_read');
    else if (room.files <= 0) notices.add('not_all_read');
    else {
      if (text.length > room.files) notices.add('not_all_read');
      const name = (await ctx.vault()).openText(file.name, fileNamePlace(file.id));
      files.push({ name, text: text.slice(0, room.files).toWellFormed() });
      room.files -= text.length;
    }
  }
  return { files, pictures };
}
