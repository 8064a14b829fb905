// Phone numbers at Twilio: search, rent, list, release, and point at us.
// https://www.twilio.com/docs/phone-numbers/api
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import {
  type AvailableNumber,
  type NumberDesk,
  type NumberSearch,
  type ProviderNumber,
  ProviderUnavailableError,
  type WebhookUrls,
} from '../../modules/channels/adapter.ts';
import { nextPageUri, queryOf, type Rest, type TwilioCredentials } from './rest.ts';

const capabilities = z
  .object({
    sms: z.boolean().nullish(),
    mms: z.boolean().nullish(),
    voice: z.boolean().nullish(),
    // AvailablePhoneNumbers has been seen to write them in capitals, as the XML form does.
    SMS: z.boolean().nullish(),
    MMS: z.boolean().nullish(),
  })
  .nullish()
  .transform((value) => ({
    sms: value?.sms ?? value?.SMS ?? false,
    mms: value?.mms ?? value?.MMS ?? false,
    voice: value?.voice ?? false,
  }));

const offered = z.object({
  available_phone_numbers: z.array(
    z.object({
      phone_number: z.string(),
      friendly_name: z.string().nullish(),
      iso_country: z.string().nullish(),
      capabilities,
    }),
  ),
});

const owned = z.object({
  sid: z.string().regex(/^PN[0-9a-fA-F]{32}$/),
  phone_number: z.string(),
  friendly_name: z.string().nullish(),
  sms_url: z.string().nullish(),
  capabilities,
});

const ownedPage = z.object({ next_page_uri: nextPageUri, incoming_phone_numbers: z.array(owned) });

const pagesMax = 20;

export function createNumberDesk(rest: Rest): NumberDesk<TwilioCredentials> {
  return {
    async search(credentials, query) {
      const found: AvailableNumber[] = [];
      for (const kind of kindsFor(query)) {
        const path = `/AvailablePhoneNumbers/${encodeURIComponent(query.country.toUpperCase())}/${kind}.json`;
        const parameters: [string, string][] = [
          ['SmsEnabled', 'true'],
          // Twilio's largest page; more numbers than that to choose from help nobody.
          ['PageSize', String(Math.min(query.limit - found.length, 1000))],
        ];
        if (query.contains) parameters.push(['Contains', query.contains]);
        if (query.areaCode && kind === 'Local') parameters.push(['AreaCode', query.areaCode]);
        const answer = await rest
          .ask(credentials, { path, query: parameters, timeoutMs: numbersTimeoutMs }, offered)
          .catch((error: unknown) => {
            // Twilio has no such kind of number in that country.
            if (error instanceof ProviderUnavailableError && error.code === '20404') return null;
            throw error;
          });
        for (const number of answer?.available_phone_numbers ?? []) {
          found.push({
            phoneNumber: number.phone_number,
            label: number.friendly_name || number.phone_number,
            country: number.iso_country ?? query.country.toUpperCase(),
            capabilities: number.capabilities,
          });
        }
        if (found.length >= query.limit) break;
      }
      return found.slice(0, query.limit);
    },

    async list(credentials) {
      const numbers: ProviderNumber[] = [];
      let parameters: [string, string][] = [['PageSize', '200']];
      for (let page = 0; page < pagesMax; page += 1) {
        const call = { path: '/IncomingPhoneNumbers.json', query: parameters, timeoutMs: numbersTimeoutMs };
        const answer = await rest.ask(credentials, call, ownedPage);
        numbers.push(...answer.incoming_phone_numbers.map(toNumber));
        if (!answer.next_page_uri) break;
        parameters = queryOf(answer.next_page_uri);
      }
      return numbers;
    },

    async buy(credentials, phoneNumber, webhooks) {
      const form: [string, string][] = [['PhoneNumber', phoneNumber], ...pointedAt(webhooks)];
      const call = {
        method: 'POST',
        path: '/IncomingPhoneNumbers.json',
        form,
        timeoutMs: numbersTimeoutMs,
      } as const;
      return toNumber(await rest.ask(credentials, call, owned));
    },

    async release(credentials, providerId) {
      const path = `/IncomingPhoneNumbers/${encodeURIComponent(providerId)}.json`;
      // Already gone is what was asked for.
      const gone = z.undefined();
      await rest
        .ask(credentials, { method: 'DELETE', path, timeoutMs: numbersTimeoutMs }, gone)
        .catch((error: unknown) => {
          if (!(error instanceof ProviderUnavailableError && error.code === '20404')) throw error;
        });
    },

    async configure(credentials, providerId, webhooks) {
      const path = `/IncomingPhoneNumbers/${encodeURIComponent(providerId)}.json`;
      const call = { method: 'POST', path, form: pointedAt(webhooks), timeoutMs: numbersTimeoutMs } as const;
      await rest.ask(credentials, call, owned);
    },
  };
}

/** Renting a number takes Twilio longer than taking a message. */
const numbersTimeoutMs = 15_000;

/** Kinds of numbers that can text, the likeliest first. In North America a local number is a mobile one too. */
function kindsFor(query: NumberSearch): readonly ('Local' | 'Mobile' | 'TollFree')[] {
  const northAmerica = ['US', 'CA', 'PR'].includes(query.country.toUpperCase());
  if (northAmerica) return query.areaCode ? ['Local'] : ['Local', 'TollFree'];
  return query.areaCode ? ['Local', 'Mobile'] : ['Mobile', 'Local'];
}

/** Status callbacks are asked for with each message; a number's own StatusCallback is for calls. */
function pointedAt(webhooks: WebhookUrls): [string, string][] {
  return [
    ['SmsUrl', webhooks.inbound],
    ['SmsMethod', 'POST'],
  ];
}

function toNumber(number: z.infer<typeof owned>): ProviderNumber {
  return {
    providerId: number.sid,
    phoneNumber: number.phone_number,
    label: number.friendly_name || number.phone_number,
    country: parsePhoneNumberFromString(number.phone_number)?.country ?? null,
    capabilities: number.capabilities,
    inboundUrl: number.sms_url || null,
  };
}
