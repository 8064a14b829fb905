// HTTP of inference: how questions are routed, and what may be spent on them.
import { budget, budgetInput, cap, capInput, capList, usage, usageQuery } from '@parley/contract/budgets';
import { id, pageQuery } from '@parley/contract/common';
import { dryRun, dryRunInput, routingReceiptPage, routingSettings } from '@parley/contract/routing';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createCap, deleteCap, getCap, listCaps, readBudget, setBudget, updateCap } from './caps.ts';
import { listReceipts, readRouting, setRouting, dryRun as tryRoute } from './routing-settings.ts';
import { readUsage } from './usage.ts';

const withoutNames = 'Without the permission `conversations:read`, nobody is named: ';
const tags = ['models'];
const params = z.object({ id });

export function registerSpendingRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/routing',
    {
      schema: { summary: 'How questions are routed', tags, response: { 200: routingSettings } },
      config: { permission: 'assistant:read' },
    },
    async (request) => readRouting(request.ctx),
  );
  app.put(
    '/api/v1/routing',
    {
      schema: {
        summary: 'Set how questions are routed',
        tags,
        body: routingSettings,
        response: { 200: routingSettings },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => setRouting(request.ctx, request.body),
  );
  app.post(
    '/api/v1/routing/dry-run',
    {
      schema: {
        summary: 'Where a question would go, and why: asks nobody',
        tags,
        body: dryRunInput,
        response: { 200: dryRun },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => tryRoute(request.ctx, request.body),
  );
  app.get(
    '/api/v1/routing/receipts',
    {
      schema: {
        summary: 'List private content that no local model answered, newest first: it went nowhere',
        tags,
        querystring: pageQuery,
        response: { 200: routingReceiptPage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => listReceipts(request.ctx, request.query),
  );
  app.get(
    '/api/v1/budget',
    {
      schema: {
        summary: 'What models may cost this month, and what they did',
        tags,
        response: { 200: budget },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => readBudget(request.ctx),
  );
  app.put(
    '/api/v1/budget',
    {
      schema: {
        summary: 'Set what models may cost in a month',
        tags,
        body: budgetInput,
        response: { 200: budget },
      },
      config: { permission: 'assistant:manage' },
    },
    async (request) => setBudget(request.ctx, request.body),
  );
  app.get(
    '/api/v1/budget-caps',
    {
      schema: {
        summary: 'List caps on what may be spent',
        description: `${withoutNames}\`subjectName\` is null.`,
        tags,
        response: { 200: capList },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => ({ items: await listCaps(request.ctx) }),
  );
  app.post(
    '/api/v1/budget-caps',
    {
      schema: { summary: 'Set a cap on what may be spent', tags, body: capInput, response: { 201: cap } },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => reply.code(201).send(await createCap(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/budget-caps/:id',
    {
      schema: {
        summary: 'Read a cap',
        description: `${withoutNames}\`subjectName\` is null.`,
        tags,
        params,
        response: { 200: cap },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => getCap(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/budget-caps/:id',
    {
      schema: { summary: 'Change a cap', tags, params, body: capInput, response: { 200: cap } },
      config: { permission: 'assistant:manage' },
    },
    async (request) => updateCap(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/budget-caps/:id',
    {
      schema: { summary: 'Remove a cap', tags, params, response: { 204: z.null() } },
      config: { permission: 'assistant:manage' },
    },
    async (request, reply) => {
      await deleteCap(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/v1/usage',
    {
      schema: {
        summary: 'What was spent, by day, model, conversation, contact or purpose',
        description: `${withoutNames}\`name\` of a contact and of a conversation is null.`,
        tags,
        querystring: usageQuery,
        response: { 200: usage },
      },
      config: { permission: 'assistant:read' },
    },
    async (request) => readUsage(request.ctx, request.query),
  );
}
