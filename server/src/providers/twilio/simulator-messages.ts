// The simulated Messages resource: create, fetch, list, and the media of a message.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import type { Carrier } from './simulator-carrier.ts';
import { type CallFault, type Faults, refusalFor } from './simulator-faults.ts';
import { errorResource, mediumResource, messageResource, pageOf } from './simulator-resources.ts';
import { newSid, type SimulatedMessage, type SimulatorState } from './simulator-state.ts';

export type Form = Readonly<Record<string, string | string[] | undefined>>;

interface MessageRoutes {
  readonly state: SimulatorState;
  readonly faults: Faults;
  readonly carrier: Carrier;
  readonly clock: Clock;
  /** Refuse sends to those who texted STOP, as carriers and Twilio do. */
  readonly carrierOptOut: boolean;
  /** Where the redirect to a medium's bytes leads. */
  readonly mediaBaseUrl: () => string;
}

type AccountParams = { Params: { accountSid: string } };
type MessageParams = { Params: { accountSid: string; message: string } };

const refusals: Readonly<Record<number, string>> = {
  21211: "The 'To' number is not a valid phone number.",
  21212: "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID.",
  21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number.",
  21602: 'Message body is required.',
  21603: "A 'From' phone number is required.",
  21604: "A 'To' phone number is required.",
  21606: "The 'From' phone number is not a valid, SMS-capable inbound phone number for your account.",
  21609: 'The StatusCallback URL is not a valid URL.',
  21610: 'Attempt to send to unsubscribed recipient.',
  21611: "This 'From' number has exceeded the maximum number of queued messages.",
  21612: "The 'To' phone number is not currently reachable using the 'From' phone number.",
  21614: "The 'To' number is not a valid mobile number.",
  21617: 'The concatenated message body exceeds the 1600 character limit.',
  21701: 'The Messaging Service does not exist.',
};

