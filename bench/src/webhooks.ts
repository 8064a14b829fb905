// Signed Twilio webhooks, prepared before they are sent.
import { randomBytes } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { accountSid, authToken, ourNumber } from './installation.ts';
import { formPost } from './load.ts';

export interface PreparedWebhook {
  readonly messageSid: string;
  readonly from: string;
  readonly bytes: Buffer;
}

export function contactNumber(index: number): string {
  return `+1${(2_120_000_000 + (index % 7_000_000)).toString()}`;
}

/** A text from one contact to our number, as Twilio posts it. */
export function prepareText(
  { port, publicUrl }: { port: number; publicUrl: string },
  from: string,
  body: string,
): PreparedWebhook {
  const messageSid = `SM${randomBytes(16).toString('hex')}`;
  const parameters = {
    ToCountry: 'US',
    ToState: 'CA',
    SmsMessageSid: messageSid,
    NumMedia: '0',
    ToCity: 'OAKLAND',
    FromZip: '94110',
    SmsSid: messageSid,
    FromState: 'CA',
    SmsStatus: 'received',
    FromCity: 'SAN FRANCISCO',
    Body: body,
    FromCountry: 'US',
    To: ourNumber,
    NumSegments: '1',
    MessageSid: messageSid,
    AccountSid: accountSid,
    From: from,
    ApiVersion: '2010-04-01',
  };
  const url = `${publicUrl}/webhook/twilio/sms`;
  const signature = getExpectedTwilioSignature(authToken, url, parameters);
  const form = new URLSearchParams(parameters).toString();
  return {
    messageSid,
    from,
    bytes: formPost(port, '/webhook/twilio/sms', form, { 'X-Twilio-Signature': signature }),
  };
}
