// Turns the parameters of Twilio's webhooks into inbound events.
// https://www.twilio.com/docs/messaging/guides/webhook-request
// https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
import { z } from 'zod';
import {
  type DeliveryStatus,
  type InboundEvent,
  ProviderPayloadError,
  type WebhookAddress,
} from '../../modules/channels/adapter.ts';
import type { WebhookParameters } from './signature.ts';

/** Twilio takes at most 10 media in a message; a few more do no harm, thousands would. */
const mediaMax = 50;

const sid = z.string().regex(/^[A-Z]{2}[0-9a-fA-F]{32}$/);
const party = z.string().min(1).max(320);
const mediaUrl = z.url({ protocol: /^https?$/ });

const messageSchema = z.object({
  sid,
  From: party,
  To: party,
  // Present, and empty, in a message of pictures alone: a call without it is some other call.
  Body: z.string(),
  NumMedia: z.coerce.number().int().min(0).max(mediaMax).default(0),
});

const callbackSchema = z.object({
  sid,
  status: z.string().min(1).max(64),
  ErrorCode: z.string().max(64).optional(),
});

const statuses: Readonly<Record<string, DeliveryStatus>> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'sending',
  sent: 'sent',
  partially_delivered: 'sent',
  delivered: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  receiving: 'receiving',
  received: 'received',
  read: 'read',
  canceled: 'canceled',
};

/** Twilio's word for a message's status in ours; a word that Twilio adds later is `unknown`. */
export function toDeliveryStatus(providerStatus: string): DeliveryStatus {
  const word = providerStatus.toLowerCase();
  return Object.hasOwn(statuses, word) ? (statuses[word] ?? 'unknown') : 'unknown';
}

/**
 * An inbound message is told from a status callback by its shape, not by the hook that it came to: a number whose two
 * webhooks were mixed up still works. Inbound messages have SmsStatus `received` and no MessageStatus.
 */
function isCallback(parameters: WebhookParameters): boolean {
  const status = parameters.MessageStatus ?? parameters.SmsStatus;
  return status !== undefined && status !== 'received' && status !== 'receiving';
}

/** Newer name first: Twilio sends both, old callbacks only the second. */
function messageSid(parameters: WebhookParameters): unknown {
  return parameters.MessageSid ?? parameters.SmsSid ?? parameters.SmsMessageSid;
}

export function addressOf(parameters: WebhookParameters): WebhookAddress {
  const single = (name: string) => {
    const value = parameters[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    accountId: single('AccountSid'),
    address: single(isCallback(parameters) ? 'From' : 'To'),
    poolId: single('MessagingServiceSid'),
  };
}

/** @throws ProviderPayloadError */
export function keyOf(parameters: WebhookParameters): string {
  if (!isCallback(parameters)) return read(sid, messageSid(parameters));
  const callback = readCallback(parameters);
  return `${callback.sid}:${callback.status}`;
}

/**
 * @param url the URL that was called; its `reference` is as trustworthy as the body, for the signature covers both.
 * @throws ProviderPayloadError
 */
export function toInboundEvents(parameters: WebhookParameters, url: string): InboundEvent[] {
  if (isCallback(parameters)) {
    const callback = readCallback(parameters);
    return [
      {
        kind: 'status',
        providerId: callback.sid,
        status: toDeliveryStatus(callback.status),
        providerStatus: callback.status,
        // An absent code comes as nothing, as an empty string or as 0.
        errorCode: Number(callback.ErrorCode ?? 0) === 0 ? null : (callback.ErrorCode ?? null),
        reference: (URL.canParse(url) && new URL(url).searchParams.get('reference')) || null,
      },
    ];
  }
  const message = read(messageSchema, { ...parameters, sid: messageSid(parameters) });
  return [
    {
      kind: 'message',
      providerId: message.sid,
      from: message.From,
      to: message.To,
      body: storable(message.Body),
      media: Array.from({ length: message.NumMedia }, (_, index) => ({
        url: read(mediaUrl, parameters[`MediaUrl${index}`]),
        contentType: read(z.string().max(255).default(''), parameters[`MediaContentType${index}`]),
      })),
    },
  ];
}

function readCallback(parameters: WebhookParameters): z.infer<typeof callbackSchema> {
  return read(callbackSchema, {
    ...parameters,
    sid: messageSid(parameters),
    status: parameters.MessageStatus ?? parameters.SmsStatus,
  });
}

/** NUL and lone surrogates mean nothing in a text and cannot be stored as one; the raw payload keeps them. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

function read<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'parameter'))];
  // Names of fields only: their values are content.
  throw new ProviderPayloadError(`missing or wrong: ${fields.join(', ')}`);
}