export function messageRoutes(app: FastifyInstance, routes: MessageRoutes): void {
  const { state, faults, carrier, clock, carrierOptOut, mediaBaseUrl } = routes;

  app.post<AccountParams & { Body: Form | undefined }>('/:accountSid/Messages.json', (request, reply) => {
    const form = request.body ?? {};
    const fault = faults.ofCall('create', text(form.To));
    if (fault !== null && !isAfterAccepting(fault)) return failWith(fault, request, reply);
    const { message, from, refusal } = toMessage(request.params.accountSid, form);
    const code = refusal ?? (carrierOptOut && carrier.isOptedOut(message, from) ? 21610 : null);
    if (code !== null) return reply.code(400).send(errorResource(code, refusals[code] ?? 'Refused.', 400));
    state.accept(message, from);
    // Before the message is carried on, for the answer tells its first status.
    const resource = messageResource(message);
    carrier.carry(message);
    if (fault !== null) return failWith(fault, request, reply);
    return reply.code(201).send(resource);
  });

  function toMessage(accountSid: string, form: Form) {
    const to = text(form.To);
    const serviceSid = text(form.MessagingServiceSid);
    const service = state.accounts.get(accountSid)?.messagingServices.find(({ sid }) => sid === serviceSid);
    const from = text(form.From) ?? service?.phoneNumbers[0] ?? null;
    const body = text(form.Body) ?? '';
    const mediaUrls = [form.MediaUrl ?? []].flat();
    const statusCallback = text(form.StatusCallback);
    const now = clock.date();
    const message: SimulatedMessage = {
      sid: newSid(mediaUrls.length > 0 ? 'MM' : 'SM'),
      accountSid,
      direction: 'outbound-api',
      // A Messaging Service chooses later.
      from: text(form.From),
      to: to ?? '',
      body,
      serviceSid,
      statusCallback,
      // Only that there is one is known: the simulated Twilio calls no stranger's server.
      media: mediaUrls.map(() => ({
        sid: newSid('ME'),
        contentType: 'application/octet-stream',
        body: Buffer.alloc(0),
      })),
      mediaUrls,
      status: service ? 'accepted' : 'queued',
      errorCode: null,
      createdAt: now,
      updatedAt: now,
      sentAt: null,
    };
    const refusal = () => {
      if (to === null) return 21604;
      if (serviceSid !== null && !service) return 21701;
      if (from === null) return 21603;
      const magic = refusalFor(from, to);
      if (magic !== null) return magic;
      if (!/^\+[1-9]\d{6,14}$/.test(to)) return 21211;
      if (state.numberOf(from)?.accountSid !== accountSid) return 21606;
      if (body === '' && mediaUrls.length === 0) return 21602;
      if (body.length > 1600) return 21617;
      if (statusCallback !== null && !/^https?:\/\//.test(statusCallback)) return 21609;
      return null;
    };
    return { message, from: from ?? '', refusal: refusal() };
  }

  app.get<AccountParams & { Querystring: Record<string, string> }>(
    '/:accountSid/Messages.json',
    (request, reply) => {
      const fault = faults.ofCall('read', null);
      if (fault !== null) return failWith(fault, request, reply);
      const { query, params } = request;
      const kept = state
        .messagesOf(params.accountSid, query.To ?? null)
        .filter((message) => matches(message, query));
      const path = request.url.split('?')[0] ?? '';
      return reply.send(pageOf(path, query, 'messages', kept.reverse(), messageResource));
    },
  );

  app.get<MessageParams>('/:accountSid/Messages/:message', (request, reply) => {
    const fault = faults.ofCall('read', null);
    if (fault !== null) return failWith(fault, request, reply);
    const message = find(request.params);
    return message ? reply.send(messageResource(message)) : reply.callNotFound();
  });

  app.get<MessageParams & { Querystring: Record<string, string> }>(
    '/:accountSid/Messages/:message/Media.json',
    (request, reply) => {
      const message = find(request.params);
      if (!message) return reply.callNotFound();
      const path = request.url.split('?')[0] ?? '';
      const resource = (medium: SimulatedMessage['media'][number]) => mediumResource(message, medium);
      return reply.send(pageOf(path, request.query, 'media_list', message.media, resource));
    },
  );

  app.get<{ Params: { accountSid: string; message: string; medium: string } }>(
    '/:accountSid/Messages/:message/Media/:medium',
    (request, reply) => {
      const message = find(request.params);
      const name = request.params.medium;
      const medium = message?.media.find(({ sid }) => sid === withoutJson(name));
      if (!message || !medium) return reply.callNotFound();
      if (name.endsWith('.json')) return reply.send(mediumResource(message, medium));
      return reply
        .code(307)
        .header('location', `${mediaBaseUrl()}/media/${message.sid}/${medium.sid}`)
        .send();
    },
  );

  function find(params: { accountSid: string; message: string }): SimulatedMessage | null {
    const message = state.message(withoutJson(params.message));
    return message?.accountSid === params.accountSid ? message : null;
  }
}

export function withoutJson(name: string): string {
  return name.replace(/\.json$/, '');
}

function text(value: string | string[] | undefined): string | null {
  const single = Array.isArray(value) ? value[0] : value;
  return single === undefined || single === '' ? null : single;
}

/** `DateSent` compares whole days in GMT; a message that was not sent yet counts with the day of its creation. */
function matches(message: SimulatedMessage, query: Readonly<Record<string, string>>): boolean {
  if (query.From !== undefined && message.from !== query.From) return false;
  const day = (message.sentAt ?? message.createdAt).toISOString().slice(0, 10);
  if (query.DateSent !== undefined && day !== query.DateSent.slice(0, 10)) return false;
  const before = query['DateSent<'];
  const after = query['DateSent>'];
  if (before !== undefined && day > before.slice(0, 10)) return false;
  return after === undefined || day >= after.slice(0, 10);
}

function isAfterAccepting(fault: CallFault): boolean {
  return fault.endsWith('_after_accept') || fault === 'nonsense';
}

function failWith(fault: CallFault, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  switch (fault) {
    case '429':
      return reply
        .code(429)
        .header('retry-after', '1')
        .send(errorResource(20429, 'Too Many Requests', 429));
    case '500':
      return reply.code(500).send(errorResource(20500, 'Internal Server Error', 500));
    case '503':
      return reply.code(503).send(errorResource(20503, 'Service Unavailable', 503));
    case 'bad_gateway_before_accept':
    case 'bad_gateway_after_accept':
      return reply.code(502).type('text/html').send('<html><body>502 Bad Gateway</body></html>');
    case 'nonsense':
      return reply.code(200).type('text/html').send('<html><body>It works!</body></html>');
    case 'hang_before_accept':
    case 'hang_after_accept':
      return reply.hijack();
    case 'reset_before_accept':
    case 'reset_after_accept':
      request.raw.socket.resetAndDestroy();
      return reply.hijack();
  }
}
