// HTTP of pasted texts, as it was before there was other training data.
import { id, pageQuery } from '@parley/contract/common';
import { knowledgeText, knowledgeTextInput, knowledgeTextPage } from '@parley/contract/knowledge';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createText, deleteText, getText, listTexts, updateText } from './texts.ts';

/** 200,000 characters of up to three bytes each, escaped where JSON asks for it. */
const bodyLimit = 1024 * 1024;
const tags = ['knowledge'];
const params = z.object({ id });

export function registerKnowledgeRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/knowledge',
    {
      schema: {
        summary: 'List the texts that the assistant knows',
        tags,
        querystring: pageQuery,
        response: { 200: knowledgeTextPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listTexts(request.ctx, request.query),
  );
  app.post(
    '/api/v1/knowledge',
    {
      bodyLimit,
      schema: {
        summary: 'Give the assistant a text',
        tags,
        body: knowledgeTextInput,
        response: { 201: knowledgeText },
      },
      config: { permission: 'assistant:manage', idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createText(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/knowledge/:id',
    {
      schema: { summary: 'Read a text', tags, params, response: { 200: knowledgeText } },
      config: { permission: 'assistant:read' },
    },
    async (request) => getText(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/knowledge/:id',
    {
      bodyLimit,
      schema: {
        summary: 'Change a text',
        tags,
        params,
        body: knowledgeTextInput,
        response: { 200: knowledgeText },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => updateText(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/knowledge/:id',
    {
      schema: { summary: 'Make the assistant forget a text', tags, params, response: { 204: z.null() } },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteText(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
