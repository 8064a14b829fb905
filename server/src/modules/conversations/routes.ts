// HTTP of conversations: the list, one of them, its messages, its contact's consent.
import { id, pageQuery } from '@parley/contract/common';
import {
  changeConversation as changeShape,
  consent,
  conversation,
  conversationDetail,
  conversationPage,
  conversationQuery,
  recordConsent,
} from '@parley/contract/conversations';
import { messagePage } from '@parley/contract/messages';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { changeConversation } from './change.ts';
import { readConsent, writeConsent } from './consent.ts';
import { registerInboxRoutes } from './inbox-routes.ts';
import { registerMediaRoutes } from './media-routes.ts';
import { registerMessageRoutes } from './message-routes.ts';
import { listConversations, listMessages, readConversationDetail } from './queries.ts';

const params = z.object({ id });
const tags = ['conversations'];
const read = { permission: 'conversations:read' };
const write = { permission: 'conversations:write' };

export async function registerConversationRoutes(server: FastifyInstance): Promise<void> {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/conversations',
    {
      schema: {
        summary: 'List conversations, newest message first',
        tags,
        querystring: conversationQuery,
        response: { 200: conversationPage },
      },
      config: read,
    },
    async (request) => listConversations(request.ctx, request.query),
  );
  app.get(
    '/api/v1/conversations/:id',
    {
      schema: {
        summary: 'A conversation with its newest messages',
        tags,
        params,
        response: { 200: conversationDetail },
      },
      config: read,
    },
    async (request) => readConversationDetail(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/conversations/:id',
    {
      schema: {
        summary: 'Change a conversation: status, owner, policy, links',
        tags,
        params,
        body: changeShape,
        response: { 200: conversation },
      },
      config: { ...write, idempotent: true },
    },
    async (request) => changeConversation(request.ctx, request.params.id, request.body),
  );
  app.get(
    '/api/v1/conversations/:id/messages',
    {
      schema: {
        summary: 'Messages of a conversation, newest first',
        tags,
        params,
        querystring: pageQuery,
        response: { 200: messagePage },
      },
      config: read,
    },
    async (request) => listMessages(request.ctx, request.params.id, request.query),
  );
  app.get(
    '/api/v1/conversations/:id/consent',
    {
      schema: {
        summary: 'What the contact agreed to, with its proof',
        tags,
        params,
        response: { 200: consent },
      },
      config: read,
    },
    async (request) => readConsent(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/conversations/:id/consent',
    {
      schema: {
        summary: 'Record what the contact agreed to by other ways',
        tags,
        params,
        body: recordConsent,
        response: { 200: consent },
      },
      config: write,
    },
    async (request) => writeConsent(request.ctx, request.params.id, request.body),
  );
  registerMessageRoutes(server);
  await registerMediaRoutes(server);
  registerInboxRoutes(server);
}
