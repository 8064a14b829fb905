// HTTP of the files that members show the assistant.
import multipart from '@fastify/multipart';
import { chatFile } from '@parley/contract/chat';
import { id } from '@parley/contract/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ParleyError, validationError } from '../../../core/errors.ts';
import { fileHeaders } from '../../conversations/conversations.ts';
import { discardChatFile, getChatFile, openChatFile, type ShownFile, uploadChatFile } from './files.ts';

const tags = ['chat'];
const params = z.object({ id });
const config = { permission: 'chat:use' } as const;

export async function registerChatFileRoutes(server: FastifyInstance): Promise<void> {
  const app = server.withTypeProvider<ZodTypeProvider>();
  await server.register(async (uploads) => {
    await uploads.register(multipart, { limits: { files: 1, fields: 0, parts: 1, headerPairs: 20 } });
    uploads.withTypeProvider<ZodTypeProvider>().post(
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
        reply.code(201).send(await uploadChatFile(request.ctx, await readUpload(request))),
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
      const { contentType, body } = await openChatFile(request.ctx, request.params.id);
      return reply
        .type(contentType)
        .headers(fileHeaders(request.params.id, contentType))
        .header('cache-control', 'private, max-age=3600')
        .send(body);
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

async function readUpload(request: FastifyRequest): Promise<ShownFile> {
  if (!request.isMultipart()) {
    throw new ParleyError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'A file is uploaded as multipart/form-data.',
    });
  }
  const megabytesMax = request.ctx.config.TRAINING_FILE_MB_MAX;
  let file: ShownFile | undefined;
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
