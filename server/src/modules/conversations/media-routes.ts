// HTTP of files: a member uploads one to send, members look at them, a provider fetches one by its signed address.
import multipart from '@fastify/multipart';
import { id } from '@parley/contract/common';
import { mediaBytesMax, messageMedium } from '@parley/contract/messages';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { systemActor } from '../../core/context.ts';
import { notFound, ParleyError, validationError } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { readMedium } from './media.ts';
import { mediaLinks } from './media-links.ts';
import { fileHeaders } from './media-types.ts';
import { uploadMedium } from './media-upload.ts';

const tags = ['messages'];
const params = z.object({ id });

export async function registerMediaRoutes(server: FastifyInstance): Promise<void> {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/media/:id',
    {
      schema: { summary: 'A file of a message, or one that was uploaded to be sent', tags, params },
      config: { permission: 'conversations:read' },
    },
    async (request, reply) => {
      const { contentType, body } = await readMedium(request.ctx, request.params.id);
      return reply
        .type(contentType)
        .headers(fileHeaders(request.params.id, contentType))
        .header('cache-control', 'private, max-age=3600')
        .send(body);
    },
  );
  await server.register(async (uploads) => {
    await uploads.register(multipart, {
      limits: { fileSize: mediaBytesMax, files: 1, fields: 0, parts: 1, headerPairs: 20 },
    });
    uploads.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/media',
      {
        schema: {
          summary: 'Upload a file to send with a message',
          description:
            'One file of at most 5 MB, as `multipart/form-data`. It is named in `mediaIds` of a message within a day, or removed.',
          tags,
          consumes: ['multipart/form-data'],
          response: { 201: messageMedium },
        },
        config: { permission: 'messages:send' },
      },
      async (request, reply) =>
        reply.code(201).send(await uploadMedium(request.ctx, await readUpload(request))),
    );
  });
}

async function readUpload(request: FastifyRequest): Promise<Buffer> {
  if (!request.isMultipart()) {
    throw new ParleyError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'A file is uploaded as multipart/form-data.',
    });
  }
  let body: Buffer | undefined;
  try {
    // All of it, so that a second file is noticed.
    for await (const file of request.files()) body = await file.toBuffer();
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 413) {
      throw new ParleyError({
        status: 413,
        code: 'body_too_large',
        message: 'A file has 5 MB at most, and comes alone.',
      });
    }
    throw new ParleyError({
      status: 400,
      code: 'sms.validation_error',
      message: 'The upload could not be read.',
      cause,
    });
  }
  if (!body) throw validationError('There is no file in the upload.');
  return body;
}

/** Where providers fetch what a message carries. Whoever has the address may: it opens one file, for a day. */
export function registerMediaLinks(server: FastifyInstance, kernel: Kernel): void {
  const links = kernel.use(mediaLinks);
  server.get<{ Params: { token: string } }>(
    '/media/:token',
    { schema: { hide: true }, config: { permission: 'public' } },
    async (request, reply) => {
      const file = links.read(request.params.token);
      if (!file) throw notFound('file');
      const { workspaceId, mediaId } = file;
      const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: request.id });
      const { contentType, body } = await readMedium(ctx, mediaId);
      return reply
        .type(contentType)
        .headers(fileHeaders(mediaId, contentType))
        .header('cache-control', 'private, no-store')
        .header('x-robots-tag', 'noindex')
        .send(body);
    },
  );
}
