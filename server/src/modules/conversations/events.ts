// What conversations tell the workspace's log: ids and states, never content or addresses.
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';

export const conversationCreated = defineEvent({
  type: 'conversation.created',
  doc: 'A contact and a channel met for the first time.',
  payload: z.object({ conversationId: z.uuid(), channelId: z.uuid(), contactId: z.uuid() }),
});

export const conversationChanged = defineEvent({
  type: 'conversation.changed',
  doc: 'Status, owner, policy, language or links of a conversation changed; `changed` names the fields.',
  payload: z.object({ conversationId: z.uuid(), changed: z.array(z.string()) }),
});

export const messageReceived = defineEvent({
  type: 'message.received',
  doc: 'A contact said something. `answerable` is false for opt-out keywords and for contacts who are opted out.',
  payload: z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    channelId: z.uuid(),
    contactId: z.uuid(),
    answerable: z.boolean(),
  }),
});

export const messageCreated = defineEvent({
  type: 'message.created',
  doc: 'A message exists: one that came in, one to send, or a draft.',
  payload: z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    direction: z.enum(['inbound', 'outbound']),
    senderKind: z.enum(['contact', 'assistant', 'member', 'system']),
    status: z.string(),
  }),
});

export const messageStatusChanged = defineEvent({
  type: 'message.status_changed',
  doc: "An outbound message's delivery state moved forward.",
  payload: z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    status: z.string(),
    previous: z.string(),
    errorCode: z.string().nullable(),
  }),
});

export const mediaSettled = defineEvent({
  type: 'message.media_settled',
  doc: 'A file of an inbound message was stored, or could not be fetched for good.',
  payload: z.object({ mediaId: z.uuid(), messageId: z.uuid(), status: z.enum(['stored', 'failed']) }),
});

export const consentChanged = defineEvent({
  type: 'consent.changed',
  doc: 'A contact point was opted out or in; the consent ledger has the proof.',
  payload: z.object({
    contactPointId: z.uuid(),
    action: z.enum(['opt_out', 'opt_in']),
    source: z.enum(['keyword', 'provider', 'member']),
  }),
});
