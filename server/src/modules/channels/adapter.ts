// The one interface that a channel provider implements. An adapter translates between Parley and one
// provider's HTTP and does nothing else: no database, no queue, no state of its own.
import type { z } from 'zod';

/** What a channel of this provider can do; the rest of Parley asks this and never the provider's name. */
export interface ChannelCapabilities {
  /** Inbound and outbound media. */
  readonly media: boolean;
  /** Longest body that the provider takes in one message, in UTF-16 code units. */
  readonly bodyLengthMax: number;
  /** Numbers can be searched, bought and released through the adapter. */
  readonly numbers: boolean;
  /** The carrier bills in SMS segments (GSM-7 / UCS-2). */
  readonly segments: boolean;
}

/** A webhook call exactly as it arrived. */
export interface WebhookRequest {
  /** Which of the provider's webhooks was called: the last part of `/webhook/{provider}/{hook}`. */
  readonly hook: string;
  /** Every public URL by which the provider may have reached us, most likely first, query string included. */
  readonly urls: readonly string[];
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
}

/** What an unverified call says about where it belongs. Trusted for nothing but finding the channel. */
export interface WebhookAddress {
  /** The provider's account, e.g. Twilio's AccountSid. */
  readonly accountId: string | null;
  /** Our own address, as the provider wrote it. */
  readonly address: string | null;
  /** The pool that our address is in, e.g. Twilio's MessagingServiceSid. */
  readonly poolId: string | null;
}

/** Why a call was refused, in the order of what an operator should look at first. */
export type RefusalReason = 'unreadable' | 'missing_signature' | 'wrong_signature';

export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: RefusalReason };

export type DeliveryStatus =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'undelivered'
  | 'failed'
  | 'receiving'
  | 'received'
  | 'read'
  | 'canceled'
  | 'unknown';

export interface InboundMedia {
  /** Where the provider keeps it; fetched with the channel's credentials. */
  readonly url: string;
  readonly contentType: string;
}

/** What a verified, journaled payload says happened. */
export type InboundEvent =
  | {
      readonly kind: 'message';
      readonly providerId: string;
      /** As the provider wrote them: E.164, a short code or an alphanumeric sender. */
      readonly from: string;
      readonly to: string;
      readonly body: string;
      readonly media: readonly InboundMedia[];
    }
  | {
      readonly kind: 'status';
      readonly providerId: string;
      readonly status: DeliveryStatus;
      /** The provider's own word, kept as history even when we do not know it. */
      readonly providerStatus: string;
      readonly errorCode: string | null;
      /** Our message and attempt, when the callback URL carried them (see OutboundMessage.reference). */
      readonly reference: string | null;
    };

/** An opened channel: its address and its credentials, already parsed by the adapter's `credentials` schema. */
export interface ChannelConnection<Credentials = unknown> {
  readonly address: string;
  readonly poolId: string | null;
  readonly credentials: Credentials;
}

export interface OutboundMessage {
  readonly to: string;
  readonly body: string;
  readonly mediaUrls: readonly string[];
  /** Where status callbacks go; carries `reference`, so that a callback can settle an unknown outcome. */
  readonly statusCallbackUrl: string;
  /** `{messageId}.{attempt}`: unique for every provider call. */
  readonly reference: string;
}

/**
 * What became of one provider call.
 *
 * - `accepted`: the provider has it and will not need it again.
 * - `retry`: it told us that it refused for now, or the request never left: safe to send again.
 * - `reject`: it refused for good.
 * - `reconnect`: it refused because of the channel's own credentials or setup; a person must mend that.
 * - `unknown`: the request left and no answer came. Look it up before anything is sent again.
 */
export type SendOutcome =
  | {
      readonly outcome: 'accepted';
      readonly providerId: string;
      readonly status: DeliveryStatus;
      readonly segments: number | null;
      readonly priceMicros: number | null;
      readonly currency: string | null;
    }
  | { readonly outcome: 'retry'; readonly code: string; readonly retryAfterMs: number | null }
  | { readonly outcome: 'reject' | 'reconnect'; readonly code: string }
  | { readonly outcome: 'unknown'; readonly code: string };

/** A message that the provider says it has. */
export interface ProviderMessage {
  readonly providerId: string;
  readonly from: string | null;
  readonly to: string;
  readonly body: string;
  readonly status: DeliveryStatus;
  readonly errorCode: string | null;
  readonly createdAt: Date;
}

