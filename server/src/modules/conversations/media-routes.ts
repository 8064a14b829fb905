// HTTP of files: a member uploads one to send, members look at them, a provider fetches one by its signed address.
import { id } from '@parley/contract/common';
import { mediaBytesMax, messageMedium } from '@parley/contract/messages';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { systemActor } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { readUpload, registerUploads } from '../../core/uploads.ts';
import { sendFile } from './file-answers.ts';
import { readMedium } from './media.ts';
import { mediaLinks } from './media-links.ts';
import { fileHeaders } from './media-types.ts';
import { uploadMedium } from './media-upload.ts';

const megabytesMax = mediaBytesMax / 1024 / 1024;
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
      const { id } = request.params;
      return sendFile(request, reply, { id, ...(await readMedium(request.ctx, id)) });
    },
  );
  await registerUploads(server, (uploads) => {
    uploads.post(
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
        reply
          .code(201)
          .send(await uploadMedium(request.ctx, (await readUpload(request, megabytesMax)).bytes)),
    );
  });
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
