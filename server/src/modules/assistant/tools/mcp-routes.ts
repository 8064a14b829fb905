// The assistant's tools for other assistants: a server of the Model Context Protocol at /mcp, over streamable HTTP, without
// sessions. Who calls has the tools that their role has, and what needs a member's word waits for it here too.
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../../core/context.ts';
import { version } from '../../../core/version.ts';
import { ToolCaller } from './call.ts';
import { toolsetFor } from './toolset.ts';

const schema = {
  summary: 'Call the assistant’s tools by the Model Context Protocol (streamable HTTP)',
  tags: ['tools'],
};
const config = { permission: 'conversations:read' };

export function registerMcpRoutes(app: FastifyInstance): void {
  app.post('/mcp', { schema, config }, serve);
  // Nothing is told unasked, and there is no session to end: the protocol's answer to both is 405.
  app.get('/mcp', { schema: { hide: true }, config }, serve);
  app.delete('/mcp', { schema: { hide: true }, config }, serve);
}

async function serve(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (request.method !== 'POST') return reply.code(405).header('allow', 'POST').send();
  const { WebStandardStreamableHTTPServerTransport } = await import(
    '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
  );
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort(new Error('the caller has gone')));
  const server = await createServer(request.ctx, gone.signal);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  try {
    await server.connect(transport as Parameters<Server['connect']>[0]);
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    );
    const asked = new Request(new URL(request.url, request.ctx.config.publicUrl), {
      method: 'POST',
      headers,
    });
    const answer = await transport.handleRequest(asked, { parsedBody: request.body });
    reply.code(answer.status);
    for (const [name, value] of answer.headers) reply.header(name, value);
    return reply.send(await answer.text());
  } finally {
    await server.close();
  }
}

const usualBounds = { callsMax: 1, callMsMax: 30_000 };

async function createServer(ctx: Context, signal: AbortSignal): Promise<Server> {
  const [{ Server: McpServer }, { CallToolRequestSchema, ListToolsRequestSchema }] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/index.js'),
    import('@modelcontextprotocol/sdk/types.js'),
  ]);
  const toolset = await toolsetFor(ctx, { kind: 'caller', actor: ctx.actor });
  const server = new McpServer({ name: 'parley', version }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: toolset.tools.map(({ name, description, parameters, confirmation, changes }) => ({
      name,
      description:
        confirmation || changes
          ? `${description} A member confirms each call before it is made.`
          : description,
      inputSchema: { ...parameters, type: 'object' as const },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const caller = new ToolCaller(ctx, toolset, {
      ...usualBounds,
      passages: [],
      // What another assistant has read, here or elsewhere, is not known.
      hasReadOthers: true,
      signal,
      onStep: undefined,
    });
    await caller.callAll([{ id: 'call', name: params.name, input: JSON.stringify(params.arguments ?? {}) }]);
    const [step] = caller.steps;
    if (!step) throw new Error('a call left no step');
    return {
      content: [{ type: 'text', text: step.result ?? '' }],
      isError: step.state === 'failed' || step.state === 'refused',
      ...(step.confirmationId ? { _meta: { confirmationId: step.confirmationId } } : {}),
    };
  });
  return server;
}
