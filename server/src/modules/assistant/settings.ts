// How a workspace's assistant behaves: its settings, and those of a workspace that never changed any.
import { type ConsentRule, consentRule } from '@parley/contract/ai-consent';
import { type Assistant, type AssistantInput, supportNeededByDefault } from '@parley/contract/assistant';
import { policy } from '@parley/contract/runs';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Context, definePort, type SystemContext } from '../../core/context.ts';
import type { Egress } from '../../core/egress.ts';
import { defineEvent } from '../../core/events.ts';
import type { Kernel } from '../../core/kernel.ts';
import { WorkspaceCache } from '../../core/workspace-cache.ts';
import { findModel } from '../inference/inference.ts';
import { ChatStops } from './chat/stops.ts';
import { assistants } from './tables.ts';
import type { Tool } from './tools/tool.ts';

export const assistantChanged = defineEvent({
  type: 'assistant.changed',
  doc: 'The settings of the workspace’s assistant were changed.',
  permission: 'assistant:read',
  payload: z.object({ policy, modelId: z.uuid().nullable() }),
  audit: { target: 'assistant', id: null },
});

export const consentRuleChanged = defineEvent({
  type: 'consent_rule.changed',
  doc: 'Another rule says whom the assistant may answer.',
  permission: 'assistant:read',
  payload: z.object({ rule: consentRule, previous: consentRule }),
  audit: { target: 'assistant', id: null },
});

const consentRuleByDefault: ConsentRule = 'answer_unless_refused';

export const defaults: AssistantInput = {
  policy: 'auto',
  persona: '',
  burstWaitMs: 1500,
  repliesPerHourMax: 20,
  modelId: null,
  supportNeeded: supportNeededByDefault,
};

export interface AssistantRuntime {
  readonly settings: WorkspaceCache<Assistant>;
  readonly tools: WorkspaceCache<readonly Tool[]>;
  readonly egress: Egress;
  /** For what is found across workspaces by keyed hashes: the search. */
  readonly system: SystemContext;
  readonly stops: ChatStops;
}

export const assistantRuntime = definePort<AssistantRuntime>('assistant runtime');

export function createAssistantRuntime(kernel: Kernel, egress: Egress): AssistantRuntime {
  return {
    egress,
    tools: new WorkspaceCache('tools', kernel.bus, { staleAfterMs: 10_000, workspacesMax: 20_000 }),
    system: kernel.systemContext(),
    // A process that missed the news that the assistant is off must not go on for long.
    settings: new WorkspaceCache('assistant', kernel.bus, { staleAfterMs: 10_000, workspacesMax: 20_000 }),
    stops: new ChatStops(kernel.bus),
  };
}

/** The settings, from memory where they are known. Not for use in a transaction. */
export async function knownSettings(ctx: Context): Promise<Assistant> {
  return ctx.use(assistantRuntime).settings.get(ctx.workspaceId, () => readAssistant(ctx));
}

export async function readAssistant(ctx: Context): Promise<Assistant> {
  const [row] = await ctx.transaction((tx) =>
    tx.drizzle.select().from(assistants).where(eq(assistants.workspaceId, tx.workspaceId)),
  );
  if (!row) return { ...defaults, consentRule: consentRuleByDefault, updatedAt: null };
  const { workspaceId: _, updatedAt, ...settings } = row;
  return { ...settings, updatedAt: updatedAt.toISOString() };
}

/** @throws ParleyError 404 for a model that the workspace does not have */
export async function changeAssistant(ctx: Context, input: AssistantInput): Promise<Assistant> {
  return ctx.transaction(async (tx) => {
    // The foreign key alone would take a model of another workspace.
    if (input.modelId !== null) await findModel(tx, input.modelId);
    const values = { ...input, updatedAt: tx.clock.date() };
    const [row] = await tx.drizzle
      .insert(assistants)
      .values({ workspaceId: tx.workspaceId, ...values })
      .onConflictDoUpdate({ target: assistants.workspaceId, set: values })
      .returning({ consentRule: assistants.consentRule });
    tx.append(assistantChanged, { policy: input.policy, modelId: input.modelId });
    tx.afterCommit(() => tx.use(assistantRuntime).settings.changed(tx.workspaceId));
    return {
      ...input,
      consentRule: row?.consentRule ?? consentRuleByDefault,
      updatedAt: values.updatedAt.toISOString(),
    };
  });
}

/** Says whom the assistant may answer from now on. */
export async function changeConsentRule(ctx: Context, rule: ConsentRule): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { consentRule: previous } = await readAssistant(tx);
    if (previous === rule) return;
    const values = { consentRule: rule, updatedAt: tx.clock.date() };
    await tx.drizzle
      .insert(assistants)
      .values({ workspaceId: tx.workspaceId, ...values })
      .onConflictDoUpdate({ target: assistants.workspaceId, set: values });
    tx.append(consentRuleChanged, { rule, previous });
    tx.afterCommit(() => tx.use(assistantRuntime).settings.changed(tx.workspaceId));
  });
}
