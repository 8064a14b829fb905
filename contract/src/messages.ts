// One thing said, in or out: what it is, what became of it, and what may be asked of it.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

/** A message's life. An outbound one only moves forward; `docs/reliability.md` promises it. */
export const messageStatus = z.enum([
  'draft',
  'pending',
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'failed',
  'receiving',
  'received',
  'read',
  'canceled',
  'unknown',
]);
export type MessageStatus = z.infer<typeof messageStatus>;

export const messageDirection = z.enum(['inbound', 'outbound']);
export const senderKind = z.enum(['contact', 'assistant', 'member', 'system']);
export type SenderKind = z.infer<typeof senderKind>;

/** Longest text that one message takes, in UTF-16 code units: Twilio's limit. */
export const bodyLengthMax = 1600;
/** Carriers refuse what nobody can see. */
const hasWords = (text: string) => /[^\s\p{Cc}\p{Cf}]/u.test(text);

/** Files of one message; together they have 5 MB at most. */
export const mediaCountMax = 10;
export const mediaBytesMax = 5 * 1024 * 1024;
/** What may be sent, told by the bytes of a file and not by its name. */
export const sendableMediaTypes = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'application/pdf',
  'text/vcard',
  'audio/mpeg',
  'video/mp4',
] as const;

export const messageMedium = z.object({
  id,
  contentType: z.string(),
  bytes: z.number().int().nullable(),
  /** Its file is at `/api/v1/media/{id}` once it is `stored`. */
  status: z.enum(['pending', 'stored', 'failed']),
  errorCode: z.string().nullable(),
});
export type MessageMedium = z.infer<typeof messageMedium>;

/** Why something did not work, in words for a person. */
export const failure = z.object({ code: z.string(), message: z.string(), action: z.string() });
export type Failure = z.infer<typeof failure>;

export const message = z.object({
  id,
  conversationId: id,
  channelId: id,
  direction: messageDirection,
  sender: z.object({ kind: senderKind, id: z.string().nullable() }),
  /** The provider's own id of it. */
  providerId: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  body: z.string(),
  status: messageStatus,
  failure: failure.nullable(),
  encoding: z.enum(['GSM-7', 'UCS-2']),
  segments: z.number().int(),
  /** In millionths of the currency (ISO 4217), once the provider has told it. */
  price: z.object({ micros: z.number().int(), currency: z.string() }).nullable(),
  media: z.array(messageMedium),
  /** The assistant's run that wrote it. */
  runId: id.nullable(),
  sendAt: timestamp.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Message = z.infer<typeof message>;

export const messagePage = page(message);

export const statusEvent = z.object({
  id,
  /** The attempt that it belongs to. */
  attempt: z.number().int(),
  /** `unknown` for a word of the provider's that has no meaning here: kept as history. */
  status: messageStatus,
  providerStatus: z.string(),
  errorCode: z.string().nullable(),
  source: z.enum(['callback', 'answer', 'lookup', 'parley']),
  occurredAt: timestamp,
});

export const attempt = z.object({
  number: z.number().int(),
  /** `lost`: the provider was asked, and does not have it. */
  state: z.enum(['waiting', 'calling', 'accepted', 'refused', 'unknown', 'lost']),
  failure: failure.nullable(),
  providerId: z.string().nullable(),
  /** Who asked for it. */
  actor: z.object({ kind: z.string(), id: z.string().nullable() }),
  requestedAt: timestamp,
  startedAt: timestamp.nullable(),
  finishedAt: timestamp.nullable(),
});

export const messageDetail = message.extend({
  events: z.array(statusEvent),
  attempts: z.array(attempt),
});
export type MessageDetail = z.infer<typeof messageDetail>;

export const createMessage = z
  .object({
    /** A telephone number; national ones are read in the channel's country. */
    to: z.string().trim().min(1).max(100).optional(),
    conversationId: id.optional(),
    /** Which channel to send from with `to`; the workspace's first one when absent. */
    channelId: id.optional(),
    /** May be absent where there are files. */
    body: z.string().max(bodyLengthMax).default(''),
    /** In the future, at most a year ahead. */
    sendAt: z.iso.datetime({ offset: true }).optional(),
    /**
     * Holds it back this long, in which it can be canceled ("undo"). Whoever sends it takes the conversation over at once;
     * once canceled it is gone from the thread, and the conversation is with whom it was, if nothing else happened.
     * Not together with `sendAt`.
     */
    holdSeconds: z.int().min(0).max(60).optional(),
    /** Files uploaded before (`POST /api/v1/media`), each sent once, where the channel has media. */
    mediaIds: z.array(id).max(mediaCountMax).optional(),
  })
  .refine((input) => hasWords(input.body) || (input.mediaIds ?? []).length > 0, {
    error: 'has neither words nor a file',
    path: ['body'],
  })
  .refine((input) => (input.to === undefined) !== (input.conversationId === undefined), {
    error: 'name either `to` or `conversationId`',
    path: ['to'],
  })
  .refine((input) => input.sendAt === undefined || input.holdSeconds === undefined, {
    error: 'goes without `sendAt`',
    path: ['holdSeconds'],
  });
export type CreateMessage = z.infer<typeof createMessage>;

export const changeDraft = z.object({
  body: z.string().max(bodyLengthMax).refine(hasWords, { error: 'has no words' }),
});

/** `body`: what whoever approves has read. A draft that says something else by now stays one. Absent: whatever it says. */
export const approval = z.object({ body: z.string().optional() }).nullish();