export interface LookupQuery {
  readonly to: string;
  readonly body: string;
  /** Only messages created at or after this moment, less the provider's clock skew. */
  readonly since: Date;
}

export interface ProviderNumber {
  readonly providerId: string;
  readonly phoneNumber: string;
  readonly label: string;
  readonly country: string | null;
  readonly capabilities: { readonly sms: boolean; readonly mms: boolean; readonly voice: boolean };
  /** Where the provider calls for an inbound message; null when it has no such address or does not say. */
  readonly inboundUrl: string | null;
}

/** A number that can be rented. */
export type AvailableNumber = Omit<ProviderNumber, 'providerId' | 'inboundUrl'>;

export interface NumberSearch {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly contains?: string;
  readonly areaCode?: string;
  readonly limit: number;
}

/** Numbers that can be rented; only adapters with `capabilities.numbers` have it. */
export interface NumberDesk<Credentials> {
  search(credentials: Credentials, query: NumberSearch): Promise<AvailableNumber[]>;
  list(credentials: Credentials): Promise<ProviderNumber[]>;
  buy(credentials: Credentials, phoneNumber: string, webhooks: WebhookUrls): Promise<ProviderNumber>;
  release(credentials: Credentials, providerId: string): Promise<void>;
  /** Points an owned number's webhooks at us; empty URLs clear them. */
  configure(credentials: Credentials, providerId: string, webhooks: WebhookUrls): Promise<void>;
}

export interface WebhookUrls {
  readonly inbound: string;
  readonly status: string;
}

export interface ChannelAdapter<Credentials = unknown> {
  /** Lower-case, as it stands in `/webhook/{provider}/…`. */
  readonly provider: string;
  readonly capabilities: ChannelCapabilities;
  /** Last parts of the webhook paths: `/webhook/{provider}/{hook}`. */
  readonly hooks: { readonly inbound: string; readonly status: string };
  readonly credentials: z.ZodType<Credentials>;
  /** The provider's account that credentials are of, as `identify` reads it from a webhook. */
  accountOf(credentials: Credentials): string;

  /** @throws ProviderPayloadError when the call is no call of this provider's. */
  identify(request: WebhookRequest): WebhookAddress;
  verify(request: WebhookRequest, credentials: Credentials): Verification;
  /** The key under which this call is processed once: the same for the provider's retries of it. */
  deliveryKey(request: WebhookRequest): string;
  /** @throws ProviderPayloadError when the payload cannot be understood. */
  parse(hook: string, rawBody: Buffer, url: string): InboundEvent[];
  /** The reply to an accepted webhook. */
  readonly acknowledgement: { readonly contentType: string; readonly body: string };

  /** Never throws for what the provider or the network did: that is the outcome. */
  send(connection: ChannelConnection<Credentials>, message: OutboundMessage): Promise<SendOutcome>;
  /** Messages of ours that the provider has to `to` with that body. @throws ProviderUnavailableError */
  lookup(connection: ChannelConnection<Credentials>, query: LookupQuery): Promise<ProviderMessage[]>;
  /** Asks whether the credentials work, cheaply. @throws ProviderUnavailableError */
  check(credentials: Credentials): Promise<{ ok: true; accountName: string } | { ok: false; code: string }>;
  /** Opens a stream of one inbound medium. @throws ProviderUnavailableError */
  fetchMedia(
    credentials: Credentials,
    url: string,
    bytesMax: number,
  ): Promise<{ body: Buffer; contentType: string }>;
  /** A sentence that a shopkeeper understands, for one of the provider's error codes. */
  explain(code: string): { message: string; action: string };
  /** Whether the provider says by this code that the contact opted out there. */
  isOptOutCode(code: string): boolean;
  readonly numbers?: NumberDesk<Credentials>;
}

/** The payload is not what this provider documents. Carries no content. */
export class ProviderPayloadError extends Error {
  override readonly name = 'ProviderPayloadError';
}

/** The provider could not be asked: down, timed out, refused us. `code` is stable, `retryable` says whether to ask again. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError';
  readonly code: string;
  readonly retryable: boolean;
  constructor(code: string, retryable: boolean, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.retryable = retryable;
  }
}
