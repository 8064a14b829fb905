// What contacts send besides text: fetched from the provider by a job, checked, sealed and stored. How files rest and are
// read, those of members (media-upload.ts) among them.
import { randomBytes } from 'node:crypto';
import { mediaBytesMax } from '@parley/contract/messages';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { fileVault } from '../../core/crypto.ts';
import { notFound, ParleyError } from '../../core/errors.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { ProviderUnavailableError } from '../channels/adapter.ts';
import { fetchChannelMedia } from '../channels/channels.ts';
import { mediaSettled } from './events.ts';
import { sniffMedia } from './media-types.ts';
import { messageMedia, messages } from './tables.ts';

export const fetchMedia = defineJob({
  name: 'conversations.fetch_media',
  doc: 'Fetches one file of an inbound message from the provider, and keeps it.',
  input: z.object({ mediaId: z.uuid() }),
  effect: 'external',
  concurrency: 4,
  retries: 8,
  retryDelaySeconds: 2,
});

export const keyPlace = (mediaId: string) => `message_media.file_key:${mediaId}`;

const filePlace = (mediaId: string) => `message_media.file:${mediaId}`;

export const storageKeyOf = (workspaceId: string, mediaId: string) => `media/${workspaceId}/${mediaId}`;

/** Seals and stores a file. Returns its storage key. */
export async function storeFile(ctx: Context, mediaId: string, key: Buffer, body: Buffer): Promise<string> {
  const storageKey = storageKeyOf(ctx.workspaceId, mediaId);
  const sealed = fileVault(ctx.workspaceId, key).seal(body, filePlace(mediaId));
  await ctx.use(storagePort).put(storageKey, sealed);
  return storageKey;
}

/** What is to be fetched, with the key that its file gets: whoever fetches it twice seals it with the same one. */
async function readPending(tx: TransactionContext, mediaId: string) {
  const [row] = await tx.drizzle
    .select({
      providerUrl: messageMedia.providerUrl,
      status: messageMedia.status,
      fileKey: messageMedia.fileKey,
      channelId: messages.channelId,
    })
    .from(messageMedia)
    .innerJoin(messages, eq(messages.id, messageMedia.messageId))
    .where(eq(messageMedia.id, mediaId))
    .for('update', { of: messageMedia });
  if (row?.status !== 'pending' || !row.providerUrl) return null;
  const key = row.fileKey ? tx.open(row.fileKey, keyPlace(mediaId)) : randomBytes(32);
  if (!row.fileKey) {
    await tx.drizzle
      .update(messageMedia)
      .set({ fileKey: tx.seal(key, keyPlace(mediaId)) })
      .where(eq(messageMedia.id, mediaId));
  }
  return {
    channelId: row.channelId,
    url: tx.openText(row.providerUrl, `message_media.provider_url:${mediaId}`),
    key,
  };
}

/** The `conversations.fetch_media` job. Run twice, it stores the same file twice under one key. */
export async function fetchMedium(
  ctx: Context,
  { mediaId }: { mediaId: string },
  run: JobRun,
): Promise<void> {
  const pending = await ctx.transaction((tx) => readPending(tx, mediaId));
  if (!pending) return;
  let body: Buffer;
  try {
    ({ body } = await fetchChannelMedia(ctx, pending.channelId, pending.url, mediaBytesMax));
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    if (error.retryable && !run.isLastAttempt) throw error;
    return fail(ctx, mediaId, error.code);
  }
  const contentType = await sniffMedia(body);
  if (contentType === null) return fail(ctx, mediaId, 'type_not_kept');

  const storageKey = await storeFile(ctx, mediaId, pending.key, body);
  await settle(ctx, mediaId, { status: 'stored', contentType, bytes: body.length, storageKey });
}

const fail = (ctx: Context, mediaId: string, errorCode: string) =>
  settle(ctx, mediaId, { status: 'failed', errorCode });

async function settle(
  ctx: Context,
  mediaId: string,
  result: Partial<typeof messageMedia.$inferInsert> & { status: 'stored' | 'failed' },
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .update(messageMedia)
      .set(result)
      .where(and(eq(messageMedia.id, mediaId), eq(messageMedia.status, 'pending')))
      .returning({ messageId: messageMedia.messageId });
    if (row?.messageId) tx.append(mediaSettled, { mediaId, messageId: row.messageId, status: result.status });
  });
}

/** @throws ParleyError 404; 409 `media_not_stored` while it is not there, or for good */
export async function readMedium(
  ctx: Context,
  mediaId: string,
): Promise<{ contentType: string; body: Buffer }> {
  const stored = await ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle.select().from(messageMedia).where(eq(messageMedia.id, mediaId));
    if (!row) throw notFound('file');
    if (row.status !== 'stored' || !row.storageKey || !row.fileKey) {
      throw new ParleyError({
        status: 409,
        code: 'media_not_stored',
        message:
          row.status === 'pending' ? 'The file is still being fetched.' : 'The file could not be fetched.',
      });
    }
    return {
      contentType: row.contentType,
      storageKey: row.storageKey,
      key: tx.open(row.fileKey, keyPlace(mediaId)),
    };
  });
  const sealed = await ctx.use(storagePort).get(stored.storageKey);
  if (!sealed) throw notFound('file');
  const body = fileVault(ctx.workspaceId, stored.key).open(sealed, filePlace(mediaId));
  return { contentType: stored.contentType, body };
}
