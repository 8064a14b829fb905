// HTTP of inference: models, what they cost and how they did.
import { id, pageQuery } from '@parley/contract/common';
import {
  model,
  modelIncidentPage,
  modelInput,
  modelPage,
  modelTest,
  presetList,
  priceList,
} from '@parley/contract/models';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listIncidents } from './incidents.ts';
import { testModel } from './inference.ts';
import { createModel, deleteModel, getModel, listModels, updateModel } from './models.ts';
import { presets } from './presets.ts';
import { readPrices, setPrices } from './price-list.ts';
import { builtInName } from './routing-settings.ts';

const tags = ['models'];
const params = z.object({ id });

export function registerModelRoutes(server: FastifyInstance): void {
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
    '/api/v1/model-presets',
    {
      schema: { summary: 'Where models commonly come from', tags, response: { 200: presetList } },
      config: { permission: 'assistant:read' },
    },
    async () => ({ items: presets.map((preset) => ({ ...preset, capabilities: [...preset.capabilities] })) }),
  );
  app.get(
    '/api/v1/model-prices',
    {
      schema: { summary: 'The price list of models', tags, response: { 200: priceList } },
      config: { permission: 'assistant:read' },
    },
    async (request) => readPrices(request.ctx),
  );
  app.put(
    '/api/v1/model-prices',
    {
      schema: {
        summary: 'Set the price list of models',
        tags,
        body: priceList,
        response: { 200: priceList },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => setPrices(request.ctx, request.body),
  );
  app.get(
    '/api/v1/model-incidents',
    {
      schema: {
        summary: 'List the times at which a model failed several times in a row, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: modelIncidentPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listIncidents(request.ctx, request.query),
  );
}
