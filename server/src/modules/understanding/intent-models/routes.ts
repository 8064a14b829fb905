// HTTP of the models of intents.
import { id, pageQuery } from '@parley/contract/common';
import { intentModel, intentModelPage, liveIntentModel } from '@parley/contract/intent-models';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { exportIntentModel, importIntentModel, modelFileBytesMax } from './files.ts';
import { getLive, setLive } from './live.ts';
import { findIntentModel, listIntentModels, toIntentModel } from './rows.ts';
import { cancelTraining, startTraining } from './training.ts';

const tags = ['intents'];
const base = '/api/v1/intent-models';
const params = z.object({ id });
const fileType = 'application/octet-stream';

export async function registerIntentModelRoutes(server: FastifyInstance): Promise<void> {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    base,
    {
      schema: {
        summary: 'List the versions of the model of intents, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: intentModelPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listIntentModels(request.ctx, request.query),
  );
  app.post(
    base,
    {
      schema: {
        summary: 'Train the next version on the examples that there are',
        tags,
        response: { 201: intentModel },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await startTraining(request.ctx)),
  );
  app.get(
    `${base}/live`,
    {
      schema: { summary: 'Which version reads messages', tags, response: { 200: liveIntentModel } },
      config: { permission: 'assistant:read' },
    },
    async (request) => getLive(request.ctx),
  );
  app.put(
    `${base}/live`,
    {
      schema: {
        summary: 'Promote a version, or roll back to one',
        tags,
        body: liveIntentModel,
        response: { 200: liveIntentModel },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => setLive(request.ctx, request.body),
  );
  app.get(
    `${base}/:id`,
    {
      schema: { summary: 'Read a version and its figures', tags, params, response: { 200: intentModel } },
      config: { permission: 'assistant:read' },
    },
    async (request) =>
      request.ctx.transaction(async (tx) => toIntentModel(await findIntentModel(tx, request.params.id))),
  );
  app.put(
    `${base}/:id/cancellation`,
    {
      schema: { summary: 'Cancel a training', tags, params, response: { 200: intentModel } },
      config: { permission: 'assistant:manage' },
    },
    async (request) => cancelTraining(request.ctx, request.params.id),
  );
  app.get(
    `${base}/:id/file`,
    {
      schema: { summary: 'Take a version as a file', tags, params, produces: [fileType] },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      const { file, version, checksum } = await exportIntentModel(request.ctx, request.params.id);
      return reply
        .headers({
          'content-type': fileType,
          'content-disposition': `attachment; filename="intents-${version}.parley"`,
          'x-content-type-options': 'nosniff',
          etag: `"${checksum}"`,
        })
        .send(file);
    },
  );
  await server.register(async (scope) => {
    scope.addContentTypeParser(
      fileType,
      { parseAs: 'buffer', bodyLimit: modelFileBytesMax },
      (_request, body, done) => done(null, body),
    );
    scope.withTypeProvider<ZodTypeProvider>().post(
      `${base}/file`,
      {
        bodyLimit: modelFileBytesMax,
        schema: {
          summary: 'Bring a version from a file',
          tags,
          consumes: [fileType],
          response: { 201: intentModel },
        },
        config: { permission: 'assistant:manage' },
      },
      async (request, reply) => {
        const file = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        return reply.code(201).send(await importIntentModel(request.ctx, file));
      },
    );
  });
}
