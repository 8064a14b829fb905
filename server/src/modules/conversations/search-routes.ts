// HTTP of the search.
import { searchPage, searchQuery } from '@parley/contract/inbox';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { SystemContext } from '../../core/context.ts';
import { search } from './search.ts';

export function registerSearchRoutes(server: FastifyInstance, system: SystemContext): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/search',
    {
      schema: {
        summary: 'Search contacts, messages and notes, newest first',
        tags: ['search'],
        querystring: searchQuery,
        response: { 200: searchPage },
      },
      config: { permission: 'conversations:read' },
    },
    async (request) => search(system, request.ctx, request.query),
  );
}
