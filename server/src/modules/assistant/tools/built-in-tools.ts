// The tools that come with Parley.
import { z } from 'zod';
import { validationError } from '../../../core/errors.ts';
import {
  changeConversation,
  createNote,
  createOutboundMessage,
  flagConversation,
  readConversation,
  writeMessage,
} from '../../conversations/conversations.ts';
import { findPassages, passagesOf } from '../../knowledge/knowledge.ts';
import { conversationName, describe, findConversation, findConversations } from './find-conversation.ts';
import { asLines, defineTool, type Tool, type ToolUse } from './tool.ts';

const passagesMax = 6;

/** A name may mean somebody else by the time that a member confirms it. */
async function settleConversation<Input extends { conversation: string }>(use: ToolUse, input: Input) {
  const { id } = await findConversation(use, input.conversation);
  return { input: { ...input, conversation: id }, conversationId: id };
}

const searchKnowledge = defineTool({
  name: 'search_knowledge',
  description:
    'Searches what the workspace wrote down for its assistant: opening hours, prices, rules, answers.',
  permission: 'assistant:read',
  audiences: ['contact', 'member'],
  confirmation: false,
  changes: false,
  othersWords: true,
  input: z.object({
    question: z.string().trim().min(1).max(1_000).describe('What is to be found out, in words.'),
  }),
  run: async ({ ctx, passages }, { question }) => {
    const found = await findPassages(await passagesOf(ctx), question, 'unknown', passagesMax);
    if (found.length === 0) return 'Nothing fits.';
    const told = found.map((passage) => {
      const known = passages.findIndex(({ id, textId }) => id === passage.id && textId === passage.textId);
      const name = `P${known === -1 ? passages.push(passage) : known + 1}`;
      return `${name}${passage.heading === null ? '' : ` ${passage.heading}`}\n${passage.text}`;
    });
    return `Passages, named as you cite them:\n\n${told.join('\n\n')}`;
  },
});

const lookUpContact = defineTool({
  name: 'look_up_contact',
  description: 'Finds contacts by name or telephone number, with the state of their conversations.',
  permission: 'conversations:read',
  audiences: ['member'],
  confirmation: false,
  changes: false,
  othersWords: true,
  input: z.object({ contact: conversationName }),
  run: async (use, { contact }) => {
    const found = await findConversations(use, contact);
    return found.length === 0 ? 'Nobody fits.' : found.map(describe).join('\n\n');
  },
});

const ownConversation = defineTool({
  name: 'conversation_status',
  description: 'Tells whether this conversation is open, who answers it, and whether a person was called.',
  permission: 'conversations:read',
  audiences: ['contact'],
  confirmation: false,
  changes: false,
  othersWords: false,
  input: z.object({}),
  run: async (use) => {
    const { status, owner } = await findConversation(use, '');
    return asLines({ status, answered_by: owner.kind });
  },
});

const readStatus = defineTool({
  name: 'read_conversation_status',
  description: 'Tells the state of a conversation: its status, who answers it, when the last message came.',
  permission: 'conversations:read',
  audiences: ['member'],
  confirmation: false,
  changes: false,
  othersWords: true,
  input: z.object({ conversation: conversationName }),
  run: async (use, { conversation }) => describe(await findConversation(use, conversation)),
});

const setStatus = defineTool({
  name: 'set_conversation_status',
  description: 'Opens, archives or flags a conversation.',
  permission: 'conversations:write',
  audiences: ['member'],
  confirmation: false,
  changes: true,
  othersWords: true,
  input: z.object({
    conversation: conversationName,
    status: z.enum(['active', 'archived', 'flagged_for_review']),
  }),
  settle: settleConversation,
  run: async (use, { conversation, status }) => {
    const { id } = await findConversation(use, conversation);
    return describe(await changeConversation(use.ctx, id, { status }));
  },
});

/** Whoever composes the answer to a contact looks for it: the conversation is flagged with the answer. */
export const handOverTool = 'hand_over';

const handOver = defineTool({
  name: handOverTool,
  description:
    'Calls a person of the team into this conversation: use it when one is asked for, or only one can help.',
  permission: 'conversations:write',
  audiences: ['contact'],
  confirmation: false,
  changes: true,
  othersWords: false,
  input: z.object({}),
  run: async ({ ctx, audience }) => {
    if (audience.kind !== 'contact') throw new Error('this tool is a contact’s');
    await ctx.transaction(async (tx) => {
      await readConversation(tx, audience.conversationId);
      await flagConversation(tx, { conversationId: audience.conversationId, reason: 'handed_over' });
    });
    return 'A person of the team was called and will reply here. Tell them so in one friendly sentence.';
  },
});

