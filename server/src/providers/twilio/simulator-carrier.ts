// The network behind the simulated Twilio: carries messages from status to status, brings texts in, keeps opt-outs.
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { Faults } from './simulator-faults.ts';
import { newSid, type SimulatedMessage, type SimulatorState } from './simulator-state.ts';
import type { WebhookAnswer, Webhooks } from './simulator-webhooks.ts';

export const inboundText = z.object({
  from: z.string().min(1),
  /** One of the simulated numbers. */
  to: z.string().min(1),
  body: z.string(),
  media: z.array(z.object({ contentType: z.string(), base64: z.base64() })).default([]),
  /** That of an earlier text sends the same webhook again, as a provider that is unsure does. */
  messageSid: z
    .string()
    .regex(/^(SM|MM)[0-9a-fA-F]{32}$/)
    .optional(),
});

export const statusChange = z.object({
  sid: z.string(),
  /** Any word: also those that Twilio has not thought of yet. */
  status: z.string().min(1),
  errorCode: z.number().int().optional(),
});

export interface InboundResult {
  readonly messageSid: string;
  /** What the webhook answered; null when the number has none. */
  readonly answer: WebhookAnswer | null;
}

export interface Carrier {
  /** Carries an accepted message on by itself. */
  carry(message: SimulatedMessage): void;
  text(input: z.input<typeof inboundText>): Promise<InboundResult>;
  /** Resolves with what the status callback answered; null when the message asked for none. */
  status(input: z.input<typeof statusChange>): Promise<WebhookAnswer | null>;
  isOptedOut(message: SimulatedMessage, from: string): boolean;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
  /** Forgets what is on its way. */
  reset(): void;
}

export interface CarrierOptions {
  readonly state: SimulatorState;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  readonly clock: Clock;
  readonly statusCallbacks: false | { readonly delaysMs: readonly number[] };
  readonly baseUrl: () => string;
}

/** The first are Twilio's default opt-out words, the second undo them; English only, a message of that word alone. */
const stopWords = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const startWords = new Set(['START', 'YES', 'UNSTOP']);

