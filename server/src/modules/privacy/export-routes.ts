// HTTP of exports: asked for, under way, fetched by a program or by a browser.
import { id, pageQuery } from '@parley/contract/common';
import {
  dataExport,
  dataExportPage,
  exportLink,
  exportLinkQuery,
  startExport as startExportShape,
  startedExport,
} from '@parley/contract/privacy';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { linkExport, openLinkedExport } from './export-links.ts';
import { cancelExport, listExports, openExport, readExport, startExport } from './exports.ts';

const tags = ['privacy'];
const params = z.object({ id });
const read = { permission: 'privacy:read' };
const manage = { permission: 'privacy:manage', stepUp: true };

export function registerExportRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  app.post(
    '/api/v1/privacy/exports',
    {
      schema: {
        summary: 'Export a contact, or the whole workspace',
        description:
          'Written in the background as a ZIP that is encrypted with AES-256. The passphrase is in the answer and never told again. The whole workspace is for owners (`workspace:export`), not for API keys.',
        tags,
        body: startExportShape,
        response: { 202: startedExport },
      },
      // Not idempotent: the answer would be kept, and the passphrase with it.
      config: manage,
    },
    async (request, reply) =>
      reply
        .code(202)
        .header('cache-control', 'private, no-store')
        .send(await startExport(request.ctx, request.body.contactId)),
  );
  app.get(
    '/api/v1/privacy/exports',
    {
      schema: {
        summary: 'Exports, newest first',
        tags,
        querystring: pageQuery,
        response: { 200: dataExportPage },
      },
      config: read,
    },
    async (request) => listExports(request.ctx, request.query),
  );
  app.get(
    '/api/v1/privacy/exports/:id',
    {
      schema: { summary: 'How far an export is', tags, params, response: { 200: dataExport } },
      config: read,
    },
    async (request) => readExport(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/privacy/exports/:id/cancellation',
    {
      schema: { summary: 'Cancel an export', tags, params, response: { 204: z.null() } },
      config: { permission: 'privacy:manage', idempotent: true },
    },
    async (request, reply) => {
      await cancelExport(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/v1/privacy/exports/:id/file',
    {
      schema: {
        summary: 'Fetch the file of an export',
        description: 'Who made the export, or an owner, within a week.',
        tags,
        params,
        produces: ['application/zip'],
      },
      config: manage,
    },
    async (request, reply) =>
      sendFile(reply, request.params.id, await openExport(request.ctx, request.params.id)),
  );
  app.post(
    '/api/v1/privacy/exports/:id/link',
    {
      schema: {
        summary: 'Get a link to the file of an export',
        description:
          'For a browser, which saves what a link leads to straight to disk. It serves once, within a minute, in the session that asked for it; a new one voids the one before.',
        tags,
        params,
        response: { 201: exportLink },
      },
      // Not idempotent: the answer would be kept, and the link with it.
      config: manage,
    },
    async (request, reply) =>
      reply
        .code(201)
        .header('cache-control', 'private, no-store')
        .send(await linkExport(request.ctx, request.params.id)),
  );
  app.get(
    '/api/v1/privacy/exports/:id/download',
    {
      // Who only looks must not use the link up.
      exposeHeadRoute: false,
      schema: {
        summary: 'Fetch the file of an export by a link',
        description: 'The link is the proof of who it is: it was given after one.',
        tags,
        params,
        querystring: exportLinkQuery,
        produces: ['application/zip'],
      },
      config: { permission: 'privacy:manage', workspaceInQuery: true },
    },
    async (request, reply) => {
      const { id } = request.params;
      return sendFile(reply, id, await openLinkedExport(request.ctx, id, request.query.link));
    },
  );
}

const sendFile = (
  reply: FastifyReply,
  id: string,
  { stream, bytes }: Awaited<ReturnType<typeof openExport>>,
) =>
  reply
    .type('application/zip')
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename="parley-export-${id}.zip"`)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-store')
    .send(stream);
