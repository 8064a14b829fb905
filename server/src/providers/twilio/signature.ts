// Reads a webhook's parameters and checks X-Twilio-Signature with Twilio's own code. Only the SDK's webhook file is
// loaded: the whole SDK takes tens of megabytes that nothing here needs.
import { parse as parseForm } from 'node:querystring';
import { validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import { z } from 'zod';
import {
  ProviderPayloadError,
  type Verification,
  type WebhookRequest,
} from '../../modules/channels/adapter.ts';

/** A repeated parameter is an array, as Twilio's signature wants it. No prototype: any name may come. */
export type WebhookParameters = Readonly<Record<string, string | string[]>>;

const parametersMax = 1000;
const formType = 'application/x-www-form-urlencoded';
const jsonType = 'application/json';
const jsonBody = z.record(z.string(), z.unknown());

// identify, verify and deliveryKey all ask for the same call's parameters, and a call is one Buffer.
const knownForms = new WeakMap<Buffer, WebhookParameters>();
const knownJson = new WeakMap<Buffer, WebhookParameters>();

/**
 * The parameters of a call, from a form or, where the URL carries `bodySHA256`, from a JSON object (Twilio signs the
 * two differently: https://www.twilio.com/docs/usage/webhooks/webhooks-security).
 * @throws ProviderPayloadError when the body is neither.
 */
export function readParameters(rawBody: Buffer, url: string): WebhookParameters {
  const hashed = carriesBodyHash(url);
  const known = hashed ? knownJson : knownForms;
  const already = known.get(rawBody);
  if (already) return already;
  const parameters = hashed ? fromJson(rawBody) : fromForm(rawBody);
  known.set(rawBody, parameters);
  return parameters;
}

/** The same for a call whose headers are known. @throws ProviderPayloadError also for another content type. */
export function readCall(request: WebhookRequest): WebhookParameters {
  const url = request.urls[0] ?? '';
  const expected = carriesBodyHash(url) ? jsonType : formType;
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (contentType !== expected) throw new ProviderPayloadError(`the content type is not ${expected}`);
  return readParameters(request.rawBody, url);
}

/** Checks the signature over each URL with each token: while a token is rotated, two are valid. */
export function verifySignature(request: WebhookRequest, authTokens: readonly string[]): Verification {
  let parameters: WebhookParameters;
  try {
    parameters = readCall(request);
  } catch (error) {
    if (error instanceof ProviderPayloadError) return { ok: false, reason: 'unreadable' };
    throw error;
  }
  const signature = request.headers['x-twilio-signature'];
  if (!signature) return { ok: false, reason: 'missing_signature' };
  const hashed = carriesBodyHash(request.urls[0] ?? '');
  const body = hashed ? request.rawBody.toString('utf8') : '';
  for (const url of request.urls) {
    if (carriesBodyHash(url) !== hashed) continue;
    try {
      for (const authToken of authTokens) {
        const valid = hashed
          ? validateRequestWithBody(authToken, signature, url, body)
          : validateRequest(authToken, signature, url, parameters);
        if (valid) return { ok: true };
      }
    } catch (error) {
      // The SDK parses with `new URL` what does not fit as it is; what is no URL throws, and fits no signature.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return { ok: false, reason: 'wrong_signature' };
}

function carriesBodyHash(url: string): boolean {
  return /[?&]bodySHA256=/.test(url);
}

function fromForm(rawBody: Buffer): WebhookParameters {
  if (rawBody.length === 0) throw new ProviderPayloadError('the body is empty');
  const text = rawBody.toString('latin1');
  let count = 1;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    count += 1;
    if (count > parametersMax) throw new ProviderPayloadError(`more than ${parametersMax} parameters`);
  }
  // Node's own form parser, as in Twilio's documented middleware: it decodes %XX sequences as UTF-8 and never throws.
  return parseForm(rawBody.toString('utf8'), '&', '=', { maxKeys: 0 }) as WebhookParameters;
}

function fromJson(rawBody: Buffer): WebhookParameters {
  let value: unknown;
  try {
    value = JSON.parse(rawBody.toString('utf8'));
  } catch (cause) {
    throw new ProviderPayloadError('the body is not JSON', { cause });
  }
  const parsed = jsonBody.safeParse(value);
  if (!parsed.success) throw new ProviderPayloadError('the body is not a JSON object');
  const entries = Object.entries(parsed.data);
  if (entries.length > parametersMax) throw new ProviderPayloadError(`more than ${parametersMax} parameters`);
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, field] of entries) {
    // Twilio's webhooks are flat; a nested field, which may be nested without end, is none that we read.
    if (typeof field !== 'object') parameters[name] = String(field);
  }
  return parameters;
}
