// One contact on one channel with one workspace: its state, its messages, and what the contact agreed to.
import { z } from 'zod';
import { aiConsentState } from './ai-consent.ts';
import { id, language, page, pageQuery, timestamp } from './common.ts';
import { mood } from './insights.ts';
import { message, messageDirection, messageStatus, senderKind } from './messages.ts';
import { policy } from './runs.ts';

export const conversationStatus = z.enum(['active', 'archived', 'flagged_for_review']);
export type ConversationStatus = z.infer<typeof conversationStatus>;

export const ownerKind = z.enum(['assistant', 'member', 'nobody']);
export type OwnerKind = z.infer<typeof ownerKind>;

export const conversation = z.object({
  id,
  channelId: id,
  contact: z.object({
    id,
    pointId: id,
    /** E.164, a short code or an alphanumeric sender. */
    address: z.string(),
    name: z.string().nullable(),
    /** Said STOP and has not taken it back. */
    optedOut: z.boolean(),
    /** Whether they agreed to be answered by a machine. */
    aiConsent: aiConsentState,
  }),
  status: conversationStatus,
  flagReason: z.string().nullable(),
  owner: z.object({ kind: ownerKind, id: z.string().nullable() }),
  /** Wins over the workspace's assistant here; null: the workspace's holds. */
  assistantPolicy: policy.nullable(),
  /** Its content reaches local models only. */
  private: z.boolean(),
  language,
  languageConfidence: z.number(),
  /** What the newest message that wants something that has a name wants. */
  intent: z.string().nullable(),
  /** How the contact has been of late; null: nothing says it yet. */
  mood: mood.nullable(),
  workflowType: z.string().nullable(),
  workflowId: z.string().nullable(),
  /** The contact's entry in the contact directory (the tenant link). */
  directory: z.object({
    status: z.enum(['unknown', 'linked', 'not_found', 'failed']),
    entryId: z.string().nullable(),
    name: z.string().nullable(),
    checkedAt: timestamp.nullable(),
  }),
  lastMessage: z
    .object({
      id,
      direction: messageDirection,
      senderKind,
      body: z.string(),
      status: messageStatus,
      createdAt: timestamp,
    })
    .nullable(),
  lastMessageAt: timestamp,
  lastInboundAt: timestamp.nullable(),
  /** Hidden from the open ones until then, or until the contact writes. */
  snoozedUntil: timestamp.nullable(),
  /** The contact wrote since the member who asks last looked. What is archived or snoozed is dealt with; false for API keys. */
  unread: z.boolean(),
  /** Drafts of the assistant that wait for a member. */
  draftCount: z.int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Conversation = z.infer<typeof conversation>;

export const conversationPage = page(conversation);

export const conversationDetail = conversation.extend({
  /** The newest ones, oldest first; `nextCursor` of `…/messages` goes on from there. */
  messages: z.array(message),
  messagesCursor: z.string().nullable(),
});
export type ConversationDetail = z.infer<typeof conversationDetail>;

export const conversationQuery = pageQuery.extend({
  status: conversationStatus.optional(),
  owner: ownerKind.optional(),
  /** A user's id; `me` for whoever asks. */
  ownerId: z.string().max(100).optional(),
  /** True: neither archived nor snoozed. */
  open: z.stringbool().optional(),
  snoozed: z.stringbool().optional(),
  /** With a draft that waits for approval. */
  draft: z.stringbool().optional(),
  unread: z.stringbool().optional(),
  /** A note calls whoever asks, and was not read by them yet. */
  mentioned: z.stringbool().optional(),
  channelId: id.optional(),
  language: language.optional(),
  intent: z.string().max(60).optional(),
  mood: mood.optional(),
  workflowType: z.string().max(100).optional(),
  workflowId: z.string().max(200).optional(),
  updatedSince: z.iso.datetime({ offset: true }).optional(),
});
export type ConversationQuery = z.infer<typeof conversationQuery>;

const name = (lengthMax: number) => z.string().trim().min(1).max(lengthMax);

/** What is absent stays as it is. */
export const changeConversation = z
  .object({
    status: conversationStatus.optional(),
    /** `assistant` hands back; `member` without an id is whoever asks. */
    owner: z.object({ kind: ownerKind, id: z.string().max(100).optional() }).optional(),
    assistantPolicy: policy.nullable().optional(),
    private: z.boolean().optional(),
    language: language.optional(),
    workflowType: name(100).nullable().optional(),
    workflowId: name(200).nullable().optional(),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    error: 'says nothing to change',
  });
export type ChangeConversation = z.infer<typeof changeConversation>;

export const consent = z.object({
  contactPointId: id,
  optedOut: z.boolean(),
  optedOutAt: timestamp.nullable(),
  /** The ledger, newest first. */
  events: z.array(
    z.object({
      id,
      action: z.enum(['opt_out', 'opt_in', 'help']),
      /** `kept`: it was known of this address from before its contact was erased. */
      source: z.enum(['keyword', 'provider', 'member', 'kept']),
      channelId: id.nullable(),
      /** The proof: the message that said it, and the word that was read in it. */
      messageId: id.nullable(),
      keyword: z.string().nullable(),
      reason: z.string().nullable(),
      actor: z.object({ kind: z.string(), id: z.string().nullable() }),
      occurredAt: timestamp,
    }),
  ),
});
export type Consent = z.infer<typeof consent>;

export const recordConsent = z.object({ optedOut: z.boolean(), reason: z.string().trim().min(3).max(500) });
export type RecordConsent = z.infer<typeof recordConsent>;
