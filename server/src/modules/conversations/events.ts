// What conversations tell the workspace's log: ids and states, never content or addresses.
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';

export const conversationCreated = defineEvent({
  type: 'conversation.created',
  doc: 'A contact and a channel met for the first time.',
  permission: 'conversations:read',
  payload: z.object({ conversationId: z.uuid(), channelId: z.uuid(), contactId: z.uuid() }),
});

export const conversationChanged = defineEvent({
  type: 'conversation.changed',
  doc: 'Status, owner, policy, snooze, language, intent, mood, contact or links of a conversation changed; `changed` names the fields.',
  permission: 'conversations:read',
  payload: z.object({ conversationId: z.uuid(), changed: z.array(z.string()) }),
});

export const messageReceived = defineEvent({
  type: 'message.received',
  doc: 'A contact said something. `answerable` is false for opt-out keywords and for contacts who are opted out.',
  permission: 'conversations:read',
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
  permission: 'conversations:read',
  payload: z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    direction: z.enum(['inbound', 'outbound']),
    senderKind: z.enum(['contact', 'assistant', 'member', 'system']),
    status: z.string(),
  }),
});

export const messageEdited = defineEvent({
  type: 'message.edited',
  doc: 'A draft has another text.',
  permission: 'conversations:read',
  payload: z.object({ messageId: z.uuid(), conversationId: z.uuid() }),
});

export const messageStatusChanged = defineEvent({
  type: 'message.status_changed',
  doc: "An outbound message's delivery state moved forward.",
  permission: 'conversations:read',
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
  permission: 'conversations:read',
  payload: z.object({ mediaId: z.uuid(), messageId: z.uuid(), status: z.enum(['stored', 'failed']) }),
});

export const consentChanged = defineEvent({
  type: 'consent.changed',
  doc: 'A contact point was opted out or in; the consent ledger has the proof.',
  permission: 'conversations:read',
  payload: z.object({
    contactPointId: z.uuid(),
    action: z.enum(['opt_out', 'opt_in']),
    source: z.enum(['keyword', 'provider', 'member', 'kept']),
  }),
  audit: { target: 'contact_point', id: 'contactPointId' },
});

export const aiConsentChanged = defineEvent({
  type: 'ai_consent.changed',
  doc: 'A contact agreed to be answered by a machine, refused it, or it is unknown again.',
  permission: 'conversations:read',
  payload: z.object({
    contactId: z.uuid(),
    consent: z.enum(['unknown', 'granted', 'refused']),
    source: z.enum(['keyword', 'member', 'kept']),
  }),
  audit: { target: 'contact', id: 'contactId' },
});

export const conversationRead = defineEvent({
  type: 'conversation.read',
  doc: 'A member read a conversation, or marked it as unread.',
  permission: 'conversations:read',
  payload: z.object({ conversationId: z.uuid(), userId: z.string(), read: z.boolean() }),
});

export const noteCreated = defineEvent({
  type: 'note.created',
  doc: 'Somebody wrote a note in a conversation; `mentions` are the members whom it calls.',
  permission: 'conversations:read',
  payload: z.object({
    noteId: z.uuid(),
    conversationId: z.uuid(),
    authorId: z.string(),
    mentions: z.array(z.string()),
  }),
});

export const noteChanged = defineEvent({
  type: 'note.changed',
  doc: 'A note was written anew; `mentions` are the members whom it calls and did not call before.',
  permission: 'conversations:read',
  payload: z.object({ noteId: z.uuid(), conversationId: z.uuid(), mentions: z.array(z.string()) }),
});

export const noteDeleted = defineEvent({
  type: 'note.deleted',
  doc: 'A note was removed.',
  permission: 'conversations:read',
  payload: z.object({ noteId: z.uuid(), conversationId: z.uuid() }),
});

export const viewSaved = defineEvent({
  type: 'view.saved',
  doc: 'A saved view was made or changed. `shared`: everybody has it, or had it before.',
  permission: 'conversations:read',
  payload: z.object({ viewId: z.uuid(), shared: z.boolean() }),
});

export const viewDeleted = defineEvent({
  type: 'view.deleted',
  doc: 'A saved view was removed.',
  permission: 'conversations:read',
  payload: z.object({ viewId: z.uuid() }),
});

export const quickReplySaved = defineEvent({
  type: 'quick_reply.saved',
  doc: 'A quick reply was made or changed.',
  permission: 'conversations:read',
  payload: z.object({ quickReplyId: z.uuid() }),
});

export const quickReplyDeleted = defineEvent({
  type: 'quick_reply.deleted',
  doc: 'A quick reply was removed.',
  permission: 'conversations:read',
  payload: z.object({ quickReplyId: z.uuid() }),
});

export const contactChanged = defineEvent({
  type: 'contact.changed',
  doc: 'A contact got another name.',
  permission: 'conversations:read',
  payload: z.object({ contactId: z.uuid() }),
});
