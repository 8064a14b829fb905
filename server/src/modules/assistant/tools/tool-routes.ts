// HTTP of tools: which there are and for whom, those that the workspace makes, and what waits for a member's word.
import { id } from '@parley/contract/common';
import {
  confirmation,
  confirmationPage,
  confirmationQuery,
  decision,
  httpTool,
  httpToolInput,
  tool,
  toolChoice,
  toolList,
  toolServer,
  toolServerInput,
  toolServerList,
  toolTest,
  toolTestInput,
} from '@parley/contract/tools';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decide, getConfirmation, listConfirmations } from './confirmations.ts';
import { createHttpTool, deleteHttpTool, getHttpTool, testHttpTool, updateHttpTool } from './http-tools.ts';
import { changeToolChoice, listTools } from './known-tools.ts';
import { createToolServer, deleteToolServer, listToolServers, relistToolServer } from './tool-servers.ts';

const tags = ['tools'];
const params = z.object({ id });
const read = { permission: 'assistant:read' };
const manage = { permission: 'assistant:manage' };

export function registerToolRoutes(server: FastifyInstance): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/tools',
    {
      schema: {
        summary: 'List the assistant’s tools, and who may use them',
        tags,
        response: { 200: toolList },
      },
      config: read,
    },
    async (request) => listTools(request.ctx),
  );
  app.put(
    '/api/v1/tools/:name/choice',
    {
      schema: {
        summary: 'Choose who may use a tool, and whether a member confirms its calls',
        tags,
        params: z.object({ name: z.string().max(100) }),
        body: toolChoice,
        response: { 200: tool },
      },
      config: manage,
    },
    async (request) => changeToolChoice(request.ctx, request.params.name, request.body),
  );
  app.post(
    '/api/v1/http-tools',
    {
      schema: {
        summary: 'Make a tool that calls an address of yours',
        tags,
        body: httpToolInput,
        response: { 201: httpTool },
      },
      config: { ...manage, idempotent: true },
    },
    async (request, reply) => reply.code(201).send(await createHttpTool(request.ctx, request.body)),
  );
  app.get(
    '/api/v1/http-tools/:id',
    { schema: { summary: 'Read an HTTP tool', tags, params, response: { 200: httpTool } }, config: read },
    async (request) => getHttpTool(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/http-tools/:id',
    {
      schema: {
        summary: 'Change an HTTP tool',
        tags,
        params,
        body: httpToolInput,
        response: { 200: httpTool },
      },
      config: manage,
    },
    async (request) => updateHttpTool(request.ctx, request.params.id, request.body),
  );
  app.delete(
    '/api/v1/http-tools/:id',
    { schema: { summary: 'Remove an HTTP tool', tags, params, response: { 204: z.null() } }, config: manage },
    async (request, reply) => {
      await deleteHttpTool(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/http-tools/:id/tests',
    {
      schema: {
        summary: 'Call an HTTP tool now, and see what a model would be told',
        tags,
        params,
        body: toolTestInput,
        response: { 200: toolTest },
      },
      config: manage,
    },
    async (request) => testHttpTool(request.ctx, request.params.id, request.body.input),
  );
  app.get(
    '/api/v1/tool-servers',
    {
      schema: { summary: 'List MCP servers whose tools were added', tags, response: { 200: toolServerList } },
      config: read,
    },
    async (request) => listToolServers(request.ctx),
  );
  app.post(
    '/api/v1/tool-servers',
    {
      schema: {
        summary: 'Add the tools of an MCP server, once it has told what it has',
        tags,
        body: toolServerInput,
        response: { 201: toolServer },
      },
      config: manage,
    },
    async (request, reply) => reply.code(201).send(await createToolServer(request.ctx, request.body)),
  );
  app.put(
    '/api/v1/tool-servers/:id/listing',
    {
      schema: { summary: 'Ask an MCP server again what it has', tags, params, response: { 200: toolServer } },
      config: manage,
    },
    async (request) => relistToolServer(request.ctx, request.params.id),
  );
  app.delete(
    '/api/v1/tool-servers/:id',
    {
      schema: { summary: 'Remove an MCP server and its tools', tags, params, response: { 204: z.null() } },
      config: manage,
    },
    async (request, reply) => {
      await deleteToolServer(request.ctx, request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.get(
    '/api/v1/confirmations',
    {
      schema: {
        summary: 'List calls that wait for a member’s word, or did, newest first',
        tags,
        querystring: confirmationQuery,
        response: { 200: confirmationPage },
      },
      config: { permission: 'conversations:read' },
    },
    async (request) => listConfirmations(request.ctx, request.query),
  );
  app.get(
    '/api/v1/confirmations/:id',
    {
      schema: { summary: 'Read what is to be confirmed', tags, params, response: { 200: confirmation } },
      config: { permission: 'conversations:read' },
    },
    async (request) => getConfirmation(request.ctx, request.params.id),
  );
  app.put(
    '/api/v1/confirmations/:id/decision',
    {
      schema: {
        summary: 'Confirm a call, which is then made once, or refuse it; members only',
        tags,
        params,
        body: decision,
        response: { 200: confirmation },
      },
      config: { permission: 'messages:send' },
    },
    async (request) => decide(request.ctx, request.params.id, request.body),
  );
}
