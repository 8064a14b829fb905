// HTTP of numbers: what can be rented, what an account has, what was rented through Parley.
import {
  accountNumbers,
  accountQuery,
  availableNumbers,
  buyNumber as buyNumberSchema,
  ghostNumber,
  ghostNumberPage,
  searchNumbers,
} from '@parley/contract/channels';
import { id, pageQuery } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  buyNumber,
  listAccountNumbers,
  listGhostNumbers,
  readGhostNumber,
  releaseNumber,
  searchAvailable,
} from './numbers.ts';

const params = z.object({ id });
const tags = ['numbers'];
const read = { permission: 'channels:read' };
const manage = { permission: 'channels:manage' };

export function registerNumberRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/ghost-numbers/available',
    {
      schema: {
        summary: 'Search numbers that can be rented',
        tags,
        querystring: searchNumbers,
        response: { 200: availableNumbers },
      },
      config: manage,
    },
    async (request) => searchAvailable(request.ctx, request.query),
  );
  app.get(
    '/api/v1/ghost-numbers/account',
    {
      schema: {
        summary: 'The numbers that a provider account has, connected here or not',
        tags,
        querystring: accountQuery,
        response: { 200: accountNumbers },
      },
      config: manage,
    },
    async (request) => listAccountNumbers(request.ctx, request.query.channelId),
  );
  app.get(
    '/api/v1/ghost-numbers',
    {
      schema: {
        summary: 'List numbers that were rented through Parley',
        tags,
        querystring: pageQuery,
        response: { 200: ghostNumberPage },
      },
      config: read,
    },
    async (request) => listGhostNumbers(request.ctx, request.query),
  );
  app.get(
    '/api/v1/ghost-numbers/:id',
    { schema: { summary: 'A rented number', tags, params, response: { 200: ghostNumber } }, config: read },
    async (request) => readGhostNumber(request.ctx, request.params.id),
  );
  app.post(
    '/api/v1/ghost-numbers',
    {
      schema: {
        summary: 'Rent a number',
        description: 'Answers with the order; when it is `bought`, `channelId` is its channel.',
        tags,
        body: buyNumberSchema,
        response: { 201: ghostNumber },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await buyNumber(request.ctx, request.body)),
  );
  app.delete(
    '/api/v1/ghost-numbers/:id',
    {
      schema: {
        summary: 'Release a number',
        description: 'Answers with the order; when it is `released`, the number and its channel are gone.',
        tags,
        params,
        response: { 202: ghostNumber },
      },
      config: manage,
    },
    async (request, reply) => reply.code(202).send(await releaseNumber(request.ctx, request.params.id)),
  );
}
