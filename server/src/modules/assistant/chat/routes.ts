// HTTP of chats.
import {
  changeChat,
  chat,
  chatDetail,
  chatMessage,
  chatPage,
  chatQuery,
  sayInChat as sayInput,
  startChat as startInput,
} from '@parley/contract/chat';
import { id } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { getChat, listChats, removeChat, renameChat, restoreChat } from './chats.ts';
import { answerAgain, chooseBranch, getChatMessage, sayInChat, startChat, stopAnswer } from './messages.ts';

const tags = ['chat'];
const params = z.object({ id });
/** A text of 20,000 characters, escaped where JSON asks for it. */
const bodyLimit = 256 * 1024;
const config = { permission: 'chat:use' } as const;
const creating = { permission: 'chat:use', idempotent: true } as const;

export function registerChatRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/chats',
    {
      schema: {
        summary: 'List your chats with the assistant, the one of the last message first',
        tags,
        querystring: chatQuery,
        response: { 200: chatPage },
      },
      config,
    },
    async (request) => listChats(request.ctx, request.query),
  );
  app.post(
    '/api/v1/chats',
    {
      bodyLimit,
      schema: {
        summary: 'Begin a chat with the assistant',
        description:
          'The answer is written by a job: live frames `chat_writing` and `chat_changed` tell how far it is, and `GET /api/v1/chat-messages/{id}` too. A chat is its member’s alone; a program asks through `/v1/chat/completions`.',
        tags,
        body: startInput,
        response: { 201: chatDetail },
      },
      config: creating,
    },
    async (request, reply) => reply.code(201).send(await startChat(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/chats/:id',
    {
      schema: {
        summary: 'Read a chat: the branch that is chosen',
        tags,
        params,
        response: { 200: chatDetail },
      },
      config,
    },
    async (request) => getChat(request.ctx, request.params.id),
  );
  app.patch(
    '/api/v1/chats/:id',
    {
      schema: { summary: 'Rename a chat', tags, params, body: changeChat, response: { 200: chat } },
      config,
    },
    async (request) => renameChat(request.ctx, request.params.id, request.body.title),
  );
  app.put(
    '/api/v1/chats/:id/removal',
    {
      schema: {
        summary: 'Remove a chat: it is forgotten after a minute',
        tags,
        params,
        response: { 204: z.null() },
      },
      config,
    },
    async (request, reply) => {
      await removeChat(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/api/v1/chats/:id/removal',
    {
      schema: {
        summary: 'Bring back a chat that was removed a moment ago',
        tags,
        params,
        response: { 200: chat },
      },
      config,
    },
    async (request) => restoreChat(request.ctx, request.params.id),
  );
  app.post(
    '/api/v1/chats/:id/messages',
    {
      bodyLimit,
      schema: {
        summary: 'Say something in a chat; beside what stands at its place already, it is another branch',
        tags,
        params,
        body: sayInput,
        response: { 201: chatDetail },
      },
      config: creating,
    },
    async (request, reply) =>
      reply.code(201).send(await sayInChat(request.ctx, request.params.id, request.body)),
  );
  registerMessageRoutes(server);
}

function registerMessageRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/chat-messages/:id',
    {
      schema: {
        summary: 'Read a message of a chat; of an answer that is being written, what there is so far',
        tags,
        params,
        response: { 200: chatMessage },
      },
      config,
    },
    async (request) => getChatMessage(request.ctx, request.params.id),
  );
  app.post(
    '/api/v1/chat-messages/:id/answers',
    {
      schema: { summary: 'Have another answer written', tags, params, response: { 201: chatDetail } },
      config: creating,
    },
    async (request, reply) => reply.code(201).send(await answerAgain(request.ctx, request.params.id)),
  );
  app.put(
    '/api/v1/chat-messages/:id/choice',
    {
      schema: { summary: 'Show the branch of this message', tags, params, response: { 200: chatDetail } },
      config,
    },
    async (request) => chooseBranch(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/chat-messages/:id/stop',
    {
      schema: { summary: 'Stop an answer where it is', tags, params, response: { 200: chatMessage } },
      config,
    },
    async (request) => stopAnswer(request.ctx, request.params.id),
  );
}
