// What members do around a conversation: notes to colleagues, snoozing, reading, saved views, quick replies, search.
import { z } from 'zod';
import { actor, displayName, id, language, page, pageQuery, timestamp } from './common.ts';
import { conversation, conversationStatus, ownerKind } from './conversations.ts';
import { mood } from './insights.ts';
import { message } from './messages.ts';

export const noteLengthMax = 10_000;

/** Said among members; the contact never sees it. */
export const note = z.object({
  id,
  conversationId: id,
  /** A user's id, or an API key's. */
  authorId: z.string(),
  body: z.string(),
  /** The members (user ids) that it calls. */
  mentions: z.array(z.string()),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Note = z.infer<typeof note>;

export const writeNote = z.object({
  body: z.string().trim().min(1).max(noteLengthMax),
  mentions: z.array(z.string().max(100)).max(50).default([]),
});
export type WriteNote = z.input<typeof writeNote>;

/** What the system or a member did with a conversation: the thread's muted lines. */
export const activity = z.object({
  id,
  conversationId: id,
  kind: z.enum([
    'taken_over',
    'handed_back',
    'assigned',
    'released',
    'archived',
    'reopened',
    'flagged',
    'snoozed',
    'woken',
    'opted_out',
    'opted_in',
    'ai_consent_changed',
    'policy_changed',
    'privacy_changed',
    'language_changed',
  ]),
  actor,
  /**
   * By kind: the user id of who it was `assigned` to; until when it is `snoozed`; the new policy (null: the workspace's);
   * `private` or null; the new language; why it was `flagged` (a code); what `opted_out` or `opted_in`: `keyword`,
   * `provider` or `member`.
   */
  detail: z.string().nullable(),
  occurredAt: timestamp,
});
export type Activity = z.infer<typeof activity>;

export const timelineItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), at: timestamp, message }),
  z.object({ kind: z.literal('note'), at: timestamp, note }),
  z.object({ kind: z.literal('activity'), at: timestamp, activity }),
]);
export type TimelineItem = z.infer<typeof timelineItem>;

/** Messages, notes and activities of a conversation in one order, newest first. */
export const timelinePage = page(timelineItem);
export type TimelinePage = z.infer<typeof timelinePage>;

/** In the future, at most a year ahead. An inbound message wakes it sooner; what is archived comes back from there. */
export const snooze = z.object({ until: z.iso.datetime({ offset: true }) });

/** `false` marks it unread again, from its newest inbound message on. */
export const readMark = z.object({
  read: z.boolean(),
  /** With `read`: up to what was on the screen, the `createdAt` of its newest message. Absent: all that there is. */
  through: z.iso.datetime({ offset: true }).optional(),
});
export type ReadMark = z.infer<typeof readMark>;

/**
 * How many conversations there are in each place, up to 1000 (which then means "1000 or more"). Each is the length of the
 * list with the query that stands at it.
 */
export const inboxCounts = z.object({
  /** `open=true` */
  open: z.int(),
  /** `open=true&ownerId=me` */
  mine: z.int(),
  /** `open=true&owner=nobody` */
  unassigned: z.int(),
  /** `open=true&owner=assistant` */
  assistant: z.int(),
  /** `draft=true` */
  drafts: z.int(),
  /** `status=flagged_for_review` */
  flagged: z.int(),
  /** `snoozed=true` */
  snoozed: z.int(),
  /** `open=true&unread=true` */
  unread: z.int(),
  /** `mentioned=true` */
  mentioned: z.int(),
});
export type InboxCounts = z.infer<typeof inboxCounts>;

/** What a view shows; the same words as the query of the list. */
export const viewFilters = z.object({
  status: conversationStatus.optional(),
  open: z.boolean().optional(),
  owner: ownerKind.optional(),
  /** `me`: whoever looks. */
  ownerId: z.string().max(100).optional(),
  draft: z.boolean().optional(),
  snoozed: z.boolean().optional(),
  unread: z.boolean().optional(),
  mentioned: z.boolean().optional(),
  channelId: id.optional(),
  language: language.optional(),
  intent: z.string().max(60).optional(),
  mood: mood.optional(),
});
export type ViewFilters = z.infer<typeof viewFilters>;

export const view = z.object({
  id,
  name: z.string(),
  filters: viewFilters,
  /** Everybody in the workspace has it; otherwise it is its maker's alone. */
  shared: z.boolean(),
  ownerId: z.string().nullable(),
  createdAt: timestamp,
});
export type View = z.infer<typeof view>;
export const viewList = z.object({ items: z.array(view) });
export const writeView = z.object({
  name: displayName(60),
  filters: viewFilters,
  shared: z.boolean().default(false),
});
export type WriteView = z.input<typeof writeView>;

/** `{{contact.name}}`, `{{contact.address}}`, `{{member.name}}` and `{{workspace.name}}` are filled in where it is used. */
export const quickReply = z.object({
  id,
  /** Typed after a `/` in the compose box. */
  shortcut: z.string(),
  body: z.string(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type QuickReply = z.infer<typeof quickReply>;
export const quickReplyList = z.object({ items: z.array(quickReply) });
export const writeQuickReply = z.object({
  shortcut: z
    .string()
    .trim()
    .regex(/^[\p{L}\p{N}_-]{1,40}$/u, 'has letters, digits, - and _, 40 at most'),
  body: z.string().trim().min(1).max(1600),
});
export type WriteQuickReply = z.infer<typeof writeQuickReply>;

export const contact = z.object({ id, name: z.string().nullable() });
export type Contact = z.infer<typeof contact>;
export const changeContact = z.object({ name: z.string().trim().min(1).max(200).nullable() });
export type ChangeContact = z.infer<typeof changeContact>;

export const searchQuery = pageQuery.extend({
  /** Words; the last one may be the beginning of one. A telephone number or a part of four digits or more. */
  q: z.string().trim().min(1).max(200),
});
export type SearchQuery = z.infer<typeof searchQuery>;

/** Newest first. `message` or `note`: where the words were found; both null when it is the contact that fits. */
export const searchHit = z.object({
  conversation,
  message: message.nullable(),
  note: note.nullable(),
});
export type SearchHit = z.infer<typeof searchHit>;
export const searchPage = page(searchHit);
