// A tool of a server that speaks the Model Context Protocol. The connection is the official client's, over the guarded
// `fetch`; a call opens one and closes it. What the server says, of itself or in a result, is data.
import { createHash } from 'node:crypto';
import type { ListedTool } from '@parley/contract/tools';
import { jsonSchema } from '@parley/contract/tools';
import { z } from 'zod';
import type { Context } from '../../../core/context.ts';
import { externalFailed, ParleyError } from '../../../core/errors.ts';
import { version } from '../../../core/version.ts';
import { assistantRuntime } from '../settings.ts';
import type { toolServers } from '../tables.ts';
import { openHeaders, redact } from './secret-headers.ts';
import { outcomeUnknown, readInput, type Tool } from './tool.ts';

type Row = typeof toolServers.$inferSelect;
export type ServerAddress = Pick<Row, 'id' | 'url' | 'headers'>;

export const serverHeadersPlace = (serverId: string) => `tool_servers.headers:${serverId}`;

const listedMax = 100;
const nameLengthMax = 64;
const descriptionLengthMax = 1_000;
const schemaLengthMax = 20_000;

/** Of a fingerprint, with what parts it from the name. */
const markLength = 9;

/**
 * What a model calls a server's tool: the same for ever, and another one for each. A name that does not fit as it is, or could
 * be one that was made to fit, ends in a fingerprint of what it was. No two servers of a workspace begin alike.
 */
export function serverToolName(server: string, tool: string): string {
  const whole = `${server}_${tool}`;
  const fits =
    /^[A-Za-z0-9_-]+$/.test(whole) && whole.length <= nameLengthMax && !/_[0-9a-f]{8}$/.test(whole);
  if (fits) return whole;
  const mark = createHash('sha256')
    .update(whole)
    .digest('hex')
    .slice(0, markLength - 1);
  return `${whole.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, nameLengthMax - markLength)}_${mark}`;
}

export function toServerTools(row: Row): Tool[] {
  return row.tools.map((listed) => ({
    name: serverToolName(row.name, listed.name),
    description: listed.description,
    parameters: listed.input,
    origin: 'server',
    originId: row.id,
    permission: 'messages:send',
    meantFor: ['contact', 'member'],
    audiences: ['member'],
    alwaysConfirmed: false,
    confirmation: true,
    changes: true,
    othersWords: true,
    outside: true,
    // The server checks its own input: a schema of somebody else's is nothing to compile here.
    read: (given) => readInput(z.record(z.string(), z.unknown()), given),
    run: ({ ctx, signal }, input) =>
      connected(ctx, row, signal, async (client) => {
        const answer = await client
          .callTool({ name: listed.name, arguments: input as Record<string, unknown> }, undefined, { signal })
          .catch((error: unknown) => {
            throw isRefusal(error) ? error : outcomeUnknown(error);
          });
        const parts = z
          .array(z.looseObject({ type: z.string(), text: z.string().optional() }))
          .parse(answer.content);
        const text = parts.map((part) => part.text ?? `(${part.type})`).join('\n');
        return answer.isError ? `The tool failed: ${text}` : text;
      }),
  }));
}

/** A server that says no has done nothing: by a code of JSON-RPC that is not the client's own, or of HTTP. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'number' && (code < -32_001 || (code >= 400 && code < 500));
}

/** What a server has now, cut to what a model can read. @throws ParleyError `sms.external_failed` */
export async function listServerTools(
  ctx: Context,
  address: ServerAddress,
  signal: AbortSignal,
): Promise<ListedTool[]> {
  return connected(ctx, address, signal, async (client) => {
    const { tools } = await client.listTools({}, { signal });
    return tools.slice(0, listedMax).flatMap(({ name, description = '', inputSchema }) => {
      const input = jsonSchema.safeParse(inputSchema);
      if (!input.success || JSON.stringify(input.data).length > schemaLengthMax) return [];
      return [
        { name, description: description.slice(0, descriptionLengthMax).toWellFormed(), input: input.data },
      ];
    });
  });
}

type Client = import('@modelcontextprotocol/sdk/client/index.js').Client;

async function connected<T>(
  ctx: Context,
  { id, url, headers: sealed }: ServerAddress,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const [{ Client }, { StreamableHTTPClientTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
  ]);
  const headers = await openHeaders(ctx, sealed, serverHeadersPlace(id));
  const { egress } = ctx.use(assistantRuntime);
  const client = new Client({ name: 'parley', version });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: egress.fetch,
    requestInit: { headers },
  });
  try {
    await client.connect(transport as Parameters<Client['connect']>[0], { signal });
    const result = await work(client);
    return typeof result === 'string' ? (redact(result, headers) as T) : result;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ParleyError) throw error;
    throw externalFailed('The tool server did not answer as it should.', error);
  } finally {
    await client.close().catch((error: unknown) => ctx.log.debug({ err: error }, 'a tool server was left'));
  }
}
