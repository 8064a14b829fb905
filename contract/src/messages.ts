// One thing said, in or out: what it is, what became of it, and what may be asked of it.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

/** A message's life. It only moves forward; see `docs/architecture.md`. */
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
export const messageBody = z.string().min(1).max(bodyLengthMax);

export const messageMedium = z.object({
  id,
  contentType: z.string(),
  bytes: z.number().int().nullable(),
  /** Its file is at `/api/v1/media/{id}` once it is `stored`. */
  status: z.enum(['pending', 'stored', 'failed']),
  errorCode: z.string().nullable(),
});

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
    body: messageBody,
    /** In the future, at most a year ahead. */
    sendAt: z.iso.datetime({ offset: true }).optional(),
  })
  .refine((input) => (input.to === undefined) !== (input.conversationId === undefined), {
    error: 'name either `to` or `conversationId`',
    path: ['to'],
  });
export type CreateMessage = z.infer<typeof createMessage>;

export const changeDraft = z.object({ body: messageBody });
