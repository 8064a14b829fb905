// HTTP of privacy: how long things are kept, legal holds, and what is erased or exported, of a contact or of all.
import { id, pageQuery } from '@parley/contract/common';
import {
  endLegalHold,
  erasure,
  erasurePage,
  erasurePreview,
  legalHold,
  legalHoldPage,
  setWorkspaceErasure as nameToErase,
  retention,
  retentionPreview,
  retentionQuery,
  retentionRun,
  retentionRunPage,
  setLegalHold,
  startErasure as startErasureShape,
  workspaceErasure,
} from '@parley/contract/privacy';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listErasures, previewErasure, readErasure, startErasure } from './erasures.ts';
import { registerExportRoutes } from './export-routes.ts';
import { endHold, listHolds, setHold } from './holds.ts';
import { changeRetention, previewRetention, readRetention } from './retention.ts';
import { listRetentionRuns, readRetentionRun, startRetention } from './retention-runs.ts';
import { cancelWorkspaceErasure, readWorkspaceErasure, setWorkspaceErasure } from './workspace-erasure.ts';

const tags = ['privacy'];
const params = z.object({ id });
const read = { permission: 'privacy:read' };
const manage = { permission: 'privacy:manage', stepUp: true };

export function registerPrivacyRoutes(server: FastifyInstance): void {
  registerRetention(server);
  registerHolds(server);
  registerErasures(server);
  registerExportRoutes(server);
  registerWorkspaceErasure(server);
}

function registerWorkspaceErasure(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/workspace/erasure',
    {
      schema: {
        summary: 'Whether the workspace is going to be erased, and what stands against it',
        tags,
        response: { 200: workspaceErasure },
      },
      config: read,
    },
    async (request) => readWorkspaceErasure(request.ctx),
  );
  app.put(
    '/api/v1/workspace/erasure',
    {
      schema: {
        summary: 'Set the workspace to be erased in seven days',
        description:
          'With its name, letter by letter. Until it begins, any owner can cancel it. Then its keys are destroyed: everything that it sealed is unreadable at once, nobody comes in any more, and rows and files are deleted. It cannot be undone.',
        tags,
        body: nameToErase,
        response: { 200: workspaceErasure },
      },
      config: { permission: 'workspace:erase', stepUp: true },
    },
    async (request) => setWorkspaceErasure(request.ctx, request.body.name),
  );
  app.delete(
    '/api/v1/workspace/erasure',
    {
      schema: { summary: 'Keep the workspace after all', tags, response: { 204: z.null() } },
      config: { permission: 'workspace:erase' },
    },
    async (request, reply) => {
      await cancelWorkspaceErasure(request.ctx);
      return reply.code(204).send(null);
    },
  );
}

function registerRetention(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/privacy/retention',
    {
      schema: { summary: 'How long the workspace keeps what, in days', tags, response: { 200: retention } },
      config: read,
    },
    async (request) => readRetention(request.ctx),
  );
  app.put(
    '/api/v1/privacy/retention',
    {
      schema: {
        summary: 'Say how long things are kept',
        description: 'Replaces all rules. What is older goes at night, or with the next run.',
        tags,
        body: retention,
        response: { 200: retention },
      },
      config: manage,
    },
    async (request) => changeRetention(request.ctx, request.body),
  );
  app.get(
    '/api/v1/privacy/retention-preview',
    {
      schema: {
        summary: 'What would go by some rules, now',
        description: 'By the days in the query; a kind that it does not name is kept. Nothing is changed.',
        tags,
        querystring: retentionQuery,
        response: { 200: retentionPreview },
      },
      config: read,
    },
    async (request) => previewRetention(request.ctx, request.query),
  );
  app.get(
    '/api/v1/privacy/retention-runs',
    {
      schema: {
        summary: 'What went, and by which rule, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: retentionRunPage },
      },
      config: read,
    },
    async (request) => listRetentionRuns(request.ctx, request.query),
  );
  app.post(
    '/api/v1/privacy/retention-runs',
    {
      schema: {
        summary: 'Delete what is older than the rules now',
        tags,
        response: { 202: retentionRun },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(202).send(await startRetention(request.ctx, 'member')),
  );
  app.get(
    '/api/v1/privacy/retention-runs/:id',
    {
      schema: { summary: 'The report of one run', tags, params, response: { 200: retentionRun } },
      config: read,
    },
    async (request) => readRetentionRun(request.ctx, request.params.id),
  );
}

function registerHolds(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/privacy/legal-holds',
    {
      schema: {
        summary: 'Legal holds, newest first; those that were ended too',
        description:
          'Without the permission `conversations:read` or `privacy:manage`, of a contact the id is told, neither name nor address.',
        tags,
        querystring: pageQuery.extend({ contactId: id.optional(), open: z.stringbool().optional() }),
        response: { 200: legalHoldPage },
      },
      config: read,
    },
    async (request) => {
      const { limit, cursor, contactId, open } = request.query;
      return listHolds(request.ctx, {
        limit,
        ...(cursor ? { cursor } : {}),
        ...(contactId ? { contactId } : {}),
        ...(open === undefined ? {} : { open }),
      });
    },
  );
  app.post(
    '/api/v1/privacy/legal-holds',
    {
      schema: {
        summary: 'Set a legal hold on a contact, or on the whole workspace',
        description:
          'Until it is ended, no rule and no erasure deletes what it is on, and notes about the contact are neither changed nor removed. On the whole workspace, chats and knowledge are not removed either.',
        tags,
        body: setLegalHold,
        response: { 201: legalHold },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await setHold(request.ctx, request.body)),
  );
  app.put(
    '/api/v1/privacy/legal-holds/:id/end',
    {
      schema: {
        summary: 'End a legal hold',
        tags,
        params,
        body: endLegalHold,
        response: { 200: legalHold },
      },
      config: { ...manage, idempotent: true },
    },
    async (request) => endHold(request.ctx, request.params.id, request.body.reason),
  );
}

function registerErasures(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.get(
    '/api/v1/contacts/:id/erasure-preview',
    {
      schema: {
        summary: 'What there is of a contact, and would go',
        tags,
        params,
        response: { 200: erasurePreview },
      },
      config: { permission: 'privacy:manage' },
    },
    async (request) => previewErasure(request.ctx, request.params.id),
  );
  app.post(
    '/api/v1/privacy/erasures',
    {
      schema: {
        summary: 'Erase a contact',
        description:
          'Everything that is theirs goes, in the background, and is then looked for in every table and file. It cannot be undone. Who writes again later is a new contact.',
        tags,
        body: startErasureShape,
        response: { 202: erasure },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(202).send(await startErasure(request.ctx, request.body.contactId)),
  );
  app.get(
    '/api/v1/privacy/erasures',
    {
      schema: {
        summary: 'Erasures, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: erasurePage },
      },
      config: read,
    },
    async (request) => listErasures(request.ctx, request.query),
  );
  app.get(
    '/api/v1/privacy/erasures/:id',
    {
      schema: { summary: 'How far an erasure is, and its report', tags, params, response: { 200: erasure } },
      config: read,
    },
    async (request) => readErasure(request.ctx, request.params.id),
  );
}
