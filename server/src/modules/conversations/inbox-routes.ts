// HTTP of what members do around conversations: counts, timeline, notes, snooze, read marks, views, quick replies, names.
import { aiConsent, recordAiConsent } from '@parley/contract/ai-consent';
import { id, pageQuery } from '@parley/contract/common';
import { conversation } from '@parley/contract/conversations';
import {
  changeContact as changeContactShape,
  contact,
  inboxCounts,
  note,
  quickReply,
  quickReplyList,
  readMark,
  snooze,
  timelinePage,
  view,
  viewList,
  writeNote,
  writeQuickReply,
  writeView,
} from '@parley/contract/inbox';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readAiConsent, writeAiConsent } from './ai-consent.ts';
import { changeContact } from './contacts.ts';
import { changeNote, createNote, deleteNote } from './notes.ts';
import { countConversations } from './queries.ts';
import { changeQuickReply, createQuickReply, deleteQuickReply, listQuickReplies } from './quick-replies.ts';
import { setReadMark } from './reading.ts';
import { endSnooze, snoozeConversation } from './snooze.ts';
import { readTimeline } from './timeline.ts';
import { changeView, createView, deleteView, listViews } from './views.ts';

const params = z.object({ id });
const gone = { 204: z.null() };
const read = { permission: 'conversations:read' };
const write = { permission: 'conversations:write' };

export function registerInboxRoutes(server: FastifyInstance): void {
  registerConversationParts(server);
  registerViews(server);
  registerQuickReplies(server);
}

function registerConversationParts(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const tags = ['conversations'];

  app.get(
    '/api/v1/conversations/counts',
    {
      schema: { summary: 'How many conversations are in each place', tags, response: { 200: inboxCounts } },
      config: read,
    },
    async (request) => countConversations(request.ctx),
  );
  app.get(
    '/api/v1/conversations/:id/timeline',
    {
      schema: {
        summary: 'Messages, notes and activities of a conversation, newest first',
        tags,
        params,
        querystring: pageQuery,
        response: { 200: timelinePage },
      },
      config: read,
    },
    async (request) => readTimeline(request.ctx, request.params.id, request.query),
  );
  app.post(
    '/api/v1/conversations/:id/notes',
    {
      schema: {
        summary: 'Write a note to colleagues',
        tags,
        params,
        body: writeNote,
        response: { 201: note },
      },
      config: { ...write, idempotent: true },
    },
    async (request, reply) =>
      reply.code(201).send(await createNote(request.ctx, request.params.id, request.body)),
  );
  app.put(
    '/api/v1/notes/:id',
    {
      schema: { summary: 'Change a note', tags, params, body: writeNote, response: { 200: note } },
      config: write,
    },
    async (request) => changeNote(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/notes/:id',
    { schema: { summary: 'Remove a note', tags, params, response: gone }, config: write },
    async (request, reply) => {
      await deleteNote(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.put(
    '/api/v1/conversations/:id/snooze',
    {
      schema: {
        summary: 'Hide a conversation from the open ones until a moment',
        tags,
        params,
        body: snooze,
        response: { 200: conversation },
      },
      config: { ...write, idempotent: true },
    },
    async (request) => snoozeConversation(request.ctx, request.params.id, request.body.until),
  );
  app.delete(
    '/api/v1/conversations/:id/snooze',
    {
      schema: { summary: 'Wake a snoozed conversation', tags, params, response: gone },
      config: { ...write, idempotent: true },
    },
    async (request, reply) => {
      await endSnooze(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.put(
    '/api/v1/conversations/:id/read',
    {
      schema: {
        summary: 'Mark a conversation as read, or as unread, for yourself',
        tags,
        params,
        body: readMark,
        response: gone,
      },
      // Who may read may say that they did.
      config: read,
    },
    async (request, reply) => {
      await setReadMark(request.ctx, request.params.id, request.body);
      return reply.code(204).send(null);
    },
  );
  app.put(
    '/api/v1/contacts/:id',
    {
      schema: {
        summary: 'Name a contact',
        tags,
        params,
        body: changeContactShape,
        response: { 200: contact },
      },
      config: { ...write, idempotent: true },
    },
    async (request) => changeContact(request.ctx, request.params.id, request.body),
  );
  app.get(
    '/api/v1/contacts/:id/ai-consent',
    {
      schema: {
        summary: 'Whether a contact agreed to be answered by a machine, and every time that it was said',
        tags,
        params,
        response: { 200: aiConsent },
      },
      config: read,
    },
    async (request) => readAiConsent(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/contacts/:id/ai-consent',
    {
      schema: {
        summary: 'Record what a contact said to being answered by a machine',
        tags,
        params,
        body: recordAiConsent,
        response: { 200: aiConsent },
      },
      config: { ...write, idempotent: true },
    },
    async (request) => writeAiConsent(request.ctx, request.params.id, request.body),
  );
}

function registerViews(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const tags = ['views'];

  // A member's own views are theirs, whatever their role; what everybody has asks for more (views.ts).
  app.get(
    '/api/v1/views',
    {
      schema: { summary: 'Your views, and those that everybody has', tags, response: { 200: viewList } },
      config: read,
    },
    async (request) => listViews(request.ctx),
  );
  app.post(
    '/api/v1/views',
    {
      schema: { summary: 'Save a view', tags, body: writeView, response: { 201: view } },
      config: { ...read, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createView(request.ctx, request.body)),
  );
  app.put(
    '/api/v1/views/:id',
    {
      schema: { summary: 'Change a view', tags, params, body: writeView, response: { 200: view } },
      config: read,
    },
    async (request) => changeView(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/views/:id',
    { schema: { summary: 'Remove a view', tags, params, response: gone }, config: read },
    async (request, reply) => {
      await deleteView(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function registerQuickReplies(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const tags = ['quick replies'];

  app.get(
    '/api/v1/quick-replies',
    {
      schema: { summary: 'Quick replies, by shortcut', tags, response: { 200: quickReplyList } },
      config: read,
    },
    async (request) => listQuickReplies(request.ctx),
  );
  app.post(
    '/api/v1/quick-replies',
    {
      schema: { summary: 'Make a quick reply', tags, body: writeQuickReply, response: { 201: quickReply } },
      config: { ...write, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createQuickReply(request.ctx, request.body)),
  );
  app.put(
    '/api/v1/quick-replies/:id',
    {
      schema: {
        summary: 'Change a quick reply',
        tags,
        params,
        body: writeQuickReply,
        response: { 200: quickReply },
      },
      config: write,
    },
    async (request) => changeQuickReply(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/quick-replies/:id',
    { schema: { summary: 'Remove a quick reply', tags, params, response: gone }, config: write },
    async (request, reply) => {
      await deleteQuickReply(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
