// Puts a call before the members instead of making it.

import { confirmationState } from '@parley/contract/tools';
import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { conflict } from '../../../core/errors.ts';
import { defineEvent } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import { confirmations } from '../tables.ts';
import type { Tool, ToolUse } from './tool.ts';

export const confirmationChanged = defineEvent({
  type: 'confirmation.changed',
  doc: 'A call of a tool waits for a member’s word, or what became of it.',
  permission: 'conversations:read',
  payload: z.object({
    confirmationId: z.uuid(),
    conversationId: z.uuid().nullable(),
    state: confirmationState,
  }),
  // A member's word; what came of it is the run's to tell.
  audit: {
    target: 'confirmation',
    id: 'confirmationId',
    when: ({ state }) => state === 'confirmed' || state === 'refused',
  },
});

const waitMs = 24 * 3_600_000;
/** Whoever writes to us must not bury what members have to look at. */
const waitingOfContactMax = 3;

export const inputPlace = (confirmationId: string) => `confirmations.input:${confirmationId}`;
export const resultPlace = (confirmationId: string) => `confirmations.result:${confirmationId}`;

/** Returns its id. @throws ParleyError whose sentence the model is told */
export async function askConfirmation(use: ToolUse, tool: Tool, given: unknown): Promise<string> {
  const { ctx, audience } = use;
  const whose = audience.kind === 'contact' ? audience.conversationId : null;
  const { input, conversationId } = (await tool.settle?.(use, given)) ?? {
    input: given,
    conversationId: whose,
  };
  const id = newId();
  await ctx.transaction(async (tx) => {
    if (whose !== null) {
      const waiting = await tx.drizzle.$count(
        confirmations,
        and(
          eq(confirmations.conversationId, whose),
          eq(confirmations.askedByKind, 'contact'),
          sql`state = 'waiting'`,
        ),
      );
      if (waiting >= waitingOfContactMax)
        throw conflict('too_many_waiting', 'Too much waits for confirmation here already.');
    }
    const now = tx.clock.date();
    await tx.drizzle.insert(confirmations).values({
      id,
      workspaceId: tx.workspaceId,
      tool: tool.name,
      input: tx.seal(JSON.stringify(input), inputPlace(id)),
      permission: tool.permission,
      ...(audience.kind === 'contact'
        ? { askedByKind: 'contact' as const, askedBy: audience.contactId }
        : {
            askedByKind: tx.actor.kind === 'api_key' ? ('api_key' as const) : ('member' as const),
            askedBy: tx.actor.id,
          }),
      conversationId,
      createdAt: now,
      expiresAt: new Date(now.getTime() + waitMs),
      updatedAt: now,
    });
    tx.append(confirmationChanged, { confirmationId: id, conversationId, state: 'waiting' });
  });
  return id;
}
