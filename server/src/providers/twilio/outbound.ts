// Sends one message through Twilio's Messages resource, and finds one again when the answer was lost.
// https://www.twilio.com/docs/messaging/api/message-resource
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { EgressError, type EgressResponse } from '../../core/egress.ts';
import {
  type ChannelConnection,
  type LookupQuery,
  type OutboundMessage,
  type ProviderMessage,
  ProviderUnavailableError,
  type SendOutcome,
} from '../../modules/channels/adapter.ts';
import { isPassingCode, isSetupCode } from './errors.ts';
import { toDeliveryStatus } from './inbound.ts';
import { errorCodeOf, json, nextPageUri, queryOf, type Rest, type TwilioCredentials } from './rest.ts';

type Connection = ChannelConnection<TwilioCredentials>;

const sid = z.string().regex(/^(SM|MM)[0-9a-fA-F]{32}$/);

const sentMessage = z.object({
  sid,
  status: z.string(),
  num_segments: z.string().nullish(),
  price: z.string().nullish(),
  price_unit: z.string().nullish(),
});

const messagePage = z.object({
  next_page_uri: nextPageUri,
  messages: z.array(
    z.object({
      sid,
      status: z.string(),
      direction: z.string(),
      from: z.string().nullish(),
      to: z.string().nullish(),
      body: z.string().nullish(),
      error_code: z.union([z.number(), z.string()]).nullish(),
      date_created: z
        .string()
        .refine((text) => !Number.isNaN(Date.parse(text)))
        .transform((text) => new Date(text)),
    }),
  ),
});

/** Makes one HTTP call at most. */
export async function send(
  rest: Rest,
  clock: Clock,
  { address, poolId, credentials }: Connection,
  message: OutboundMessage,
): Promise<SendOutcome> {
  const form: [string, string][] = [
    ['To', message.to],
    poolId === null ? ['From', address] : ['MessagingServiceSid', poolId],
    ['StatusCallback', message.statusCallbackUrl],
  ];
  if (message.body !== '') form.push(['Body', message.body]);
  for (const url of message.mediaUrls) form.push(['MediaUrl', url]);
  let answer: EgressResponse;
  try {
    answer = await rest.call(credentials, {
      method: 'POST',
      path: '/Messages.json',
      form,
      bytesMax: 256 * 1024,
    });
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    if (error.failure === 'not_sent') return { outcome: 'retry', code: 'not_sent', retryAfterMs: null };
    if (error.failure === 'forbidden') return { outcome: 'reject', code: 'forbidden' };
    return { outcome: 'unknown', code: error.failure };
  }
  return toOutcome(answer, clock);
}

function toOutcome(answer: EgressResponse, clock: Clock): SendOutcome {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const parsed = sentMessage.safeParse(json(answer));
    if (!parsed.success) return { outcome: 'unknown', code: 'nonsense' };
    const { sid: providerId, status: word, num_segments, price, price_unit } = parsed.data;
    return {
      outcome: 'accepted',
      providerId,
      status: toDeliveryStatus(word),
      // 0 until a Messaging Service has chosen a sender.
      segments: Number(num_segments) || null,
      priceMicros: price ? Math.round(Math.abs(Number(price)) * 1_000_000) : null,
      currency: price_unit?.toUpperCase() ?? null,
    };
  }
  const twilioCode = errorCodeOf(answer);
  const code = twilioCode ?? `http_${status}`;
  const retryAfterMs = retryAfter(answer, clock);
  if (status === 429) return { outcome: 'retry', code, retryAfterMs };
  // Without Twilio's own error it was said by something in between, which does not know what became of the message.
  if (status >= 500 || status === 408) {
    return twilioCode === null ? { outcome: 'unknown', code } : { outcome: 'retry', code, retryAfterMs };
  }
  // A redirect is no refusal, and none that Twilio makes.
  if (status < 400) return { outcome: 'unknown', code };
  if (isPassingCode(code)) return { outcome: 'retry', code, retryAfterMs };
  // Forbidden may also be said of one message (21408, 21608): Twilio's 21xxx codes are about what was asked for.
  const forbidden = status === 403 && !/^21\d{3}$/.test(code);
  if (status === 401 || forbidden || isSetupCode(code)) return { outcome: 'reconnect', code };
  return { outcome: 'reject', code };
}

/** RFC 9110 section 10.2.3: seconds or a date. */
function retryAfter(answer: EgressResponse, clock: Clock): number | null {
  const header = answer.headers['retry-after']?.trim();
  if (!header) return null;
  const milliseconds = /^\d+(\.\d+)?$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - clock.now();
  return Number.isFinite(milliseconds) ? Math.max(0, Math.round(milliseconds)) : null;
}

/** Twilio writes whole seconds, and its clock need not be ours. */
const clockSkewMs = 5000;
const pageSize = 50;
const pagesMax = 20;

/**
 * Messages come newest first, so the first page nearly always holds the answer; the filter by DateSent is not used,
 * for it may leave out a message that is still queued and has no sent date, and then it would be sent twice.
 * @throws ProviderUnavailableError; `too_many_messages` when the end was not reached, which is not "it is not there".
 */
export async function lookup(
  rest: Rest,
  { poolId, credentials }: Connection,
  query: LookupQuery,
): Promise<ProviderMessage[]> {
  const createdMin = query.since.getTime() - clockSkewMs;
  const found: ProviderMessage[] = [];
  let parameters: [string, string][] = [
    ['To', query.to],
    ['PageSize', String(pageSize)],
  ];
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await rest.ask(credentials, { path: '/Messages.json', query: parameters }, messagePage);
    for (const message of answer.messages) {
      const ours = message.direction.startsWith('outbound') && message.to === query.to;
      if (!ours || message.date_created.getTime() < createdMin) continue;
      if (!isSameBody(message.body ?? '', query.body, poolId !== null)) continue;
      found.push({
        providerId: message.sid,
        from: message.from ?? null,
        to: query.to,
        body: message.body ?? '',
        status: toDeliveryStatus(message.status),
        errorCode: message.error_code ? String(message.error_code) : null,
        createdAt: message.date_created,
      });
    }
    const oldest = answer.messages.at(-1);
    if (!answer.next_page_uri || !oldest || oldest.date_created.getTime() < createdMin) return found;
    parameters = queryOf(answer.next_page_uri);
  }
  throw new ProviderUnavailableError('too_many_messages', false);
}

/**
 * Whether Twilio's body is the one that we sent. Trial accounts put a sentence before it, and a Messaging Service with
 * Smart Encoding puts plain characters for typographic ones
 * (https://www.twilio.com/docs/messaging/services/smart-encoding-char-list).
 */
function isSameBody(theirs: string, ours: string, mayBeEncoded: boolean): boolean {
  const plain = theirs.trim().replace(/^Sent from your Twilio trial account - /, '');
  if (plain === ours.trim() || theirs.trim() === ours.trim()) return true;
  return mayBeEncoded && withPlainCharacters(plain) === withPlainCharacters(ours.trim());
}

function withPlainCharacters(text: string): string {
  return text
    .replace(/[\u00AB\u00BB\u2039\u203A\u201C-\u201F\u02BA\u02EE\u275D\u275E\u301D\u301E\uFF02]/g, '"')
    .replace(/[\u2018-\u201B\u02BB-\u02BD\u2032\u2035\u275B\u275C\uFF07`\u00B4]/g, "'")
    .replace(/[\u2010-\u2015\u2043\u2212\u02D7]/g, '-')
    .replace(/\u2026/g, '...')
    .replace(/[\u200B-\u200D\u2060\uFEFF]/g, '')
    .replace(/\s/g, ' ');
}
