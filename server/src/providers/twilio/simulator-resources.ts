// The shapes of the simulated Twilio's answers, as its API description gives them.
// https://github.com/twilio/twilio-oai (twilio_api_v2010)
import type {
  SimulatedAccount,
  SimulatedMedium,
  SimulatedMessage,
  SimulatedNumber,
} from './simulator-state.ts';

const root = '/2010-04-01/Accounts';

/** RFC 2822 in GMT, whole seconds. */
function twilioDate(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}

export function errorResource(code: number, message: string, status: number) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

export function messageResource(message: SimulatedMessage) {
  const uri = `${root}/${message.accountSid}/Messages/${message.sid}`;
  return {
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: twilioDate(message.createdAt),
    date_sent: message.sentAt === null ? null : twilioDate(message.sentAt),
    date_updated: twilioDate(message.updatedAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: message.errorCode === null ? null : 'The carrier did not deliver the message',
    from: message.from,
    messaging_service_sid: message.serviceSid,
    num_media: String(message.media.length),
    // 0 until a Messaging Service has chosen a sender.
    num_segments: message.from === null ? '0' : String(segmentsOf(message.body)),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

const gsm7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;

/** 3GPP TS 23.038: 160 septets alone, 153 in a series; in UCS-2, 70 and 67. */
function segmentsOf(body: string): number {
  const plain = gsm7.test(body);
  const units = plain ? body.length + (body.match(/[\^{}\\[~\]|€]/g)?.length ?? 0) : body.length;
  const [alone, inSeries] = plain ? [160, 153] : [70, 67];
  return units <= alone ? 1 : Math.ceil(units / inSeries);
}

export function mediumResource(message: SimulatedMessage, medium: SimulatedMedium) {
  return {
    account_sid: message.accountSid,
    content_type: medium.contentType,
    date_created: twilioDate(message.createdAt),
    date_updated: twilioDate(message.createdAt),
    parent_sid: message.sid,
    sid: medium.sid,
    uri: `${root}/${message.accountSid}/Messages/${message.sid}/Media/${medium.sid}.json`,
  };
}

export function accountResource(account: SimulatedAccount, createdAt: Date) {
  const uri = `${root}/${account.sid}`;
  return {
    // Twilio hides it in most answers, and nothing should read it from here.
    auth_token: '********************************',
    date_created: twilioDate(createdAt),
    date_updated: twilioDate(createdAt),
    friendly_name: account.friendlyName,
    owner_account_sid: account.parentSid ?? account.sid,
    sid: account.sid,
    status: account.status,
    subresource_uris: {
      available_phone_numbers: `${uri}/AvailablePhoneNumbers.json`,
      incoming_phone_numbers: `${uri}/IncomingPhoneNumbers.json`,
      messages: `${uri}/Messages.json`,
    },
    type: 'Full',
    uri: `${uri}.json`,
  };
}

export function numberResource(number: SimulatedNumber) {
  return {
    account_sid: number.accountSid,
    address_requirements: 'none',
    address_sid: null,
    api_version: '2010-04-01',
    beta: false,
    bundle_sid: null,
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    date_created: twilioDate(number.createdAt),
    date_updated: twilioDate(number.updatedAt),
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    emergency_status: 'Inactive',
    friendly_name: number.friendlyName,
    identity_sid: null,
    origin: 'twilio',
    phone_number: number.phoneNumber,
    sid: number.sid,
    sms_application_sid: null,
    sms_fallback_method: 'POST',
    sms_fallback_url: '',
    sms_method: 'POST',
    sms_url: number.smsUrl,
    status: 'in-use',
    status_callback: '',
    status_callback_method: 'POST',
    trunk_sid: null,
    type: 'local',
    uri: `${root}/${number.accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
    voice_application_sid: null,
    voice_caller_id_lookup: false,
    voice_fallback_method: 'POST',
    voice_fallback_url: '',
    voice_method: 'POST',
    voice_receive_mode: 'voice',
    voice_url: '',
  };
}

export function availableNumberResource(phoneNumber: string, country: string, mms: boolean) {
  return {
    address_requirements: 'none',
    beta: false,
    capabilities: { mms, sms: true, voice: true },
    friendly_name: phoneNumber,
    iso_country: country,
    lata: null,
    latitude: null,
    locality: null,
    longitude: null,
    phone_number: phoneNumber,
    postal_code: null,
    rate_center: null,
    region: null,
  };
}

/**
 * One page of a list: `Page` counts from 0, and `PageToken` names the last item of the page before, so that what is
 * added at the front meanwhile shifts nothing. https://www.twilio.com/docs/usage/twilios-response#pagination
 */
export function pageOf<Item extends { readonly sid: string }, Resource>(
  path: string,
  query: Readonly<Record<string, string>>,
  key: string,
  items: readonly Item[],
  resource: (item: Item) => Resource,
) {
  const size = Math.min(Math.max(Math.trunc(Number(query.PageSize ?? 50)) || 50, 1), 1000);
  const page = Math.max(Math.trunc(Number(query.Page ?? 0)) || 0, 0);
  const afterSid = query.PageToken?.replace(/^PA/, '');
  const start = afterSid === undefined ? page * size : items.findIndex(({ sid }) => sid === afterSid) + 1;
  const shown = items.slice(start, start + size);
  const { Page: _page, PageToken: _token, PageSize: _size, ...filters } = query;
  const uri = (number: number, token?: string) =>
    `${path}?${new URLSearchParams({
      ...filters,
      PageSize: String(size),
      Page: String(number),
      ...(token === undefined ? {} : { PageToken: `PA${token}` }),
    })}`;
  const last = shown.at(-1);
  return {
    [key]: shown.map(resource),
    end: Math.max(start + shown.length - 1, 0),
    first_page_uri: uri(0),
    next_page_uri: last !== undefined && start + size < items.length ? uri(page + 1, last.sid) : null,
    page,
    page_size: size,
    previous_page_uri: page > 0 ? uri(page - 1) : null,
    start,
    uri: uri(page, query.PageToken === undefined ? undefined : afterSid),
  };
}
