// HTTP of what is understood of messages: read, and corrected by members.
import { id } from '@parley/contract/common';
import { insight, insightCorrection, insightList, insightQuery } from '@parley/contract/insights';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { correctInsight, readInsight, readInsights, takeBackCorrection } from './insights.ts';

const tags = ['insights'];
const params = z.object({ id });

export function registerInsightRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/insights',
    {
      schema: {
        summary: 'What was understood of messages; those that were not understood yet are left out',
        tags,
        querystring: insightQuery,
        response: { 200: insightList },
      },
      config: { permission: 'conversations:read' },
    },
    async (request) => ({ items: await readInsights(request.ctx, request.query.messageIds) }),
  );
  app.get(
    '/api/v1/messages/:id/insight',
    {
      schema: { summary: 'What was understood of a message', tags, params, response: { 200: insight } },
      config: { permission: 'conversations:read' },
    },
    async (request) => readInsight(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/messages/:id/correction',
    {
      schema: {
        summary: 'Say what a message is instead: it stands, and models learn from it',
        tags,
        params,
        body: insightCorrection,
        response: { 200: insight },
      },
      config: { permission: 'conversations:write' },
    },
    async (request) => correctInsight(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/messages/:id/correction',
    {
      schema: {
        summary: 'Take back what was said of a message: what the models said holds again',
        tags,
        params,
        response: { 200: insight },
      },
      config: { permission: 'conversations:write' },
    },
    async (request) => takeBackCorrection(request.ctx, request.params.id),
  );
}
