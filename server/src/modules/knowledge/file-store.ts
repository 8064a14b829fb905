// Uploaded files at rest: sealed under a key of their own, which rests sealed in their row.
import { randomBytes } from 'node:crypto';
import type { Context } from '../../core/context.ts';
import { fileVault } from '../../core/crypto.ts';
import { storagePort } from '../../core/storage.ts';
import { findDataOrNull } from './store.ts';

export const storageKeyOf = (workspaceId: string, id: string) => `training/${workspaceId}/${id}`;
export const fileKeyPlace = (id: string) => `training_data.file_key:${id}`;
const filePlace = (id: string) => `training_data.file:${id}`;

/** Returns the key that opens it. */
export async function storeFile(ctx: Context, id: string, bytes: Buffer): Promise<Buffer> {
  const key = randomBytes(32);
  const sealed = fileVault(ctx.workspaceId, key).seal(bytes, filePlace(id));
  await ctx.use(storagePort).put(storageKeyOf(ctx.workspaceId, id), sealed);
  return key;
}

/** Null when it is not there. @throws CryptoError */
export async function openFile(ctx: Context, id: string, fileKey: Uint8Array): Promise<Buffer | null> {
  const sealed = await ctx.use(storagePort).get(storageKeyOf(ctx.workspaceId, id));
  if (!sealed) return null;
  const key = (await ctx.vault()).open(fileKey, fileKeyPlace(id));
  return fileVault(ctx.workspaceId, key).open(sealed, filePlace(id));
}

/** The `knowledge.forget_file` job: a file that no row knows, because it was deleted or its upload never ended. */
export async function forgetStoredFile(
  ctx: Context,
  { trainingDataId }: { trainingDataId: string },
): Promise<void> {
  const row = await ctx.transaction((tx) => findDataOrNull(tx, trainingDataId));
  if (!row) await ctx.use(storagePort).delete(storageKeyOf(ctx.workspaceId, trainingDataId));
}
