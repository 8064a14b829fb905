// All tools of a workspace: those that come with Parley, its HTTP tools and its servers', each given to whom the workspace
// gives it.
import type { ToolChoice, Tool as ToolDescription } from '@parley/contract/tools';
import { and, eq, inArray } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { notFound } from '../../../core/errors.ts';
import { assistantRuntime } from '../settings.ts';
import { httpTools, toolChoices, toolServers } from '../tables.ts';
import { builtInTools } from './built-in-tools.ts';
import { toHttpTool } from './http-tool.ts';
import { toServerTools } from './server-tool.ts';
import type { Audience, Tool } from './tool.ts';
import { toolChanged } from './tool-changed.ts';

/** From memory where they are known. Not for use in a transaction. */
export async function knownTools(ctx: Context): Promise<readonly Tool[]> {
  return ctx.use(assistantRuntime).tools.get(ctx.workspaceId, () => ctx.transaction(readTools));
}

/** As memory has them, else read. In a transaction too. */
export async function toolsAtHand(ctx: Context): Promise<readonly Tool[]> {
  return ctx.use(assistantRuntime).tools.peek(ctx.workspaceId) ?? ctx.transaction(readTools);
}

export function toolsChanged(tx: TransactionContext): void {
  tx.afterCommit(() => tx.use(assistantRuntime).tools.changed(tx.workspaceId));
}

async function readTools(tx: TransactionContext): Promise<Tool[]> {
  const own = await tx.drizzle.select().from(httpTools).where(eq(httpTools.workspaceId, tx.workspaceId));
  const servers = await tx.drizzle
    .select()
    .from(toolServers)
    .where(eq(toolServers.workspaceId, tx.workspaceId));
  const choices = await tx.drizzle
    .select()
    .from(toolChoices)
    .where(eq(toolChoices.workspaceId, tx.workspaceId));
  const chosen = new Map(choices.map((choice) => [choice.name, choice]));
  return [...builtInTools, ...own.map(toHttpTool), ...servers.flatMap(toServerTools)].map((tool) =>
    asChosen(tool, chosen.get(tool.name)),
  );
}

/** What cannot be undone is confirmed whatever was chosen, and nobody gets what is not meant for them. */
function asChosen(tool: Tool, choice: ToolChoice | undefined): Tool {
  if (!choice) return tool;
  const given: Record<Audience['kind'], boolean> = { contact: choice.contacts, member: choice.members };
  return {
    ...tool,
    audiences: tool.meantFor.filter((kind) => given[kind]),
    confirmation: tool.alwaysConfirmed || choice.confirmation,
  };
}

export async function listTools(ctx: Context): Promise<{ items: ToolDescription[] }> {
  return { items: (await ctx.transaction(readTools)).map(describe) };
}

function describe(tool: Tool): ToolDescription {
  const { name, description, permission, origin, originId, audiences, meantFor } = tool;
  return {
    name,
    description,
    permission,
    origin,
    originId,
    input: tool.parameters as ToolDescription['input'],
    contacts: audiences.includes('contact'),
    members: audiences.includes('member'),
    forContacts: meantFor.includes('contact'),
    forMembers: meantFor.includes('member'),
    confirmation: tool.confirmation,
    alwaysConfirmed: tool.alwaysConfirmed,
  };
}

/** Gives a tool to whom the workspace wants. @throws ParleyError 404 */
export async function changeToolChoice(
  ctx: Context,
  name: string,
  choice: ToolChoice,
): Promise<ToolDescription> {
  return ctx.transaction(async (tx) => {
    const tool = (await readTools(tx)).find((one) => one.name === name);
    if (!tool) throw notFound('tool');
    await chooseTool(tx, name, choice);
    tx.append(toolChanged, { name });
    toolsChanged(tx);
    return describe(asChosen(tool, choice));
  });
}

export async function chooseTool(tx: TransactionContext, name: string, choice: ToolChoice): Promise<void> {
  await tx.drizzle
    .insert(toolChoices)
    .values({ workspaceId: tx.workspaceId, name, ...choice })
    .onConflictDoUpdate({ target: [toolChoices.workspaceId, toolChoices.name], set: choice });
}

export async function forgetChoices(tx: TransactionContext, names: readonly string[]): Promise<void> {
  await tx.drizzle
    .delete(toolChoices)
    .where(and(eq(toolChoices.workspaceId, tx.workspaceId), inArray(toolChoices.name, [...names])));
}
