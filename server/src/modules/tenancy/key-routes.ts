// HTTP of API keys.
import { id, pageQuery } from '@parley/contract/common';
import { apiKeyPage, createApiKey, createdApiKey, rotateApiKey } from '@parley/contract/tenancy';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createKey, listKeys, revokeKey, rotateKey } from './keys.ts';

const tags = ['auth'];
const params = z.object({ id });
const read = { permission: 'keys:manage' };
const manage = { ...read, stepUp: true };

export function registerKeyRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/api-keys',
    {
      schema: { summary: 'List API keys', tags, querystring: pageQuery, response: { 200: apiKeyPage } },
      config: read,
    },
    async (request) => listKeys(request.ctx, request.query),
  );
  app.post(
    '/api/v1/api-keys',
    {
      schema: {
        summary: 'Make an API key',
        description:
          'For a role, a role of the workspace’s own, or chosen permissions, none of which go beyond those of whoever makes it. The key is in this answer and nowhere else. Made with a key, it ends no later than that one, and is revoked with it.',
        tags,
        body: createApiKey,
        response: { 201: createdApiKey },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createKey(request.ctx, request.body)),
  );
  app.post(
    '/api/v1/api-keys/:id/rotation',
    {
      schema: {
        summary: 'Give an API key a new secret',
        description:
          'The one before works on until the overlap has passed. A key rotates itself, which leaves its end as it is, and those that were made with it.',
        tags,
        params,
        body: rotateApiKey,
        response: { 201: createdApiKey },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) =>
      reply.code(201).send(await rotateKey(request.ctx, request.params.id, request.body)),
  );
  app.delete(
    '/api/v1/api-keys/:id',
    {
      schema: {
        summary: 'Revoke an API key',
        description: 'And every key that was made with it, or with one of those.',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: manage,
    },
    async (request, reply) => {
      await revokeKey(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
