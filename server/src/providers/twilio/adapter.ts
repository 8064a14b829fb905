// Twilio SMS and MMS: joins the parts of this folder to the interface of a channel provider.
import { z } from 'zod';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type Egress, EgressError } from '../../core/egress.ts';
import { type ChannelAdapter, ProviderUnavailableError } from '../../modules/channels/adapter.ts';
import { explain, isOptOutCode } from './errors.ts';
import { addressOf, keyOf, toInboundEvents } from './inbound.ts';
import { fetchMedia } from './media.ts';
import { createNumberDesk } from './numbers.ts';
import { lookup, send } from './outbound.ts';
import { basic, createRest, type TwilioCredentials, twilioCredentials } from './rest.ts';
import { readCall, readParameters, verifySignature } from './signature.ts';

export type { TwilioCredentials } from './rest.ts';

export interface TwilioAdapterOptions {
  readonly egress: Egress;
  /** Where an account's API is, without a slash at the end: `https://api.twilio.com`, a region's, a simulator's. */
  readonly baseUrlFor: (accountSid: string) => string;
  /** Of one REST call. */
  readonly timeoutMs?: number;
  readonly mediaTimeoutMs?: number;
  readonly clock?: Clock;
}

const account = z.object({ friendly_name: z.string().nullish(), status: z.string() });

export function createTwilioAdapter(options: TwilioAdapterOptions): ChannelAdapter<TwilioCredentials> {
  const { egress, baseUrlFor, timeoutMs = 3000, mediaTimeoutMs = 15_000, clock = systemClock } = options;
  const rest = createRest({ egress, baseUrlFor, timeoutMs });
  return {
    provider: 'twilio',
    capabilities: { media: true, bodyLengthMax: 1600, numbers: true, segments: true },
    hooks: { inbound: 'sms', status: 'status' },
    credentials: twilioCredentials,
    accountOf: (credentials) => credentials.accountSid,
    acknowledgement: { contentType: 'text/xml', body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' },

    identify: (request) => addressOf(readCall(request)),
    verify: (request, { authToken, secondaryAuthToken }) =>
      verifySignature(request, secondaryAuthToken ? [authToken, secondaryAuthToken] : [authToken]),
    deliveryKey: (request) => keyOf(readCall(request)),
    parse: (_hook, rawBody, url) => toInboundEvents(readParameters(rawBody, url), url),

    send: (connection, message) => send(rest, clock, connection, message),
    lookup: (connection, query) => lookup(rest, connection, query),

    async check(credentials) {
      try {
        // With the token, for webhooks are signed with it; an API key alone would not tell whether it is right.
        const authorization = basic(credentials.accountSid, credentials.authToken);
        const found = await rest.ask(credentials, { path: '.json', authorization }, account);
        if (found.status !== 'active') return { ok: false, code: `account_${found.status}` };
        if (credentials.apiKeySid || credentials.parentAccountSid) {
          await rest.ask(credentials, { path: '/Messages.json', query: [['PageSize', '1']] }, z.unknown());
        }
        return { ok: true, accountName: found.friendly_name || credentials.accountSid };
      } catch (error) {
        if (
          error instanceof ProviderUnavailableError &&
          !error.retryable &&
          !(error.cause instanceof EgressError)
        ) {
          return { ok: false, code: error.code };
        }
        throw error;
      }
    },

    fetchMedia: (credentials, url, bytesMax) =>
      fetchMedia({ egress, baseUrlFor, timeoutMs: mediaTimeoutMs }, credentials, url, bytesMax),
    explain,
    isOptOutCode,
    numbers: createNumberDesk(rest),
  };
}
