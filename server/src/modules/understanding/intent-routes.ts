// HTTP of the intents and their examples.
import { id } from '@parley/contract/common';
import { intentName } from '@parley/contract/insights';
import {
  intent,
  intentExample,
  intentExampleInput,
  intentExamplePage,
  intentExampleQuery,
  intentInput,
  intentList,
} from '@parley/contract/intents';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { addExamples, deleteExample, deleteIntent, listExamples, listIntents, setIntent } from './intents.ts';

const tags = ['intents'];
const params = z.object({ name: intentName });

export function registerIntentRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/intents',
    {
      schema: { summary: 'List what contacts may want, by name', tags, response: { 200: intentList } },
      config: { permission: 'conversations:read' },
    },
    async (request) => ({ items: await listIntents(request.ctx) }),
  );
  app.put(
    '/api/v1/intents/:name',
    {
      schema: {
        summary: 'Make an intent, or switch one on or off',
        tags,
        params,
        body: intentInput,
        response: { 200: intent },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => setIntent(request.ctx, request.params.name, request.body.enabled),
  );
  app.delete(
    '/api/v1/intents/:name',
    {
      schema: { summary: 'Remove an intent with its examples', tags, params, response: { 204: z.null() } },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteIntent(request.ctx, request.params.name);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/v1/intent-examples',
    {
      schema: {
        summary: 'List the examples that members wrote of an intent, newest first',
        tags,
        querystring: intentExampleQuery,
        response: { 200: intentExamplePage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listExamples(request.ctx, request.query),
  );
  app.post(
    '/api/v1/intent-examples',
    {
      schema: {
        summary: 'Add examples to an intent',
        tags,
        body: intentExampleInput,
        response: { 201: z.object({ items: z.array(intentExample) }) },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send({ items: await addExamples(request.ctx, request.body) }),
  );
  app.delete(
    '/api/v1/intent-examples/:id',
    {
      schema: {
        summary: 'Remove an example',
        tags,
        params: z.object({ id }),
        response: { 204: z.null() },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteExample(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
