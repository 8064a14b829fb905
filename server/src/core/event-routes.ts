// The event log over HTTP: a reader asks for what comes after the sequence that it read last, and misses nothing.
import { type Event, eventPage, eventQuery } from '@parley/contract/events';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { StoredEvent } from './events.ts';
import type { Kernel } from './kernel.ts';

export function registerEventRoutes(server: FastifyInstance, kernel: Kernel): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/events',
    {
      schema: {
        summary: 'Read the event log',
        description:
          'Everything that was committed in the workspace, in one order that never changes. Ask again with the ' +
          '`nextAfter` of the answer: no event is missed and none comes twice.',
        tags: ['events'],
        querystring: eventQuery,
        response: { 200: eventPage },
      },
      config: { permission: 'events:read' },
    },
    async (request) => {
      const { after, limit } = request.query;
      const events = await kernel.events.read(request.ctx.workspaceId, after, limit + 1);
      const items = events.slice(0, limit).map(toEvent);
      return { items, nextAfter: items.at(-1)?.sequence ?? after, more: events.length > limit };
    },
  );
}

function toEvent({ sequence, id, type, payload, actor, requestId, occurredAt }: StoredEvent): Event {
  return { sequence, id, type, payload, actor, requestId, occurredAt: occurredAt.toISOString() };
}
