// HTTP of whether the messages that come in are still like those that the model of intents was made for.
import { intentDrift } from '@parley/contract/intent-drift';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { readIntentDrift } from './drift.ts';

export function registerIntentDriftRoutes(server: FastifyInstance): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/intent-drift',
    {
      schema: {
        summary: 'Whether messages of late are still like those that the model of intents was made for',
        tags: ['intents'],
        response: { 200: intentDrift },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => readIntentDrift(request.ctx),
  );
}
