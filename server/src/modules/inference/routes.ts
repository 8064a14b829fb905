// HTTP of inference: models and the budget.
import { id, pageQuery } from '@parley/contract/common';
import { budget, budgetInput, model, modelInput, modelPage, modelTest } from '@parley/contract/models';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readBudget, setBudget } from './budget.ts';
import { builtInName, testModel } from './inference.ts';
import { createModel, deleteModel, getModel, listModels, updateModel } from './models.ts';

const tags = ['models'];
const params = z.object({ id });

export function registerInferenceRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/models',
    {
      schema: { summary: 'List models', tags, querystring: pageQuery, response: { 200: modelPage } },
      config: { permission: 'assistant:read' },
    },
    async (request) => ({
      ...(await listModels(request.ctx, request.query)),
      builtIn: { name: builtInName },
    }),
  );
  app.post(
    '/api/v1/models',
    {
      schema: { summary: 'Add a model', tags, body: modelInput, response: { 201: model } },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createModel(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/models/:id',
    {
      schema: { summary: 'Read a model', tags, params, response: { 200: model } },
      config: { permission: 'assistant:read' },
    },
    async (request) => getModel(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/models/:id',
    {
      schema: { summary: 'Change a model', tags, params, body: modelInput, response: { 200: model } },
      config: { permission: 'assistant:manage' },
    },
    async (request) => updateModel(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/models/:id',
    {
      schema: { summary: 'Remove a model', tags, params, response: { 204: z.null() } },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteModel(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/models/:id/tests',
    {
      schema: {
        summary: 'Ask a model something short, to see whether it answers',
        tags,
        params,
        response: { 200: modelTest },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => testModel(request.ctx, request.params.id),
  );
  app.get(
    '/api/v1/budget',
    {
      schema: {
        summary: 'What models may cost this month, and what they did',
        tags,
        response: { 200: budget },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => readBudget(request.ctx),
  );
  app.put(
    '/api/v1/budget',
    {
      schema: {
        summary: 'Set what models may cost in a month',
        tags,
        body: budgetInput,
        response: { 200: budget },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => setBudget(request.ctx, request.body),
  );
}
