// The workspace's HTTP tools: made, changed, tried and removed by those who manage the assistant.
import type { HttpTool, HttpToolInput, ToolTest } from '@parley/contract/tools';
import { and, eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict, databaseErrorCode, notFound, ParleyError, uniqueViolation } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import { httpTools, toolChoices, toolServers } from '../tables.ts';
import { builtInTools } from './built-in-tools.ts';
import { callHttp, checkHttpTool, headersPlace } from './http-tool.ts';
import { chooseTool, forgetChoices, toolsChanged } from './known-tools.ts';
import { openHeaders, sealHeaders } from './secret-headers.ts';
import { toolChanged } from './tool-changed.ts';

type Row = typeof httpTools.$inferSelect;

/** More than a model can choose from. */
const toolsMax = 50;

async function find(tx: TransactionContext, toolId: string): Promise<Row> {
  const [row] = await tx.drizzle.select().from(httpTools).where(eq(httpTools.id, toolId)).for('update');
  if (!row) throw notFound('tool');
  return row;
}

async function describe(tx: TransactionContext, row: Row): Promise<HttpTool> {
  const [choice] = await tx.drizzle
    .select()
    .from(toolChoices)
    .where(and(eq(toolChoices.workspaceId, tx.workspaceId), eq(toolChoices.name, row.name)));
  const { workspaceId: _, headers: __, createdAt, updatedAt, ...settings } = row;
  return {
    ...settings,
    contacts: choice?.contacts ?? false,
    members: choice?.members ?? false,
    confirmation: choice?.confirmation ?? true,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** @throws ParleyError 404 */
export async function getHttpTool(ctx: Context, toolId: string): Promise<HttpTool> {
  return ctx.transaction(async (tx) => describe(tx, await find(tx, toolId)));
}

/** @throws ParleyError 400; 409 where the name is taken, or there are too many */
export async function createHttpTool(ctx: Context, input: HttpToolInput): Promise<HttpTool> {
  checkHttpTool(input);
  return naming(() =>
    ctx.transaction(async (tx) => {
      if ((await tx.drizzle.$count(httpTools, eq(httpTools.workspaceId, tx.workspaceId))) >= toolsMax)
        throw conflict('too_many_tools', `There are ${toolsMax} tools already: remove one first.`);
      const id = newId();
      const now = tx.clock.date();
      const { headers, contacts, members, confirmation, ...settings } = input;
      const sealed = sealHeaders(tx, headers, { url: input.url, place: headersPlace(id), before: null });
      const row = { id, workspaceId: tx.workspaceId, ...settings, ...sealed, createdAt: now, updatedAt: now };
      await refuseTakenName(tx, input.name);
      await tx.drizzle.insert(httpTools).values(row);
      await chooseTool(tx, input.name, { contacts, members, confirmation });
      changed(tx, input.name);
      return describe(tx, row);
    }),
  );
}

/** @throws ParleyError 400; 404; 409 */
export async function updateHttpTool(ctx: Context, toolId: string, input: HttpToolInput): Promise<HttpTool> {
  checkHttpTool(input);
  return naming(() =>
    ctx.transaction(async (tx) => {
      const before = await find(tx, toolId);
      const { headers, contacts, members, confirmation, ...settings } = input;
      const sealed = sealHeaders(tx, headers, { url: input.url, place: headersPlace(toolId), before });
      if (before.name !== input.name) {
        await refuseTakenName(tx, input.name);
        await forgetChoices(tx, [before.name]);
      }
      const row = { ...before, ...settings, ...sealed, updatedAt: tx.clock.date() };
      await tx.drizzle.update(httpTools).set(row).where(eq(httpTools.id, toolId));
      await chooseTool(tx, input.name, { contacts, members, confirmation });
      changed(tx, input.name);
      return describe(tx, row);
    }),
  );
}

/** @throws ParleyError 404 */
export async function deleteHttpTool(ctx: Context, toolId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { name } = await find(tx, toolId);
    await tx.drizzle.delete(httpTools).where(eq(httpTools.id, toolId));
    await forgetChoices(tx, [name]);
    changed(tx, name);
  });
}

/** Calls it, as a model's call would be made. @throws ParleyError 404 */
export async function testHttpTool(
  ctx: Context,
  toolId: string,
  input: Readonly<Record<string, unknown>>,
): Promise<ToolTest> {
  const row = await ctx.transaction((tx) => find(tx, toolId));
  const headers = await openHeaders(ctx, row.headers, headersPlace(row.id));
  const started = performance.now();
  const use = {
    ctx,
    audience: { kind: 'member' as const },
    signal: AbortSignal.timeout(20_000),
    passages: [],
    stepId: newId(),
  };
  const outcome = await callHttp(use, row, headers, input).then(
    (result) => ({ ok: /^status: 2/.test(result), result }),
    (error: unknown) => {
      if (!(error instanceof ParleyError)) throw error;
      return { ok: false, result: error.message };
    },
  );
  return { ...outcome, durationMs: Math.round(performance.now() - started) };
}

/** What comes with Parley, and what begins like the tools of a server, is not the workspace's to name. */
async function refuseTakenName(tx: TransactionContext, name: string): Promise<void> {
  if (builtInTools.some((tool) => tool.name === name)) throw nameTaken();
  const [server = ''] = name.split('_');
  const isServers =
    server !== name && (await tx.drizzle.$count(toolServers, eq(toolServers.name, server))) > 0;
  if (isServers) throw nameTaken();
}

const nameTaken = () => conflict('tool_name_taken', 'There is a tool of this name already.');

async function naming<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (databaseErrorCode(error) === uniqueViolation) throw nameTaken();
    throw error;
  }
}

function changed(tx: TransactionContext, name: string): void {
  tx.append(toolChanged, { name });
  toolsChanged(tx);
}
