// Channels: connected addresses, how they feel, and the numbers that can be rented for them.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

/** ISO 3166-1 alpha-2. */
const country = z
  .string()
  .regex(/^[A-Za-z]{2}$/, 'is a country code of two letters')
  .transform((value) => value.toUpperCase());
const name = z.string().trim().min(1).max(100);
const sendsPerSecond = z.number().positive().max(10_000).nullable();
/** What the provider asks for, by its own names; never sent back. */
const credentials = z.record(z.string().max(100), z.string().min(1).max(2000));

/** `needs_attention`: the provider refuses the credentials or the setup, and a person must mend that. */
export const channelStatus = z.enum(['active', 'paused', 'needs_attention']);
export type ChannelStatus = z.infer<typeof channelStatus>;

/** What is wrong, and what to do about it, in plain words. */
export const explanation = z.object({ message: z.string(), action: z.string() });
export type Explanation = z.infer<typeof explanation>;

export const channel = z.object({
  id,
  provider: z.string(),
  name: z.string(),
  /** E.164, a short code or an alphanumeric sender. */
  address: z.string(),
  /** The pool that the address is in, e.g. Twilio's MessagingServiceSid. */
  poolId: z.string().nullable(),
  /** The provider's account, e.g. Twilio's AccountSid. */
  accountId: z.string(),
  /** By which national numbers are read. */
  country: z.string().nullable(),
  status: channelStatus,
  /** The provider's error code behind `needs_attention`. */
  statusCode: z.string().nullable(),
  /** Sends (on SMS: segments) a second that the carrier takes from this address; null: no limit of ours. */
  sendsPerSecond,
  capabilities: z.object({
    media: z.boolean(),
    bodyLengthMax: z.number().int(),
    numbers: z.boolean(),
    segments: z.boolean(),
  }),
  /** Where the provider must call. */
  webhooks: z.object({ inbound: z.url(), status: z.url() }),
  /** An earlier set of credentials still verifies webhooks, until it is removed. */
  hasPreviousCredentials: z.boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Channel = z.infer<typeof channel>;
export const channelPage = page(channel);

export const createChannel = z.object({
  provider: z.string().min(1).max(50),
  name: name.optional(),
  /** A number in E.164 (or written nationally, with `country`), a short code or an alphanumeric sender. */
  address: z.string().trim().min(1).max(100),
  poolId: z.string().trim().min(1).max(100).optional(),
  country: country.optional(),
  sendsPerSecond: sendsPerSecond.optional(),
  credentials,
  /** Points the number's webhooks at this installation. */
  configureWebhooks: z.boolean().default(false),
});
export type CreateChannel = z.input<typeof createChannel>;

export const changeChannel = z
  .object({
    name,
    poolId: z.string().trim().min(1).max(100).nullable(),
    country: country.nullable(),
    sendsPerSecond,
    status: z.enum(['active', 'paused']),
  })
  .partial();
export type ChangeChannel = z.infer<typeof changeChannel>;

/** The credentials before these stay valid for webhooks until they are removed, so that nothing is lost in between. */
export const replaceCredentials = z.object({ credentials });
export type ReplaceCredentials = z.infer<typeof replaceCredentials>;

export const finding = explanation.extend({
  level: z.enum(['ok', 'warning', 'error']),
  /** Stable; safe to branch on. */
  code: z.string(),
});
export type Finding = z.infer<typeof finding>;

/** What a test of a channel found; nothing is sent for it. `ok` is false when a finding is an error. */
export const channelTest = z.object({ ok: z.boolean(), findings: z.array(finding) });
export type ChannelTest = z.infer<typeof channelTest>;

/** Webhook calls that were refused: counted and explained, their content never kept. */
export const refusal = explanation.extend({
  /** The last part of the webhook's path. */
  hook: z.string(),
  reason: z.enum(['wrong_signature', 'wrong_url', 'missing_signature', 'unreadable', 'unknown_number']),
  count: z.number().int(),
  lastAt: timestamp,
});
export type Refusal = z.infer<typeof refusal>;

export const channelHealth = z.object({
  status: channelStatus,
  /** Why the channel needs attention. */
  explanation: explanation.nullable(),
  lastInboundAt: timestamp.nullable(),
  lastOutboundAt: timestamp.nullable(),
  /** Webhook calls in the journal that wait, and that could not be understood. */
  deliveries: z.object({ waiting: z.number().int(), failed: z.number().int() }),
  refusals: z.array(refusal),
  /** `open`: after repeated failures calls to the provider pause for a while. */
  breaker: z.enum(['closed', 'open', 'half_open']),
  provider: z.object({ reachable: z.boolean().nullable(), checkedAt: timestamp.nullable() }),
  webhooks: channel.shape.webhooks,
});
export type ChannelHealth = z.infer<typeof channelHealth>;

const phoneNumber = z.string().regex(/^\+[1-9]\d{6,14}$/, 'is a number in E.164');
const numberCapabilities = z.object({ sms: z.boolean(), mms: z.boolean(), voice: z.boolean() });

export const searchNumbers = z.object({
  /** The channel whose provider account is asked. */
  channelId: id,
  country,
  /** Digits that the number has somewhere; `*` stands for any digit. */
  contains: z
    .string()
    .regex(/^[\d*]{1,15}$/)
    .optional(),
  areaCode: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});
export type SearchNumbers = z.input<typeof searchNumbers>;

export const availableNumbers = z.object({
  items: z.array(
    z.object({
      phoneNumber,
      label: z.string(),
      country: z.string().nullable(),
      capabilities: numberCapabilities,
    }),
  ),
});
export type AvailableNumbers = z.infer<typeof availableNumbers>;

export const accountQuery = z.object({ channelId: id });

/** The numbers that the provider's account has, connected here or not. */
export const accountNumbers = z.object({
  items: z.array(
    z.object({
      providerId: z.string(),
      phoneNumber: z.string(),
      label: z.string(),
      country: z.string().nullable(),
      capabilities: numberCapabilities,
      channelId: id.nullable(),
    }),
  ),
});
export type AccountNumbers = z.infer<typeof accountNumbers>;

/** A number that was rented through Parley, from the order to its release. */
export const ghostNumber = z.object({
  id,
  provider: z.string(),
  phoneNumber: z.string(),
  name: z.string().nullable(),
  status: z.enum(['pending', 'bought', 'failed', 'releasing', 'released']),
  /** Its channel, once it was bought. */
  channelId: id.nullable(),
  errorCode: z.string().nullable(),
  explanation: explanation.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type GhostNumber = z.infer<typeof ghostNumber>;
export const ghostNumberPage = page(ghostNumber);

export const buyNumber = z.object({
  /** The channel whose account and credentials rent the number. */
  channelId: id,
  phoneNumber,
  name: name.optional(),
  sendsPerSecond: sendsPerSecond.optional(),
});
export type BuyNumber = z.infer<typeof buyNumber>;

/** What a provider's account has, before any channel stands on it. */
export const inspectAccount = z.object({ provider: z.string().min(1).max(50), credentials });
export type InspectAccount = z.infer<typeof inspectAccount>;

/** `numbers` is null when the account cannot be read; `finding` says why. */
export const inspectedAccount = z.object({
  ok: z.boolean(),
  accountName: z.string().nullable(),
  finding: finding.nullable(),
  numbers: z
    .array(
      z.object({
        phoneNumber: z.string(),
        label: z.string(),
        country: z.string().nullable(),
        capabilities: numberCapabilities,
        /** Connected in this workspace already. */
        channelId: id.nullable(),
      }),
    )
    .nullable(),
});
export type InspectedAccount = z.infer<typeof inspectedAccount>;
