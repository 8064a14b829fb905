// HTTP of the audit and of the alerts that come of it.
import {
  auditActions,
  auditExportQuery,
  auditPage,
  auditQuery,
  securityAlertList,
} from '@parley/contract/audit';
import { id } from '@parley/contract/common';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Kernel } from '../../../core/kernel.ts';
import { dismissAlert, listAlerts } from './alerts.ts';
import { auditedActions } from './audited.ts';
import { exportAudit, listAudit } from './read.ts';
import { securityWatch } from './watch.ts';

const tags = ['audit'];
const config = { permission: 'audit:read' };

export function registerAuditRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const watch = kernel.use(securityWatch);

  app.get(
    '/api/v1/audit',
    {
      schema: {
        summary: 'Read the audit',
        description:
          'Who did what to what, from where, with what result; the newest first. That it was read is an entry too.',
        tags,
        querystring: auditQuery,
        response: { 200: auditPage },
      },
      config,
    },
    async (request) => {
      const found = await listAudit(kernel, request.ctx, request.query);
      watch.auditRead(request.ctx);
      return found;
    },
  );
  app.get(
    '/api/v1/audit/actions',
    {
      schema: { summary: 'What can be in the audit', tags, response: { 200: auditActions } },
      config,
    },
    async () => ({ items: [...kernel.use(auditedActions)] }),
  );
  app.get(
    '/api/v1/audit/export',
    {
      schema: {
        summary: 'Export the audit',
        description:
          'As CSV or as JSON lines, from the first entry on. With its hashes, but for those of the callers’ addresses and devices.',
        tags,
        querystring: auditExportQuery,
        produces: ['text/csv', 'application/jsonl'],
      },
      config: { ...config, stepUp: true },
    },
    async (request, reply) => {
      const { format } = request.query;
      const lines = await exportAudit(kernel, request.ctx, request.query);
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8')
        .header('content-disposition', `attachment; filename="audit.${format}"`)
        .header('cache-control', 'private, no-store')
        .send(lines);
    },
  );
  app.get(
    '/api/v1/security-alerts',
    {
      schema: {
        summary: 'List what owners and admins should look at',
        description: 'Until one of them has dismissed it. At most 50.',
        tags,
        response: { 200: securityAlertList },
      },
      config,
    },
    async (request) => ({ items: await listAlerts(kernel, request.ctx) }),
  );
  app.put(
    '/api/v1/security-alerts/:id/dismissal',
    {
      schema: {
        summary: 'Dismiss an alert',
        tags,
        params: z.object({ id }),
        response: { 204: z.null() },
      },
      config,
    },
    async (request, reply) => {
      await dismissAlert(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
