// HTTP of messages.
import { id } from '@parley/contract/common';
import { approval, changeDraft, createMessage, message, messageDetail } from '@parley/contract/messages';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { approveDraft, cancelMessage, editDraft, retryMessage, writeMessage } from './member-messages.ts';
import { readMessageDetail } from './message-queries.ts';

const params = z.object({ id });
const tags = ['messages'];
const send = { permission: 'messages:send' };

export function registerMessageRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.post(
    '/api/v1/messages',
    {
      schema: {
        summary: 'Write to a contact, now or later',
        tags,
        body: createMessage,
        response: { 201: message },
      },
      config: { ...send, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await writeMessage(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/messages/:id',
    {
      schema: {
        summary: 'A message, with its attempts and status events',
        tags,
        params,
        response: { 200: messageDetail },
      },
      config: { permission: 'conversations:read' },
    },
    async (request) => readMessageDetail(request.ctx, request.params.id),
  );
  app.patch(
    '/api/v1/messages/:id',
    {
      schema: { summary: 'Edit a draft', tags, params, body: changeDraft, response: { 200: message } },
      config: send,
    },
    async (request) => editDraft(request.ctx, request.params.id, request.body.body),
  );
  app.put(
    '/api/v1/messages/:id/approval',
    {
      schema: {
        summary: 'Approve a draft: it goes out',
        tags,
        params,
        body: approval,
        response: { 200: message },
      },
      config: send,
    },
    async (request) => approveDraft(request.ctx, request.params.id, request.body?.body),
  );
  app.post(
    '/api/v1/messages/:id/attempts',
    {
      schema: { summary: 'Send a failed message anew', tags, params, response: { 201: message } },
      config: { ...send, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await retryMessage(request.ctx, request.params.id)),
  );
  app.delete(
    '/api/v1/messages/:id',
    {
      schema: {
        summary: 'Discard a draft, or cancel what has not left',
        tags,
        params,
        response: { 204: z.null() },
      },
      config: send,
    },
    async (request, reply) => {
      await cancelMessage(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
