// HTTP of products, interactions and recommendations.
import {
  interaction,
  interactionInput,
  product,
  productChange,
  productImport,
  productInput,
  productPage,
  productQuery,
  recommendationModel,
  recommendationModelPage,
  recommendationQuery,
  recommendations,
} from '@parley/contract/commerce';
import { id, pageQuery } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readUpload, registerUploads } from '../../core/uploads.ts';
import { importProducts } from './import-products.ts';
import { recordInteraction } from './interactions.ts';
import { getModel, listModels } from './models.ts';
import {
  archiveProduct,
  changeProduct,
  createProduct,
  getProduct,
  listProducts,
  restoreProduct,
} from './products.ts';
import { recommend } from './recommendations.ts';
import { cancelTraining, startTraining } from './training.ts';

const tags = ['commerce'];
const params = z.object({ id });
const base = '/api/v1/products';
const models = '/api/v1/recommendation-models';
const IMPORT_MB_MAX = 10;

export async function registerCommerceRoutes(server: FastifyInstance): Promise<void> {
  registerProductRoutes(server);
  await registerUploads(server, (uploads) => {
    uploads.post(
      `${base}/imports`,
      {
        schema: {
          summary: 'Add and change products from a CSV file',
          description:
            'One file, as `multipart/form-data`, whose first row names its columns: `sku` and `name`, and if you like `description`, `price`, `currency`, `in_stock`; 200 columns at most (`too_many_columns`). A product is known by its `sku`, so the same file again changes nothing. Rows with a problem are left out, and told of by row, column and code.',
          tags,
          consumes: ['multipart/form-data'],
          response: { 200: productImport },
        },
        config: { permission: 'products:manage' },
      },
      async (request) => importProducts(request.ctx, (await readUpload(request, IMPORT_MB_MAX)).bytes),
    );
  });
  registerRecommendationRoutes(server);
}

function registerProductRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    base,
    {
      schema: {
        summary: 'List products, newest first',
        tags,
        querystring: productQuery,
        response: { 200: productPage },
      },
      config: { permission: 'products:read' },
    },
    async (request) => listProducts(request.ctx, request.query),
  );
  app.post(
    base,
    {
      schema: { summary: 'Add a product', tags, body: productInput, response: { 201: product } },
      config: { permission: 'products:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createProduct(request.ctx, request.body)),
  );
  app.get(
    `${base}/:id`,
    {
      schema: { summary: 'Read a product', tags, params, response: { 200: product } },
      config: { permission: 'products:read' },
    },
    async (request) => getProduct(request.ctx, request.params.id),
  );
  app.put(
    `${base}/:id`,
    {
      schema: { summary: 'Change a product', tags, params, body: productChange, response: { 200: product } },
      config: { permission: 'products:manage' },
    },
    async (request) => changeProduct(request.ctx, request.params.id, request.body),
  );
  app.put(
    `${base}/:id/archival`,
    {
      schema: {
        summary: 'Archive a product: it is recommended to nobody',
        tags,
        params,
        response: { 200: product },
      },
      config: { permission: 'products:manage' },
    },
    async (request) => archiveProduct(request.ctx, request.params.id),
  );
  app.delete(
    `${base}/:id/archival`,
    {
      schema: { summary: 'Take a product out of the archive', tags, params, response: { 200: product } },
      config: { permission: 'products:manage' },
    },
    async (request) => restoreProduct(request.ctx, request.params.id),
  );
}

function registerRecommendationRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.post(
    '/api/v1/interactions',
    {
      schema: {
        summary: 'Record that somebody viewed a product, put it into a cart or bought it',
        tags,
        body: interactionInput,
        response: { 201: interaction },
      },
      config: { permission: 'interactions:record', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await recordInteraction(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/recommendations',
    {
      schema: {
        summary: 'Recommend products to somebody, each with the reason',
        description:
          'To a contact, to somebody by the id that the shop gave them, or to anybody. Before a model was trained, what is popular is recommended.',
        tags,
        querystring: recommendationQuery,
        response: { 200: recommendations },
      },
      config: { permission: 'products:read' },
    },
    async (request) => recommend(request.ctx, request.query),
  );
  app.get(
    models,
    {
      schema: {
        summary: 'List the versions of the model of recommendations, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: recommendationModelPage },
      },
      config: { permission: 'products:read' },
    },
    async (request) => listModels(request.ctx, request.query),
  );
  app.post(
    models,
    {
      schema: {
        summary: 'Train the next version on the interactions that there are',
        description:
          'A job does it: `recommendation_model.changed` tells how far it came. One runs at a time, and the version in use stays so until it is done. Where enough was recorded, one begins by itself, at most once an hour, and a day after one that was not done.',
        tags,
        response: { 201: recommendationModel },
      },
      config: { permission: 'products:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await startTraining(request.ctx, 'full')),
  );
  app.get(
    `${models}/:id`,
    {
      schema: {
        summary: 'Read a version and how far its training is',
        tags,
        params,
        response: { 200: recommendationModel },
      },
      config: { permission: 'products:read' },
    },
    async (request) => getModel(request.ctx, request.params.id),
  );
  app.put(
    `${models}/:id/cancellation`,
    {
      schema: { summary: 'Cancel a training', tags, params, response: { 200: recommendationModel } },
      config: { permission: 'products:manage' },
    },
    async (request) => cancelTraining(request.ctx, request.params.id),
  );
}
