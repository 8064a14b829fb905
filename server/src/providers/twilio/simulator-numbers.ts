// The simulated account and its phone numbers: those that can be rented and those that are.
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { type Form, withoutJson } from './simulator-messages.ts';
import {
  accountResource,
  availableNumberResource,
  errorResource,
  numberResource,
  pageOf,
} from './simulator-resources.ts';
import type { SimulatedNumber, SimulatorState } from './simulator-state.ts';

type Kind = 'Local' | 'Mobile' | 'TollFree';

/** Patterns of the numbers on offer, `#` being any digit; ranges that are kept for fiction where there are such. */
const offers: Readonly<Record<string, Partial<Record<Kind, string>>>> = {
  US: { Local: '+1{area}55501##', TollFree: '+1833555####' },
  CA: { Local: '+1{area}55501##', TollFree: '+1844555####' },
  GB: { Local: '+44207946####', Mobile: '+447700900###' },
  ES: { Local: '+34910000###', Mobile: '+34600000###' },
  BR: { Local: '+551130000###', Mobile: '+5511990000###' },
  MX: { Local: '+525550000###', Mobile: '+525550001###' },
  AU: { Mobile: '+61491570###' },
};

const areas: Readonly<Record<string, string>> = { US: '415', CA: '604' };

export function numberRoutes(app: FastifyInstance, state: SimulatorState, clock: Clock): void {
  const startedAt = clock.date();

  app.get<{ Params: { accountSid: string } }>('/:accountSid', (request, reply) => {
    const account = state.accounts.get(withoutJson(request.params.accountSid));
    return account ? reply.send(accountResource(account, startedAt)) : reply.callNotFound();
  });

  app.get<{
    Params: { accountSid: string; country: string; kind: string };
    Querystring: Record<string, string>;
  }>('/:accountSid/AvailablePhoneNumbers/:country/:kind', (request, reply) => {
    const { country, kind } = request.params;
    const pattern = offers[country]?.[withoutJson(kind) as Kind];
    if (pattern === undefined) return reply.callNotFound();
    const count = Math.min(Number(request.query.PageSize ?? 50) || 50, 100);
    const area = request.query.AreaCode ?? areas[country] ?? '';
    const numbers = onOffer(pattern.replace('{area}', area), request.query.Contains, count, state);
    return reply.send({
      available_phone_numbers: numbers.map((number) =>
        availableNumberResource(number, country, country === 'US' || country === 'CA'),
      ),
      uri: request.url,
    });
  });

  app.get<{ Params: { accountSid: string }; Querystring: Record<string, string> }>(
    '/:accountSid/IncomingPhoneNumbers.json',
    (request, reply) => {
      const { PhoneNumber, FriendlyName } = request.query;
      const numbers = state
        .numbersOf(request.params.accountSid)
        .filter(({ phoneNumber }) => PhoneNumber === undefined || phoneNumber.includes(PhoneNumber))
        .filter(({ friendlyName }) => FriendlyName === undefined || friendlyName === FriendlyName);
      const path = request.url.split('?')[0] ?? '';
      return reply.send(pageOf(path, request.query, 'incoming_phone_numbers', numbers, numberResource));
    },
  );

  app.post<{ Params: { accountSid: string }; Body: Form | undefined }>(
    '/:accountSid/IncomingPhoneNumbers.json',
    (request, reply) => {
      const form = request.body ?? {};
      const wanted = single(form.PhoneNumber) ?? firstIn(single(form.AreaCode), state);
      // https://www.twilio.com/docs/iam/test-credentials#test-purchase
      if (wanted === undefined || wanted === '+15005550001' || !/^\+[1-9]\d{6,14}$/.test(wanted)) {
        return reply.code(400).send(errorResource(21421, 'PhoneNumber is invalid', 400));
      }
      if (wanted === '+15005550000' || state.numberOf(wanted)) {
        return reply.code(400).send(errorResource(21422, 'PhoneNumber is not available', 400));
      }
      const label = single(form.FriendlyName) ?? wanted;
      const number = state.addNumber(request.params.accountSid, wanted, label, single(form.SmsUrl) ?? '');
      return reply.code(201).send(numberResource(number));
    },
  );

  type NumberParams = { Params: { accountSid: string; number: string } };
  const path = '/:accountSid/IncomingPhoneNumbers/:number';

  app.get<NumberParams>(path, (request, reply) => {
    const number = find(request.params);
    return number ? reply.send(numberResource(number)) : reply.callNotFound();
  });

  app.post<NumberParams & { Body: Form | undefined }>(path, (request, reply) => {
    const number = find(request.params);
    if (!number) return reply.callNotFound();
    number.smsUrl = single(request.body?.SmsUrl) ?? number.smsUrl;
    number.friendlyName = single(request.body?.FriendlyName) ?? number.friendlyName;
    number.updatedAt = clock.date();
    return reply.send(numberResource(number));
  });

  app.delete<NumberParams>(path, (request, reply) => {
    const number = find(request.params);
    if (!number) return reply.callNotFound();
    state.removeNumber(number);
    return reply.code(204).send();
  });

  function find(params: { accountSid: string; number: string }): SimulatedNumber | undefined {
    const sid = withoutJson(params.number);
    return state.numbersOf(params.accountSid).find((number) => number.sid === sid);
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function firstIn(areaCode: string | undefined, state: SimulatorState): string | undefined {
  return areaCode === undefined ? undefined : onOffer(`+1${areaCode}55501##`, undefined, 1, state)[0];
}

/** `Contains` as Twilio reads it: digits anywhere, `*` being any digit. */
function onOffer(
  pattern: string,
  contains: string | undefined,
  count: number,
  state: SimulatorState,
): string[] {
  const blanks = pattern.split('#').length - 1;
  const wanted = contains && new RegExp(contains.replace(/[^\d*]/g, '').replaceAll('*', '\\d'));
  const numbers: string[] = [];
  for (let index = 0; index < 10 ** blanks && numbers.length < count; index += 1) {
    const number = pattern.replace('#'.repeat(blanks), String(index).padStart(blanks, '0'));
    if (!state.numberOf(number) && (!wanted || wanted.test(number))) numbers.push(number);
  }
  return numbers;
}
