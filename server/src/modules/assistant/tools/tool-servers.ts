// The servers whose tools a workspace has added.
import type { ToolServer, ToolServerInput } from '@parley/contract/tools';
import { asc, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict, databaseErrorCode, notFound, uniqueViolation } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import { httpTools, toolServers } from '../tables.ts';
import { builtInTools } from './built-in-tools.ts';
import { forgetChoices, toolsChanged } from './known-tools.ts';
import { sealHeaders } from './secret-headers.ts';
import { listServerTools, serverHeadersPlace, serverToolName } from './server-tool.ts';
import { toolChanged } from './tool-changed.ts';

type Row = typeof toolServers.$inferSelect;

const serversMax = 20;
const listMsMax = 20_000;

function toToolServer({ workspaceId: _, headers: __, createdAt, updatedAt, ...row }: Row): ToolServer {
  return { ...row, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export async function listToolServers(ctx: Context): Promise<{ items: ToolServer[] }> {
  const rows = await ctx.transaction((tx) =>
    tx.drizzle
      .select()
      .from(toolServers)
      .where(eq(toolServers.workspaceId, tx.workspaceId))
      .orderBy(asc(toolServers.id)),
  );
  return { items: rows.map(toToolServer) };
}

async function find(tx: TransactionContext, serverId: string): Promise<Row> {
  const [row] = await tx.drizzle.select().from(toolServers).where(eq(toolServers.id, serverId)).for('update');
  if (!row) throw notFound('tool server');
  return row;
}

/** Asks it first: one that does not answer is not added. @throws ParleyError 409; 502 */
export async function createToolServer(ctx: Context, input: ToolServerInput): Promise<ToolServer> {
  const id = newId();
  const { name, url } = input;
  const sealed = await ctx.transaction(async (tx) => {
    if ((await tx.drizzle.$count(toolServers, eq(toolServers.workspaceId, tx.workspaceId))) >= serversMax)
      throw conflict('too_many_servers', `There are ${serversMax} servers already: remove one first.`);
    const own = await tx.drizzle.select({ name: httpTools.name }).from(httpTools);
    if ([...own, ...builtInTools].some((tool) => tool.name.startsWith(`${name}_`)))
      throw conflict('server_name_taken', 'There are tools already whose names begin like this.');
    return sealHeaders(tx, input.headers, { url, place: serverHeadersPlace(id), before: null });
  });
  const tools = await listServerTools(
    ctx,
    { id, url, headers: sealed.headers },
    AbortSignal.timeout(listMsMax),
  );
  try {
    return await ctx.transaction(async (tx) => {
      const now = tx.clock.date();
      const row = {
        id,
        workspaceId: tx.workspaceId,
        name,
        url,
        ...sealed,
        tools,
        createdAt: now,
        updatedAt: now,
      };
      await tx.drizzle.insert(toolServers).values(row);
      changed(tx, name);
      return toToolServer(row);
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict('server_name_taken', 'There is a server of this name already.');
  }
}

/** Looks at its tools again: until then it is what it was when a member last looked. @throws ParleyError 404; 502 */
export async function relistToolServer(ctx: Context, serverId: string): Promise<ToolServer> {
  const server = await ctx.transaction((tx) => find(tx, serverId));
  const tools = await listServerTools(ctx, server, AbortSignal.timeout(listMsMax));
  return ctx.transaction(async (tx) => {
    const before = await find(tx, serverId);
    const row = { ...before, tools, updatedAt: tx.clock.date() };
    await tx.drizzle.update(toolServers).set(row).where(eq(toolServers.id, serverId));
    changed(tx, row.name);
    return toToolServer(row);
  });
}

/** @throws ParleyError 404 */
export async function deleteToolServer(ctx: Context, serverId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { name, tools } = await find(tx, serverId);
    await tx.drizzle.delete(toolServers).where(eq(toolServers.id, serverId));
    await forgetChoices(
      tx,
      tools.map((tool) => serverToolName(name, tool.name)),
    );
    changed(tx, name);
  });
}

function changed(tx: TransactionContext, name: string): void {
  tx.append(toolChanged, { name });
  toolsChanged(tx);
}