export function createCarrier(options: CarrierOptions): Carrier {
  const { state, faults, webhooks, clock, statusCallbacks, baseUrl } = options;
  let round = 0;
  let onTheWay = 0;
  let waiting: (() => void)[] = [];
  const forget = new Set<() => void>();

  /** Counts something that is on its way; the returned function ends it, and does nothing after a reset. */
  function begin(): () => void {
    const mine = round;
    onTheWay += 1;
    return () => {
      if (mine !== round) return;
      onTheWay -= 1;
      if (onTheWay === 0) for (const resolve of waiting.splice(0)) resolve();
    };
  }

  function later(delayMs: number, run: () => void): void {
    const mine = round;
    const unlessReset = () => {
      if (mine === round) run();
    };
    if (delayMs === 0) setImmediate(unlessReset);
    else setTimeout(unlessReset, delayMs);
  }

  /** Resolves with null when it was forgotten before its time. */
  function delayed<Answer>(delayMs: number, run: () => Promise<Answer | null>): Promise<Answer | null> {
    const end = begin();
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    const giveUp = () => resolve(null);
    forget.add(giveUp);
    later(delayMs, () => {
      forget.delete(giveUp);
      resolve(run());
      end();
    });
    return promise;
  }

  function post(url: string, parameters: Record<string, string>, accountSid: string): Promise<WebhookAnswer> {
    const end = begin();
    const token = state.accounts.get(accountSid)?.authToken ?? '';
    return webhooks.post(url, parameters, token).finally(end);
  }

  function callBack(message: SimulatedMessage, parameters: Record<string, string>): void {
    const url = message.statusCallback;
    if (url === null || faults.ofCallback('lose', message.to) !== null) return;
    const copies = faults.ofCallback('duplicate', message.to) === null ? 1 : 2;
    const send = () => {
      for (let copy = 0; copy < copies; copy += 1) void post(url, parameters, message.accountSid);
    };
    const delayMs = faults.ofCallback('delay', message.to);
    if (delayMs === null) send();
    else {
      const end = begin();
      later(delayMs, () => {
        send();
        end();
      });
    }
  }

  function change(
    message: SimulatedMessage,
    status: string,
    errorCode: number | null,
  ): Record<string, string> {
    message.status = status;
    message.errorCode = errorCode;
    message.updatedAt = clock.date();
    if (status === 'sent') message.sentAt = message.updatedAt;
    state.changed(message);
    return callbackParameters(message);
  }

  function senderOf(message: SimulatedMessage): string {
    const service = state.accounts
      .get(message.accountSid)
      ?.messagingServices.find(({ sid }) => sid === message.serviceSid);
    return message.from ?? service?.phoneNumbers[0] ?? '';
  }

  return {
    carry(message) {
      if (statusCallbacks === false) return;
      const { delaysMs } = statusCallbacks;
      const errorCode = faults.ofCarrier(message.to);
      // The initial status (queued, or accepted in a Messaging Service) has no callback.
      const steps = [
        ...(message.serviceSid === null ? [] : ['queued']),
        'sending',
        'sent',
        errorCode === null ? 'delivered' : 'undelivered',
      ];
      const held: Record<string, string>[] | null =
        faults.ofCallback('reorder', message.to) === null ? null : [];
      const end = begin();
      const step = (index: number) =>
        later(delaysMs[Math.min(index, delaysMs.length - 1)] ?? 0, () => {
          message.from ??= senderOf(message);
          const isLast = index === steps.length - 1;
          const parameters = change(message, steps[index] ?? '', isLast ? errorCode : null);
          if (held === null) callBack(message, parameters);
          else held.unshift(parameters);
          if (!isLast) step(index + 1);
          else {
            for (const kept of held ?? []) callBack(message, kept);
            end();
          }
        });
      step(0);
    },

    async text(input) {
      const { from, to, body, media, messageSid } = inboundText.parse(input);
      const number = state.numberOf(to);
      if (!number) throw new Error(`the simulator has no number ${to}`);
      const service = state.accounts
        .get(number.accountSid)
        ?.messagingServices.find(({ phoneNumbers }) => phoneNumbers.includes(to));
      const known = messageSid === undefined ? undefined : state.message(messageSid);
      const now = clock.date();
      const message: SimulatedMessage = known ?? {
        sid: messageSid ?? newSid(media.length > 0 ? 'MM' : 'SM'),
        accountSid: number.accountSid,
        direction: 'inbound',
        from,
        to,
        body,
        serviceSid: service?.sid ?? null,
        statusCallback: null,
        media: media.map(({ contentType, base64 }) => ({
          sid: newSid('ME'),
          contentType,
          body: Buffer.from(base64, 'base64'),
        })),
        mediaUrls: [],
        status: 'received',
        errorCode: null,
        createdAt: now,
        updatedAt: now,
        sentAt: now,
      };
      if (known === undefined) {
        state.addMessage(message);
        const word = body.trim().toUpperCase();
        for (const scope of [to, ...(service ? [service.sid] : [])]) {
          if (stopWords.has(word)) state.optedOut.add(`${scope} ${from}`);
          if (startWords.has(word)) state.optedOut.delete(`${scope} ${from}`);
        }
      }
      const url = service?.inboundUrl ?? number.smsUrl;
      if (url === '') return { messageSid: message.sid, answer: null };
      const parameters = inboundParameters(message, baseUrl());
      const call = async () => {
        const copies = faults.ofText('duplicate_text') === null ? 1 : 2;
        const calls = Array.from({ length: copies }, () => post(url, parameters, message.accountSid));
        const [answer = null] = await Promise.all(calls);
        return answer;
      };
      const delayMs = faults.ofText('delay_text');
      return { messageSid: message.sid, answer: await (delayMs === null ? call() : delayed(delayMs, call)) };
    },

    async status(input) {
      const { sid, status, errorCode } = statusChange.parse(input);
      const message = state.message(sid);
      if (!message) throw new Error(`the simulator has no message ${sid}`);
      const parameters = change(message, status, errorCode ?? null);
      return message.statusCallback === null
        ? null
        : post(message.statusCallback, parameters, message.accountSid);
    },

    isOptedOut: (message, from) => state.optedOut.has(`${message.serviceSid ?? from} ${message.to}`),

    idle: () => (onTheWay === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),

    reset() {
      round += 1;
      onTheWay = 0;
      for (const resolve of forget) resolve();
      forget.clear();
      const resolved = waiting;
      waiting = [];
      for (const resolve of resolved) resolve();
    },
  };
}

function callbackParameters(message: SimulatedMessage): Record<string, string> {
  return {
    ApiVersion: '2010-04-01',
    AccountSid: message.accountSid,
    From: message.from ?? '',
    MessageSid: message.sid,
    MessageStatus: message.status,
    SmsSid: message.sid,
    SmsStatus: message.status,
    To: message.to,
    ...(message.serviceSid === null ? {} : { MessagingServiceSid: message.serviceSid }),
    ...(message.errorCode === null ? {} : { ErrorCode: String(message.errorCode) }),
  };
}

function inboundParameters(message: SimulatedMessage, baseUrl: string): Record<string, string> {
  const parameters: Record<string, string> = {
    ToCountry: 'US',
    ToState: '',
    ToCity: '',
    ToZip: '',
    FromCountry: 'US',
    FromState: '',
    FromCity: '',
    FromZip: '',
    ApiVersion: '2010-04-01',
    AccountSid: message.accountSid,
    MessageSid: message.sid,
    SmsMessageSid: message.sid,
    SmsSid: message.sid,
    SmsStatus: 'received',
    From: message.from ?? '',
    To: message.to,
    Body: message.body,
    NumSegments: '1',
    NumMedia: String(message.media.length),
  };
  if (message.serviceSid !== null) parameters.MessagingServiceSid = message.serviceSid;
  for (const [index, medium] of message.media.entries()) {
    const path = `/2010-04-01/Accounts/${message.accountSid}/Messages/${message.sid}/Media/${medium.sid}`;
    parameters[`MediaUrl${index}`] = `${baseUrl}${path}`;
    parameters[`MediaContentType${index}`] = medium.contentType;
  }
  return parameters;
}
