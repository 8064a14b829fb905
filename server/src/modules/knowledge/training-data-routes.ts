// HTTP of training data.
import { id } from '@parley/contract/common';
import { knowledgeVectors } from '@parley/contract/knowledge-vectors';
import {
  trainingData,
  trainingDataChange,
  trainingDataDetail,
  trainingDataInput,
  trainingDataPage,
  trainingDataQuery,
  trainingFileQuery,
} from '@parley/contract/training-data';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { newId } from '../../core/identifiers.ts';
import { readUpload, registerUploads } from '../../core/uploads.ts';
import { cancelReading } from './cancel-reading.ts';
import { changeTrainingData } from './changes.ts';
import {
  createTrainingData,
  deleteTrainingData,
  getTrainingData,
  listTrainingData,
  readAgain,
} from './training-data.ts';
import { uploadFile } from './upload.ts';
import { readVectors } from './vectors/progress.ts';

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
  app.get(
    '/api/v1/knowledge-vectors',
    {
      schema: {
        summary: 'Tell how far the vectors are by which knowledge is searched besides its words',
        description: 'Which model makes them is a setting of the routing: `embeddingModelId`.',
        tags,
        response: { 200: knowledgeVectors },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => readVectors(request.ctx),
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
  await registerUploads(server, (uploads) => {
    uploads.post(
      `${base}/files`,
      {
        schema: {
          summary: 'Give the assistant a file',
          description:
            'One file, as `multipart/form-data`: text, Markdown, HTML, PDF, DOCX, CSV, JSON, or an exported chat of WhatsApp, Telegram or ChatGPT. It is known by its content: the same bytes again are answered with what is there, with 200.',
          tags,
          consumes: ['multipart/form-data'],
          querystring: trainingFileQuery,
          response: answers,
        },
        config: { permission: 'assistant:manage' },
      },
      async (request, reply) => {
        const created = newId();
        const data = await uploadFile(
          request.ctx,
          created,
          await readUpload(request, request.ctx.config.TRAINING_FILE_MB_MAX),
          request.query.live,
        );
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
  app.post(
    `${base}/:id/cancel`,
    {
      schema: {
        summary: 'Cancel the reading of a file, a page or a sitemap',
        description:
          'What was read before stays in use. What is not being read is answered as it is, so that it may be asked twice.',
        tags,
        params,
        response: { 200: trainingData },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => cancelReading(request.ctx, request.params.id),
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
