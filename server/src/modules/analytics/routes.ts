// HTTP of the figures by day.
import { channelStats, intentStats, sentimentStats, statsQuery } from '@parley/contract/analytics';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { countByChannel, countIntents, countSentiments } from './analytics.ts';

const tags = ['analytics'];
const config = { permission: 'conversations:read' } as const;

export function registerAnalyticsRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/analytics/intent-stats',
    {
      schema: {
        summary: 'What contacts wanted, by day',
        tags,
        querystring: statsQuery,
        response: { 200: intentStats },
      },
      config,
    },
    async (request) => countIntents(request.ctx, request.query),
  );
  app.get(
    '/api/v1/analytics/sentiment-stats',
    {
      schema: {
        summary: 'How contacts sounded, by day',
        tags,
        querystring: statsQuery,
        response: { 200: sentimentStats },
      },
      config,
    },
    async (request) => countSentiments(request.ctx, request.query),
  );
  app.get(
    '/api/v1/analytics/channel-stats',
    {
      schema: {
        summary: 'What came in and went out on each channel, by day',
        tags,
        querystring: statsQuery,
        response: { 200: channelStats },
      },
      config,
    },
    async (request) => countByChannel(request.ctx, request.query),
  );
}
