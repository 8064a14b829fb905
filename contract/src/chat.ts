// Chats: what a member and the assistant say to each other in the app. They are that member's alone.
import { z } from 'zod';
import { id, page, pageQuery, timestamp } from './common.ts';
import { modelReason, readPassage } from './runs.ts';
import { toolStep } from './tools.ts';

export const chatTextLengthMax = 20_000;
export const chatTitleLengthMax = 200;
/** Files of one message. */
export const chatFilesMax = 5;
/** Messages of one chat, all its branches together. */
export const chatMessagesMax = 1000;

export const chatFile = z.object({
  id,
  name: z.string(),
  /** As its bytes say. */
  contentType: z.string(),
  bytes: z.number().int(),
  /** A document is read as text; a picture is shown to models that can see. */
  kind: z.enum(['document', 'picture']),
  state: z.enum(['storing', 'reading', 'ready', 'failed']),
  /** Why it could not be read, or not all of it. */
  error: z.object({ code: z.string(), message: z.string(), page: z.number().int().optional() }).nullable(),
});
export type ChatFile = z.infer<typeof chatFile>;

export const chatMessageState = z.enum([
  'done',
  /** An answer that nobody has begun yet. */
  'waiting',
  'writing',
  /** The member stopped it. */
  'stopped',
  /** It has no end: whoever wrote it is gone and nobody could go on, or it was longer than a model may write. */
  'cut',
  'failed',
]);
export type ChatMessageState = z.infer<typeof chatMessageState>;

export const chatNotice = z.enum([
  /** What it wrote first was lost with the process that wrote it. */
  'begun_again',
  /** The built-in model found nothing in the knowledge. */
  'nothing_found',
  /** No model that can see pictures is set up. */
  'picture_not_seen',
  /** A file, or what was said long ago, was too long to be read as a whole. */
  'not_all_read',
  /** A file could not be read. */
  'file_not_read',
]);
export type ChatNotice = z.infer<typeof chatNotice>;

export const chatMessage = z.object({
  id,
  chatId: id,
  /** What it follows; null for the first one. */
  parentId: id.nullable(),
  role: z.enum(['member', 'assistant']),
  /** Markdown. Of an answer that is being written: what there is so far. */
  text: z.string(),
  state: chatMessageState,
  /** Counts how often the answer was begun. A later beginning replaces what an earlier one wrote. */
  take: z.number().int(),
  /** Itself and the other ways on from its parent, oldest first. */
  siblings: z.array(id),
  files: z.array(chatFile),
  /** The tools that were called for it, in order. */
  steps: z.array(toolStep),
  notices: z.array(chatNotice),
  model: z.string().nullable(),
  reasons: z.array(modelReason),
  readPassages: z.array(readPassage),
  /** Null where nobody counted. */
  inputTokens: z.number().int().nullable(),
  outputTokens: z.number().int().nullable(),
  costMicros: z.number().int().nullable(),
  durationMs: z.number().int().nullable(),
  /** `budget_exhausted`, `private_content`, `no_model`, `gave_up`. */
  errorCode: z.string().nullable(),
  createdAt: timestamp,
});
export type ChatMessage = z.infer<typeof chatMessage>;

export const chat = z.object({
  id,
  title: z.string(),
  createdAt: timestamp,
  /** When something was last said. */
  updatedAt: timestamp,
});
export type Chat = z.infer<typeof chat>;

export const chatPage = page(chat);
export type ChatPage = z.infer<typeof chatPage>;
/** `query`: words of the title. */
export const chatQuery = pageQuery.extend({ query: z.string().trim().max(200).optional() });
export type ChatQuery = z.infer<typeof chatQuery>;

/** A chat with the branch that is chosen, from the first message on. */
export const chatDetail = chat.extend({ messages: z.array(chatMessage) });
export type ChatDetail = z.infer<typeof chatDetail>;

const said = z.object({
  text: z.string().trim().max(chatTextLengthMax).default(''),
  /** Files uploaded before (`POST /api/v1/chat-files`). */
  fileIds: z.array(id).max(chatFilesMax).default([]),
});
const isSomething = ({ text, fileIds }: z.infer<typeof said>) => text !== '' || fileIds.length > 0;
const problem = { error: 'has neither words nor a file', path: ['text'] };

export const startChat = said.refine(isSomething, problem);
export type StartChat = z.infer<typeof startChat>;

/** `parentId`: the answer that it follows; null: it stands at the beginning, beside the first message. */
export const sayInChat = said.extend({ parentId: id.nullable() }).refine(isSomething, problem);
export type SayInChat = z.infer<typeof sayInChat>;

export const changeChat = z.object({ title: z.string().trim().min(1).max(chatTitleLengthMax) });
export type ChangeChat = z.infer<typeof changeChat>;
