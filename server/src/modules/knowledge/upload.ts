// Files that members upload: recognised, sealed, stored, and read by a job.
import { createHash } from 'node:crypto';
import type { TrainingData } from '@parley/contract/training-data';
import type { Context } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { storagePort } from '../../core/storage.ts';
import { shownName, type UploadedFile } from '../../core/uploads.ts';
import { recognise } from './file-kinds.ts';
import { fileKeyPlace, storageKeyOf, storeFile } from './file-store.ts';
import { forgetFile } from './jobs.ts';
import { knowledgeRuntime } from './runtime.ts';
import { createToRead, findByFingerprint } from './training-data.ts';
import { toTrainingData } from './view.ts';

const unfinishedMs = 3_600_000;

/**
 * Keeps a file and has it read. The same bytes again are the same file, answered as it is.
 * @param id what the new one is called
 * @param live false: it is held back
 * @throws ParleyError 415 `file_type_not_read`, `knowledge_full`
 */
export async function uploadFile(
  ctx: Context,
  id: string,
  file: UploadedFile,
  live: boolean,
): Promise<TrainingData> {
  const recognised = await recognise(file.bytes, file.name, file.contentType);
  if (!recognised) {
    throw new ParleyError({
      status: 415,
      code: 'file_type_not_read',
      message:
        'Files of this kind cannot be read. Text, Markdown, HTML, PDF, DOCX, CSV, JSON and exported chats can.',
    });
  }
  const identity = createHash('sha256').update(file.bytes).digest('hex');
  const known = await ctx.transaction(async (tx) => {
    const fingerprint = tx.use(knowledgeRuntime).fingerprint(`file\n${identity}`);
    const [row] = await findByFingerprint(tx, 'file', fingerprint);
    if (row) return toTrainingData(tx, row);
    // Asked for first, so that a process that is killed below leaves nothing behind.
    tx.enqueue(forgetFile, { trainingDataId: id }, { startAfter: new Date(tx.clock.now() + unfinishedMs) });
    return null;
  });
  if (known) return known;
  const key = await storeFile(ctx, id, file.bytes);
  const fileKey = (await ctx.vault()).seal(key, fileKeyPlace(id));
  const created = await createToRead(
    ctx,
    { id, kind: 'file', title: null, fileKey, live },
    {
      fileName: shownName(file.name),
      contentType: recognised.contentType,
      bytes: file.bytes.length,
    },
    identity,
  );
  if (created.id !== id) await ctx.use(storagePort).delete(storageKeyOf(ctx.workspaceId, id));
  return created;
}
