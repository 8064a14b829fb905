// Turns a document of a chat into text, in a process of its own, once.
import { eq } from 'drizzle-orm';
import type { Context } from '../../../core/context.ts';
import { readFileText } from '../../knowledge/knowledge.ts';
import { openStored } from './files.ts';
import { chatFiles } from './tables.ts';
import { tellChanged } from './tell.ts';
import { type FileRow, fileNamePlace } from './view.ts';

export const fileTextPlace = (fileId: string) => `chat_files.text:${fileId}`;

/** The `assistant.read_chat_file` job. What is read already is not read again. */
export async function readShownFile(
  ctx: Context,
  { fileId }: { fileId: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const [row] = await ctx.transaction((tx) =>
    tx.drizzle.select().from(chatFiles).where(eq(chatFiles.id, fileId)),
  );
  if (row?.state === 'reading') await readInto(ctx, row, signal);
}

/** What a document says; null where it could not be read. Reads it now where nobody has. */
export async function textOfFile(ctx: Context, row: FileRow, signal: AbortSignal): Promise<string | null> {
  if (row.state === 'reading') return readInto(ctx, row, signal);
  return row.text ? (await ctx.vault()).openText(row.text, fileTextPlace(row.id)) : null;
}

async function readInto(ctx: Context, row: FileRow, signal: AbortSignal): Promise<string | null> {
  const bytes = await openStored(ctx, row);
  const name = (await ctx.vault()).openText(row.name, fileNamePlace(row.id));
  const read = bytes
    ? await readFileText(ctx, { bytes, name, contentType: row.contentType }, signal)
    : { text: '', error: { code: 'file_lost', message: 'The stored file is not there. Upload it again.' } };
  const text = read.text.toWellFormed().replaceAll('\0', '');
  await ctx.transaction(async (tx) => {
    await tx.drizzle
      .update(chatFiles)
      .set({
        state: text === '' ? 'failed' : 'ready',
        text: text === '' ? null : tx.seal(text, fileTextPlace(row.id)),
        characters: text.length,
        error: read.error,
      })
      .where(eq(chatFiles.id, row.id));
  });
  tellChanged(ctx, row.userId, { fileId: row.id });
  return text === '' ? null : text;
}
