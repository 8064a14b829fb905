// Files that a member shows the assistant: recognised by their bytes, sealed under a key of their own, read by a job, and
// removed when they were never sent.
import { randomBytes } from 'node:crypto';
import type { ChatFile } from '@parley/contract/chat';
import { and, eq } from 'drizzle-orm';
import type { Context, SystemContext, TransactionContext } from '../../../core/context.ts';
import { fileVault } from '../../../core/crypto.ts';
import { notFound, ParleyError } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import { storagePort } from '../../../core/storage.ts';
import { shownName, type UploadedFile } from '../../../core/uploads.ts';
import { isReadable } from '../../knowledge/knowledge.ts';
import { askingMember, memberWhoAsks } from './asker.ts';
import { readChatFile } from './jobs.ts';
import { chatFiles } from './tables.ts';
import { type FileRow, fileNamePlace, toFile } from './view.ts';

/** More than that is nothing to send along with a question. */
export const pictureBytesMax = 5 * 1024 * 1024;
const pictureTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
/** Files of a member that wait to be sent. */
const unusedMax = 50;
const unusedMs = 24 * 3_600_000;
const sweptMax = 500;

export const fileKeyPlace = (fileId: string) => `chat_files.file_key:${fileId}`;
const filePlace = (fileId: string) => `chat_files.file:${fileId}`;
const storageKeyOf = (workspaceId: string, fileId: string) => `chat/${workspaceId}/${fileId}`;

/** @throws ParleyError 409 `members_only`; 413; 415 `file_type_not_read`; 429 `too_many_uploads` */
export async function uploadChatFile(ctx: Context, file: UploadedFile): Promise<ChatFile> {
  const { kind, contentType } = await recognise(file);
  const id = newId();
  const key = randomBytes(32);
  await ctx.transaction(async (tx) => {
    const userId = memberWhoAsks(tx);
    await refuseTooMany(tx, userId);
    await tx.drizzle.insert(chatFiles).values({
      id,
      workspaceId: tx.workspaceId,
      userId,
      kind,
      name: tx.seal(shownName(file.name), fileNamePlace(id)),
      contentType,
      bytes: file.bytes.length,
      fileKey: tx.seal(key, fileKeyPlace(id)),
      state: 'storing',
      createdAt: tx.clock.date(),
    });
  });
  // The row is there first, so that the sweep finds whatever a killed process left of the file.
  const sealed = fileVault(ctx.workspaceId, key).seal(file.bytes, filePlace(id));
  await ctx.use(storagePort).put(storageKeyOf(ctx.workspaceId, id), sealed);
  return ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .update(chatFiles)
      .set({ state: kind === 'picture' ? 'ready' : 'reading' })
      .where(eq(chatFiles.id, id))
      .returning();
    if (!row) throw notFound('file');
    if (kind === 'document') tx.enqueue(readChatFile, { fileId: id });
    return toFile(tx, row);
  });
}

async function recognise({ bytes, name, contentType }: UploadedFile) {
  const { fileTypeFromBuffer } = await import('file-type');
  const found = (await fileTypeFromBuffer(bytes).catch(() => undefined))?.mime;
  if (found !== undefined && pictureTypes.has(found)) {
    if (bytes.length > pictureBytesMax) {
      throw new ParleyError({ status: 413, code: 'body_too_large', message: 'A picture has 5 MB at most.' });
    }
    return { kind: 'picture' as const, contentType: found };
  }
  const readable = await isReadable({ bytes, name, contentType });
  if (readable) return { kind: 'document' as const, contentType: readable };
  throw new ParleyError({
    status: 415,
    code: 'file_type_not_read',
    message:
      'Files of this kind cannot be read. Pictures, text, Markdown, HTML, PDF, DOCX, CSV, JSON and exported chats can.',
  });
}

async function refuseTooMany(tx: TransactionContext, userId: string): Promise<void> {
  const [row] = await tx.sql<{ count: number }>(
    `select count(*)::int as count from chat_files f where f.workspace_id = $1 and f.user_id = $2
       and not exists (select 1 from chat_message_files m where m.file_id = f.id)`,
    [tx.workspaceId, userId],
  );
  if ((row?.count ?? 0) < unusedMax) return;
  throw new ParleyError({
    status: 429,
    code: 'too_many_uploads',
    message: `${unusedMax} files wait to be sent already. Send some, or wait until those that are not sent are removed.`,
  });
}

async function findOwn(tx: TransactionContext, fileId: string): Promise<FileRow> {
  const [row] = await tx.drizzle
    .select()
    .from(chatFiles)
    .where(and(eq(chatFiles.id, fileId), eq(chatFiles.userId, askingMember(tx) ?? '')));
  if (!row) throw notFound('file');
  return row;
}

/** @throws ParleyError 404 */
export async function getChatFile(ctx: Context, fileId: string): Promise<ChatFile> {
  return ctx.transaction(async (tx) => toFile(tx, await findOwn(tx, fileId)));
}

/** @throws ParleyError 404 */
export async function openChatFile(
  ctx: Context,
  fileId: string,
): Promise<{ readonly contentType: string; readonly body: Buffer }> {
  const row = await ctx.transaction((tx) => findOwn(tx, fileId));
  const body = await openStored(ctx, row);
  if (!body) throw notFound('file');
  return { contentType: row.contentType, body };
}

/** Null when it is not there. @throws CryptoError */
export async function openStored(ctx: Context, row: FileRow): Promise<Buffer | null> {
  const sealed = await ctx.use(storagePort).get(storageKeyOf(ctx.workspaceId, row.id));
  if (!sealed) return null;
  const key = (await ctx.vault()).open(row.fileKey, fileKeyPlace(row.id));
  return fileVault(ctx.workspaceId, key).open(sealed, filePlace(row.id));
}

/** Takes a file off that was not sent; one that was stays where it is. Twice is once. */
export async function discardChatFile(ctx: Context, fileId: string): Promise<void> {
  const gone = await ctx.transaction(async (tx) => {
    const row = await findOwn(tx, fileId);
    const rows = await tx.sql(
      `delete from chat_files f where f.id = $1
         and not exists (select 1 from chat_message_files m where m.file_id = f.id) returning f.id`,
      [row.id],
    );
    return rows.length > 0;
  });
  if (gone) await forgetFiles(ctx, ctx.workspaceId, [fileId]);
}

/** Of rows that are gone. */
export async function forgetFiles(
  ctx: Pick<Context, 'use'>,
  workspaceId: string,
  fileIds: readonly string[],
): Promise<void> {
  for (const fileId of fileIds) await ctx.use(storagePort).delete(storageKeyOf(workspaceId, fileId));
}

/** The schedule: what was uploaded a day ago and never sent. */
export async function removeUnsentFiles(ctx: SystemContext): Promise<void> {
  const gone = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      `delete from chat_files where id in (
         select f.id from chat_files f where f.created_at < $1
           and not exists (select 1 from chat_message_files m where m.file_id = f.id)
         order by f.created_at limit $2 for update skip locked)
       returning id, workspace_id`,
      [new Date(ctx.clock.now() - unusedMs), sweptMax],
    ),
  );
  for (const { id, workspace_id } of gone) await forgetFiles(ctx, workspace_id, [id]);
}
