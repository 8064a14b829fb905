// What members send besides text: uploaded, checked and sealed; attached to one message when it is written; removed when
// it never was.
import { randomBytes } from 'node:crypto';
import {
  type MessageMedium,
  mediaBytesMax,
  mediaCountMax,
  sendableMediaTypes,
} from '@parley/contract/messages';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, ParleyError, validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { defineJob } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { findChannel } from '../channels/channels.ts';
import { keyPlace, storageKeyOf, storeFile } from './media.ts';
import { sniffMedia } from './media-types.ts';
import { messageMedia } from './tables.ts';

/** Files of a workspace that wait to be sent. */
const unusedMax = 200;
const unusedMs = 24 * 3_600_000;
const sweptMax = 500;

/**
 * Keeps a file that a member will send.
 * @throws ParleyError 415 `media_type_not_sent`; 429 `too_many_uploads` while so many wait to be sent
 */
export async function uploadMedium(ctx: Context, body: Buffer): Promise<MessageMedium> {
  const contentType = await sniffMedia(body);
  if (contentType === null || !(sendableMediaTypes as readonly string[]).includes(contentType)) {
    throw new ParleyError({
      status: 415,
      code: 'media_type_not_sent',
      message: 'Files of this kind cannot be sent. JPEG, PNG, GIF, WebP, PDF, vCard, MP3 and MP4 can.',
    });
  }
  const mediaId = newId();
  const key = randomBytes(32);
  const bytes = body.length;
  await ctx.transaction(async (tx) => {
    await refuseTooMany(tx);
    await tx.drizzle.insert(messageMedia).values({
      id: mediaId,
      workspaceId: tx.workspaceId,
      position: 0,
      contentType,
      bytes,
      fileKey: tx.seal(key, keyPlace(mediaId)),
      status: 'pending',
      uploadedAt: tx.clock.date(),
    });
  });
  // The row is there first, so that the sweep finds whatever a killed process left of the file.
  const storageKey = await storeFile(ctx, mediaId, key, body);
  await ctx.transaction(async (tx) => {
    await tx.drizzle
      .update(messageMedia)
      .set({ status: 'stored', storageKey })
      .where(and(eq(messageMedia.id, mediaId), eq(messageMedia.status, 'pending')));
  });
  return { id: mediaId, contentType, bytes, status: 'stored', errorCode: null };
}

async function refuseTooMany(tx: TransactionContext): Promise<void> {
  const [row] = await tx.sql<{ count: number }>(
    'select count(*)::int as count from message_media where workspace_id = $1 and message_id is null',
    [tx.workspaceId],
  );
  if ((row?.count ?? 0) < unusedMax) return;
  throw new ParleyError({
    status: 429,
    code: 'too_many_uploads',
    message: `${unusedMax} files wait to be sent already. Send some, or wait until those that are not sent are removed.`,
  });
}

interface UploadRow {
  id: string;
  bytes: number;
  status: string;
  in_use: boolean;
}

/**
 * Gives a message, which is made in this transaction, its files. What an undone message had may be sent again.
 * @throws ParleyError 400 where the channel has no media, or for too much; 404; 409 `media_used`, `media_not_stored`
 */
export async function attachMedia(
  tx: TransactionContext,
  messageId: string,
  mediaIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(mediaIds)].slice(0, mediaCountMax);
  if (ids.length === 0) return;
  const refuse = (problem: string) =>
    validationError('The files cannot be sent.', [{ path: 'body.mediaIds', message: problem }]);
  const [message] = await tx.sql<{ channel_id: string }>('select channel_id from messages where id = $1', [
    messageId,
  ]);
  const channel = message && (await findChannel(tx, message.channel_id));
  if (!channel?.capabilities.media) throw refuse('are not possible on this channel');
  const rows = await tx.sql<UploadRow>(
    `select f.id, coalesce(f.bytes, 0) as bytes, f.status, coalesce(m.status <> 'canceled', false) as in_use
     from message_media f left join messages m on m.id = f.message_id
     where f.workspace_id = $1 and f.id = any($2) and f.uploaded_at is not null order by f.id for update of f`,
    [tx.workspaceId, ids],
  );
  if (rows.length < ids.length) throw notFound('file');
  if (rows.some((row) => row.in_use)) throw conflict('media_used', 'A file is sent once. Upload it again.');
  if (rows.some((row) => row.status !== 'stored')) {
    throw conflict('media_not_stored', 'The upload of a file did not end. Upload it again.');
  }
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  if (bytes > mediaBytesMax) throw refuse('are larger than 5 MB together');
  await tx.sql(
    `update message_media f set message_id = $1, position = (i.place - 1)::int
     from unnest($2::uuid[]) with ordinality as i(id, place) where f.id = i.id`,
    [messageId, ids],
  );
  tx.last('update messages set sends_media = true where id = $1', [messageId]);
}

export const sweepUploads = defineJob({
  name: 'conversations.sweep_uploads',
  doc: 'Removes files that were uploaded a day ago and never sent.',
  input: z.object({}),
  effect: 'system',
});

/** Returns how many it removed. */
export async function removeUnusedUploads(ctx: SystemContext): Promise<number> {
  // Marked before the file goes, so that no message can take it meanwhile.
  const unused = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      `update message_media set status = 'failed', error_code = 'never_sent' where id in (
         select id from message_media where message_id is null and uploaded_at < $1
         order by uploaded_at limit $2 for update skip locked)
       returning id, workspace_id`,
      [new Date(ctx.clock.now() - unusedMs), sweptMax],
    ),
  );
  for (const { id, workspace_id } of unused)
    await ctx.use(storagePort).delete(storageKeyOf(workspace_id, id));
  await ctx.system((queries) =>
    queries.sql('delete from message_media where id = any($1) and message_id is null', [
      unused.map(({ id }) => id),
    ]),
  );
  return unused.length;
}
