// The realtime socket, `/api/v1/realtime`: the event log as it grows, and what is only live and never logged.
//
// The log is the truth: a client says which sequence it has read, gets everything after it, in order and once, and stays.
// Live frames (who is typing, what the assistant is writing) may be lost and are worth nothing a moment later.
import { z } from 'zod';
import { id } from './common.ts';
import { event } from './events.ts';

/** What the client says. */
export const clientFrame = z.discriminatedUnion('type', [
  /** First of all, where the connection itself could not carry credentials (no cookie, no header). */
  z.object({ type: z.literal('authenticate'), token: z.string().min(1).max(500) }),
  /** Send the log from here. `null`: from now on. Once per connection. */
  z.object({ type: z.literal('subscribe'), after: z.int().min(0).nullable() }),
  /** The member is writing in a conversation; true again every few seconds for as long as that holds. */
  z.object({ type: z.literal('typing'), conversationId: id, active: z.boolean() }),
  z.object({ type: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;

/** Live, unlogged. A frame replaces the one before it of the same kind and conversation, but for those of a chat. */
export const liveFrame = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('member_typing'), conversationId: id, userId: z.string(), active: z.boolean() }),
  z.object({
    kind: z.literal('assistant_writing'),
    conversationId: id,
    runId: id,
    /** All that it has written so far; null: it has begun and written nothing yet. */
    text: z.string().nullable(),
    /** False: it is done, or gave up. */
    active: z.boolean(),
  }),
  /**
   * What the assistant has written on in a chat: `text` stands at `offset` of all that this take of the answer has written,
   * in UTF-16 code units. Whoever knows less than `offset` reads the message. Only to the chat's member.
   */
  z.object({
    kind: z.literal('chat_writing'),
    chatId: id,
    messageId: id,
    take: z.int().min(0),
    offset: z.int().min(0),
    text: z.string(),
  }),
  /** There is news of a chat, a message of it, or a file: read it again. Only to the chat's member. */
  z.object({
    kind: z.literal('chat_changed'),
    chatId: id.nullable(),
    messageId: id.nullable(),
    fileId: id.nullable(),
  }),
  /** A handset of the simulated phone has something new. */
  z.object({ kind: z.literal('phone_changed'), handset: z.string() }),
]);
export type LiveFrame = z.infer<typeof liveFrame>;

/** What the server says. */
export const serverFrame = z.discriminatedUnion('type', [
  /**
   * The subscription stands; the events after `after` follow. `head`: the newest sequence at this moment. An `after`
   * below the one that was asked for means that the log is another one (a restored one): what is known is worth nothing.
   */
  z.object({ type: z.literal('ready'), workspaceId: id, after: z.int().min(0), head: z.int().min(0) }),
  /** In the order of their sequence. `through`: what is read with them, also when none of them may be seen (no items). */
  z.object({ type: z.literal('events'), items: z.array(event), through: z.int().min(0) }),
  z.object({ type: z.literal('live'), frame: liveFrame }),
  z.object({ type: z.literal('pong') }),
  /** This process stops: close, and come back at a moment chosen at random within `spreadMs`. */
  z.object({ type: z.literal('leaving'), spreadMs: z.int().min(0) }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;
