// Finds the conversation that a tool is to work on: a contact's own, or the one that a member means.
import type { Conversation } from '@parley/contract/conversations';
import { z } from 'zod';
import { conflict, notFound } from '../../../core/errors.ts';
import { readConversation, search } from '../../conversations/conversations.ts';
import { assistantRuntime } from '../settings.ts';
import { asLines, type ToolUse } from './tool.ts';

/** What members call a conversation. */
export const conversationName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .describe('Which conversation: its id, or the name or telephone number of its contact.');

/** More than a model can choose from. */
const foundMax = 8;

/** The contacts that a name or number fits, newest conversation first. Not in a transaction. */
export async function findConversations({ ctx }: ToolUse, name: string): Promise<Conversation[]> {
  const { system } = ctx.use(assistantRuntime);
  const { items } = await search(system, ctx, { q: name, limit: 50 });
  const found = items.filter(({ message, note }) => message === null && note === null);
  return found.slice(0, foundMax).map(({ conversation }) => conversation);
}

/**
 * A contact's conversation is their own, whatever name is given.
 * @throws ParleyError 404; 409 `ambiguous` with those that it could be
 */
export async function findConversation(use: ToolUse, name: string): Promise<Conversation> {
  const { ctx, audience } = use;
  const id = audience.kind === 'contact' ? audience.conversationId : z.uuid().safeParse(name).data;
  if (id) return ctx.transaction((tx) => readConversation(tx, id));
  const found = await findConversations(use, name);
  const [only] = found;
  if (!only) throw notFound('contact');
  if (found.length === 1) return only;
  throw conflict('ambiguous', `Several fit. Ask which one:\n\n${found.map(describe).join('\n\n')}`);
}

export function describe({ id, contact, status, owner, lastMessageAt }: Conversation): string {
  return asLines({
    conversation: id,
    name: contact.name,
    number: contact.address,
    status,
    answered_by: owner.kind,
    opted_out: contact.optedOut,
    last_message_at: lastMessageAt,
  });
}
