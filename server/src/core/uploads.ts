// Files that come in by HTTP: one each, as multipart/form-data (RFC 7578), within bounds.
import { basename } from 'node:path';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { ParleyError, validationError } from './errors.ts';

export interface UploadedFile {
  readonly bytes: Buffer;
  readonly name: string;
  /** As the browser says; it settles little. */
  readonly contentType: string;
}

/** Registers routes that take one file. No other route reads multipart. */
export async function registerUploads(
  server: FastifyInstance,
  routes: (uploads: ReturnType<typeof typed>) => void,
): Promise<void> {
  await server.register(async (scope) => {
    await scope.register(multipart, { limits: { files: 1, fields: 0, parts: 1, headerPairs: 20 } });
    routes(typed(scope));
  });
}

const typed = (server: FastifyInstance) => server.withTypeProvider<ZodTypeProvider>();

/** @throws ParleyError 415 `unsupported_media_type`, 413 `body_too_large`, 400 `sms.validation_error` */
export async function readUpload(request: FastifyRequest, megabytesMax: number): Promise<UploadedFile> {
  if (!request.isMultipart()) {
    throw new ParleyError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'A file is uploaded as multipart/form-data.',
    });
  }
  let file: UploadedFile | undefined;
  try {
    // All of it, so that a second file is noticed.
    for await (const part of request.files({ limits: { fileSize: megabytesMax * 1024 * 1024 } })) {
      file = { bytes: await part.toBuffer(), name: part.filename, contentType: part.mimetype };
    }
  } catch (cause) {
    const isTooLarge = (cause as { statusCode?: number }).statusCode === 413;
    throw new ParleyError({
      status: isTooLarge ? 413 : 400,
      code: isTooLarge ? 'body_too_large' : 'sms.validation_error',
      message: isTooLarge
        ? `A file has ${megabytesMax} MB at most, and comes alone.`
        : 'The upload could not be read.',
      cause,
    });
  }
  if (!file) throw validationError('There is no file in the upload.');
  return file;
}

/** The name by which it is shown: without folders, control characters and marks that turn the direction of writing. */
export function shownName(name: string): string {
  const shown = basename(name.replaceAll('\\', '/'))
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  return shown.slice(0, 200).toWellFormed() || 'file';
}
