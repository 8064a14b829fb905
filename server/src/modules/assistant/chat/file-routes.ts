// HTTP of the files that members show the assistant.
import { chatFile } from '@parley/contract/chat';
import { id } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readUpload, registerUploads } from '../../../core/uploads.ts';
import { sendFile } from '../../conversations/conversations.ts';
import { discardChatFile, getChatFile, openChatFile, uploadChatFile } from './files.ts';

const tags = ['chat'];
const params = z.object({ id });
const config = { permission: 'chat:use' } as const;

export async function registerChatFileRoutes(server: FastifyInstance): Promise<void> {
  const app = server.withTypeProvider<ZodTypeProvider>();
  await registerUploads(server, (uploads) => {
    uploads.post(
      '/api/v1/chat-files',
      {
        schema: {
          summary: 'Upload a file to show the assistant',
          description:
            'One file, as `multipart/form-data`: a picture, or text, Markdown, HTML, PDF, DOCX, CSV, JSON. It is named in `fileIds` of a message within a day, or removed.',
          tags,
          consumes: ['multipart/form-data'],
          response: { 201: chatFile },
        },
        config,
      },
      async (request, reply) =>
        reply
          .code(201)
          .send(
            await uploadChatFile(
              request.ctx,
              await readUpload(request, request.ctx.config.TRAINING_FILE_MB_MAX),
            ),
          ),
    );
  });
  app.get(
    '/api/v1/chat-files/:id',
    {
      schema: {
        summary: 'Read how far the reading of a file is',
        tags,
        params,
        response: { 200: chatFile },
      },
      config,
    },
    async (request) => getChatFile(request.ctx, request.params.id),
  );
  app.get(
    '/api/v1/chat-files/:id/content',
    { schema: { summary: 'A file as it was uploaded', tags, params }, config },
    async (request, reply) => {
      const { id } = request.params;
      return sendFile(request, reply, { id, ...(await openChatFile(request.ctx, id)) });
    },
  );
  app.delete(
    '/api/v1/chat-files/:id',
    {
      schema: { summary: 'Take off a file that was not sent', tags, params, response: { 204: z.null() } },
      config,
    },
    async (request, reply) => {
      await discardChatFile(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
