// HTTP of training data.
import multipart from '@fastify/multipart';
import { id } from '@parley/contract/common';
import {
  trainingData,
  trainingDataChange,
  trainingDataDetail,
  trainingDataInput,
  trainingDataPage,
  trainingDataQuery,
} from '@parley/contract/training-data';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ParleyError, validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { changeTrainingData } from './changes.ts';
import {
  createTrainingData,
  deleteTrainingData,
  getTrainingData,
  listTrainingData,
  readAgain,
} from './training-data.ts';
import { type UploadedFile, uploadFile } from './upload.ts';

/** A text of 200,000 characters, escaped where JSON asks for it. */
const bodyLimit = 1024 * 1024;
const tags = ['knowledge'];
const params = z.object({ id });
const answers = { 200: trainingData, 201: trainingData };
const base = '/api/v1/training-data';

export async function registerTrainingDataRoutes(server: FastifyInstance): Promise<void> {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    base,
    {
      schema: {
        summary: 'List the training data of the assistant',
        tags,
        querystring: trainingDataQuery,
        response: { 200: trainingDataPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listTrainingData(request.ctx, request.query),
  );
  app.post(
    base,
    {
      bodyLimit,
      schema: {
        summary: 'Give the assistant a text, a question with its answer, a page or a sitemap',
        description:
          'Pages and sitemaps are read by a job: `training_data.changed` tells how far it came. A page or sitemap that is there already is answered as it is, with 200.',
        tags,
        body: trainingDataInput,
        response: answers,
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => {
      const created = newId();
      const data = await createTrainingData(request.ctx, created, request.body);
      return reply.code(data.id === created ? 201 : 200).send(data);
    },
  );
  await server.register(async (uploads) => {
    await uploads.register(multipart, { limits: { files: 1, fields: 0, parts: 1, headerPairs: 20 } });
    uploads.withTypeProvider<ZodTypeProvider>().post(
      `${base}/files`,
      {
        schema: {
          summary: 'Give the assistant a file',
          description:
            'One file, as `multipart/form-data`: text, Markdown, HTML, PDF, DOCX, CSV, JSON, or an exported chat of WhatsApp, Telegram or ChatGPT. It is known by its content: the same bytes again are answered with what is there, with 200.',
          tags,
          consumes: ['multipart/form-data'],
          response: answers,
        },
        config: { permission: 'assistant:manage' },
      },
      async (request, reply) => {
        const created = newId();
        const data = await uploadFile(request.ctx, created, await readUpload(request));
        return reply.code(data.id === created ? 201 : 200).send(data);
      },
    );
  });
  app.get(
    `${base}/:id`,
    {
      schema: {
        summary: 'Read training data, with its documents and passages',
        tags,
        params,
        response: { 200: trainingDataDetail },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => getTrainingData(request.ctx, request.params.id),
  );
  app.put(
    `${base}/:id`,
    {
      bodyLimit,
      schema: {
        summary: 'Change training data',
        tags,
        params,
        body: trainingDataChange,
        response: { 200: trainingData },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => changeTrainingData(request.ctx, request.params.id, request.body),
  );
  app.put(
    `${base}/:id/reading`,
    {
      schema: {
        summary: 'Read a file, a page or a sitemap again',
        tags,
        params,
        response: { 200: trainingData },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => readAgain(request.ctx, request.params.id),
  );
  app.delete(
    `${base}/:id`,
    {
      schema: {
        summary: 'Make the assistant forget training data',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteTrainingData(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

async function readUpload(request: FastifyRequest): Promise<UploadedFile> {
  if (!request.isMultipart()) {
    throw new ParleyError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'A file is uploaded as multipart/form-data.',
    });
  }
  const megabytesMax = request.ctx.config.TRAINING_FILE_MB_MAX;
  let file: UploadedFile | undefined;
  try {
    // All of it, so that a second file is noticed.
    for await (const part of request.files({ limits: { fileSize: megabytesMax * 1024 * 1024 } })) {
      file = { bytes: await part.toBuffer(), name: part.filename, contentType: part.mimetype };
    }
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 413) {
      throw new ParleyError({
        status: 413,
        code: 'body_too_large',
        message: `A file has ${megabytesMax} MB at most, and comes alone.`,
      });
    }
    throw new ParleyError({
      status: 400,
      code: 'sms.validation_error',
      message: 'The upload could not be read.',
      cause,
    });
  }
  if (!file) throw validationError('There is no file in the upload.');
  return file;
}
