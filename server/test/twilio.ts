// A simulated Twilio for tests: one account with numbers enough for many workspaces, a subaccount, a Messaging Service.
import { randomBytes } from 'node:crypto';
import { stringify } from 'node:querystring';
import type { Channel, CreateChannel } from '@parley/contract/channels';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { request } from 'undici';
import {
  createTwilioSimulator,
  type TwilioSimulator,
  type TwilioSimulatorOptions,
} from '../src/providers/twilio/simulator.ts';
import type { TestWorkspace } from './harness.ts';

export const twilioAccount = { accountSid: `AC${'1'.repeat(32)}`, authToken: 'the token of the account' };
export const twilioSubaccount = {
  accountSid: `AC${'2'.repeat(32)}`,
  authToken: 'the token of the subaccount',
};
export const subaccountNumber = '+15551238000';
export const messagingServiceSid = `MG${'5'.repeat(32)}`;
/** In the Messaging Service, as the last of the account's numbers. */
export const pooledNumber = '+15551237000';

const numbers = Array.from({ length: 60 }, (_, index) => `+155512390${String(index).padStart(2, '0')}`);

export interface TwilioCall {
  /** Where the call goes: a webhook's URL. */
  readonly url: string;
  readonly parameters: Record<string, string>;
  readonly authToken?: string;
  /** The URL that is signed, when it is another one. */
  readonly signedUrl?: string;
  readonly headers?: Record<string, string>;
  /** Instead of the form of the parameters. */
  readonly body?: string | Buffer;
}

export interface TestTwilio {
  readonly simulator: TwilioSimulator;
  /** For `startTestApp`. */
  readonly environment: Record<string, string>;
  /** Connects the next free number of the account, its webhooks set to the app. */
  connectTwilio(workspace: TestWorkspace, options?: Partial<CreateChannel>): Promise<Channel>;
  /** A person texts the number that was connected last, or `to`; resolves with the webhook's answer. */
  text(input: {
    from: string;
    body: string;
    to?: string;
    messageSid?: string;
  }): ReturnType<TwilioSimulator['text']>;
  close(): Promise<void>;
}

export async function startTwilio(options: Partial<TwilioSimulatorOptions> = {}): Promise<TestTwilio> {
  const simulator = createTwilioSimulator({
    accounts: [
      {
        sid: twilioAccount.accountSid,
        authToken: twilioAccount.authToken,
        numbers: [...numbers, pooledNumber].map((phoneNumber) => ({ phoneNumber })),
        messagingServices: [{ sid: messagingServiceSid, phoneNumbers: [pooledNumber] }],
      },
      {
        sid: twilioSubaccount.accountSid,
        authToken: twilioSubaccount.authToken,
        parentSid: twilioAccount.accountSid,
        numbers: [{ phoneNumber: subaccountNumber }],
      },
    ],
    statusCallbacks: { delaysMs: [5] },
    ...options,
  });
  const url = await simulator.listen();
  let used = 0;
  let latest = '';
  return {
    simulator,
    environment: { TWILIO_API_URL: url },
    connectTwilio: async (workspace, more = {}) => {
      const address = more.address ?? numbers[used++];
      if (!address) throw new Error('the simulated account has no number left');
      const { status, body } = await workspace.as('admin').post<Channel>('/api/v1/channels', {
        provider: 'twilio',
        address,
        credentials: twilioAccount,
        configureWebhooks: true,
        ...more,
      });
      if (status !== 201) throw new Error(`the channel was not connected: ${status} ${JSON.stringify(body)}`);
      latest = address;
      return body;
    },
    text: (input) => simulator.text({ to: latest, ...input }),
    close: () => simulator.close(),
  };
}

export function newMessageSid(): string {
  return `SM${randomBytes(16).toString('hex')}`;
}

/** What Twilio sends for an inbound text. */
export function inboundParameters(to: string, more: Record<string, string> = {}): Record<string, string> {
  const MessageSid = more.MessageSid ?? newMessageSid();
  return {
    AccountSid: twilioAccount.accountSid,
    MessageSid,
    SmsMessageSid: MessageSid,
    SmsSid: MessageSid,
    SmsStatus: 'received',
    From: '+15551230001',
    To: to,
    Body: 'hello',
    NumSegments: '1',
    NumMedia: '0',
    ApiVersion: '2010-04-01',
    ...more,
  };
}

/** A webhook call as Twilio makes it, or as somebody does who wants to pass for it. */
export async function callWebhook(
  call: TwilioCall,
): Promise<{ status: number; headers: Record<string, string>; body: string }> {
  const { url, parameters, authToken = twilioAccount.authToken, signedUrl = url } = call;
  const answer = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': getExpectedTwilioSignature(authToken, signedUrl, parameters),
      ...call.headers,
    },
    body: call.body ?? stringify(parameters),
  });
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
  );
  return { status: answer.statusCode, headers, body: await answer.body.text() };
}
