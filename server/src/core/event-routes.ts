// The event log over HTTP: a reader asks for what comes after the sequence that it read last, and misses nothing.
import { type Event, eventPage, eventQuery } from '@parley/contract/events';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { StoredEvent } from './events.ts';
import type { Kernel } from './kernel.ts';
import { eventPermissions } from './realtime/credentials.ts';

export function registerEventRoutes(server: FastifyInstance, kernel: Kernel): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/events',
    {
      schema: {
        summary: 'Read the event log',
        description:
          'Everything that was committed in the workspace, in one order that never changes. Ask again with the ' +
          '`nextAfter` of the answer: no event is missed and none comes twice. Events that the caller may not read are ' +
          'left out.',
        tags: ['events'],
        querystring: eventQuery,
        response: { 200: eventPage },
      },
      config: { permission: 'events:read' },
    },
    async (request) => {
      const { after, limit } = request.query;
      const events = await kernel.events.read(request.ctx.workspaceId, after, limit + 1);
      const page = events.slice(0, limit);
      const permissionOf = kernel.use(eventPermissions);
      const { permissions } = request.ctx.actor;
      const items = page.filter(({ type }) => permissions.has(permissionOf.get(type) ?? '')).map(toEvent);
      return { items, nextAfter: page.at(-1)?.sequence ?? after, more: events.length > limit };
    },
  );
}

/** As it crosses the wire. */
export function toEvent({ sequence, id, type, payload, actor, requestId, occurredAt }: StoredEvent): Event {
  return { sequence, id, type, payload, actor, requestId, occurredAt: occurredAt.toISOString() };
}