const handOverConversation = defineTool({
  name: 'hand_over_conversation',
  description: 'Decides who answers a conversation: the assistant, the member who asks, or whoever takes it.',
  permission: 'conversations:write',
  audiences: ['member'],
  confirmation: false,
  changes: true,
  othersWords: true,
  input: z.object({ conversation: conversationName, to: z.enum(['assistant', 'me', 'nobody']) }),
  settle: settleConversation,
  run: async (use, { conversation, to }) => {
    const { id } = await findConversation(use, conversation);
    return describe(await changeConversation(use.ctx, id, { owner: { kind: to === 'me' ? 'member' : to } }));
  },
});

const writeDown = defineTool({
  name: 'create_note',
  description: 'Writes a note for the team into a conversation. The contact never sees it.',
  permission: 'conversations:write',
  audiences: ['member'],
  confirmation: false,
  changes: true,
  othersWords: true,
  input: z.object({ conversation: conversationName, body: z.string().trim().min(1).max(10_000) }),
  settle: settleConversation,
  run: async (use, { conversation, body }) => {
    const { id, contact } = await findConversation(use, conversation);
    const { id: note } = await createNote(use.ctx, id, { body });
    return asLines({ note, conversation: id, name: contact.name, number: contact.address });
  },
});

const body = z.string().trim().min(1).max(1_600).describe('The text, as the contact will read it.');
const at = z.iso.datetime({ offset: true }).describe('When, in ISO 8601 with an offset.');

const sendMessage = defineTool({
  name: 'send_message',
  description: 'Sends a message to a contact, once a member has confirmed it.',
  permission: 'messages:send',
  audiences: ['member'],
  confirmation: true,
  changes: true,
  othersWords: false,
  input: z.object({ conversation: conversationName, body }),
  settle: settleConversation,
  run: async ({ ctx }, { conversation, body: text }) => {
    const { id, status } = await writeMessage(ctx, { conversationId: conversation, body: text });
    return asLines({ message: id, status });
  },
});

const scheduleMessage = defineTool({
  name: 'schedule_message',
  description: 'Sends a message to a contact at a moment to come, once a member has confirmed it.',
  permission: 'messages:send',
  audiences: ['member'],
  confirmation: true,
  changes: true,
  othersWords: false,
  input: z.object({ conversation: conversationName, at, body }),
  settle: settleConversation,
  run: async ({ ctx }, { conversation, at: sendAt, body: text }) => {
    const { id, status } = await writeMessage(ctx, { conversationId: conversation, body: text, sendAt });
    return asLines({ message: id, status, at: sendAt });
  },
});

const reminderMsMax = 366 * 86_400_000;

const scheduleReminder = defineTool({
  name: 'schedule_reminder',
  description:
    'Reminds whoever writes here of something at a moment to come, once a member has confirmed it.',
  permission: 'messages:send',
  audiences: ['contact'],
  confirmation: true,
  changes: true,
  othersWords: false,
  input: z.object({ at, body }),
  settle: async ({ ctx, audience }, input) => {
    const aheadMs = new Date(input.at).getTime() - ctx.clock.now();
    if (aheadMs <= 0 || aheadMs > reminderMsMax)
      throw validationError('A reminder is for the future, at most a year ahead.');
    return { input, conversationId: audience.kind === 'contact' ? audience.conversationId : null };
  },
  // By the assistant: a member who confirms it does not take the conversation over.
  run: async ({ ctx, audience }, { at: sendAt, body: text }) => {
    if (audience.kind !== 'contact') throw new Error('this tool is a contact’s');
    const { conversationId } = audience;
    return ctx.transaction(async (tx) => {
      const { messageId } = await createOutboundMessage(tx, {
        conversationId,
        body: text,
        sender: { kind: 'assistant', id: null },
        sendAt: new Date(sendAt),
      });
      return asLines({ message: messageId, at: sendAt });
    });
  },
});

export const builtInTools: readonly Tool[] = [
  searchKnowledge,
  lookUpContact,
  ownConversation,
  readStatus,
  setStatus,
  handOver,
  handOverConversation,
  writeDown,
  sendMessage,
  scheduleMessage,
  scheduleReminder,
];
