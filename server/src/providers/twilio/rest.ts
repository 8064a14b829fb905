// Twilio's REST API as plain HTTP through the egress door: one call is one request, and whoever calls decides about
// another one. The SDK's client is not used: it hides whether a request left, on which double sends depend.
import { z } from 'zod';
import { type Egress, EgressError, type EgressResponse } from '../../core/egress.ts';
import { ProviderUnavailableError } from '../../modules/channels/adapter.ts';
import { isCredentialsCode } from './errors.ts';

const accountSid = z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'an account SID is AC and 32 hexadecimal digits');

/**
 * - `accountSid` is the account that owns the number; for a number of a subaccount, the subaccount.
 * - `authToken` is that account's own token: with it Twilio signs its webhooks. A second one is valid while rotating.
 * - REST calls are made with the API key where there is one, else as the parent account where there is one, else with
 *   the token. https://www.twilio.com/docs/iam/api/subaccount-resource
 */
export const twilioCredentials = z
  .object({
    accountSid,
    authToken: z.string().min(1),
    secondaryAuthToken: z.string().min(1).optional(),
    apiKeySid: z
      .string()
      .regex(/^SK[0-9a-fA-F]{32}$/, 'an API key SID is SK and 32 hexadecimal digits')
      .optional(),
    apiKeySecret: z.string().min(1).optional(),
    parentAccountSid: accountSid.optional(),
    parentAuthToken: z.string().min(1).optional(),
  })
  .refine((value) => !value.apiKeySid === !value.apiKeySecret, {
    error: 'an API key needs its SID and its secret',
    path: ['apiKeySecret'],
  })
  .refine((value) => !value.parentAccountSid === !value.parentAuthToken, {
    error: 'a parent account needs its SID and its auth token',
    path: ['parentAuthToken'],
  });

export type TwilioCredentials = z.infer<typeof twilioCredentials>;

/** https://www.twilio.com/docs/usage/twilios-response#exceptions */
const errorBody = z.object({ code: z.number().int(), message: z.string() });

export interface RestOptions {
  readonly egress: Egress;
  /** Where an account's API is, without a slash at the end: `https://api.twilio.com`, a region's, a simulator's. */
  readonly baseUrlFor: (accountSid: string) => string;
  readonly timeoutMs: number;
}

export interface RestCall {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Below `/2010-04-01/Accounts/{AccountSid}`. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly form?: readonly (readonly [string, string])[];
  readonly timeoutMs?: number;
  readonly bytesMax?: number;
  /** Instead of the usual choice: only `check` wants one. */
  readonly authorization?: string;
}

export interface Rest {
  /** One HTTP call, whatever the answer. @throws EgressError */
  call(credentials: TwilioCredentials, call: RestCall): Promise<EgressResponse>;
  /** One HTTP call whose answer must be a 2xx of that shape. @throws ProviderUnavailableError */
  ask<Output>(credentials: TwilioCredentials, call: RestCall, shape: z.ZodType<Output>): Promise<Output>;
}

export function createRest({ egress, baseUrlFor, timeoutMs }: RestOptions): Rest {
  const call: Rest['call'] = (credentials, request) => {
    const query = request.query?.length
      ? `?${new URLSearchParams(request.query.map(([...pair]) => pair))}`
      : '';
    const root = `${baseUrlFor(credentials.accountSid)}/2010-04-01/Accounts/${credentials.accountSid}`;
    return egress.request({
      url: `${root}${request.path}${query}`,
      method: request.method ?? 'GET',
      headers: {
        Authorization: request.authorization ?? authorizationOf(credentials),
        Accept: 'application/json',
        ...(request.form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(request.form && { body: new URLSearchParams(request.form.map(([...pair]) => pair)).toString() }),
      timeoutMs: request.timeoutMs ?? timeoutMs,
      bytesMax: request.bytesMax ?? 2 * 1024 * 1024,
    });
  };
  return {
    call,
    async ask(credentials, request, shape) {
      let answer: EgressResponse;
      try {
        answer = await call(credentials, request);
      } catch (error) {
        if (!(error instanceof EgressError)) throw error;
        // A lost answer to anything but a question may have been a success: asking again could buy twice.
        const repeatable = error.failure === 'not_sent' || (request.method ?? 'GET') === 'GET';
        const hopeless = error.failure === 'forbidden' || error.failure === 'too_large';
        throw new ProviderUnavailableError(error.failure, repeatable && !hopeless, { cause: error });
      }
      if (answer.status < 200 || answer.status > 299) throw unavailable(answer);
      const parsed = shape.safeParse(json(answer));
      if (!parsed.success) throw new ProviderUnavailableError('nonsense', true);
      return parsed.data;
    },
  };
}

const pageRoot = 'https://api.twilio.com';

/** `next_page_uri` of a list; null or absent on the last page. */
export const nextPageUri = z
  .string()
  .refine((uri) => URL.canParse(uri, pageRoot))
  .nullish();

/** The query of the next page and nothing else of it: where our credentials go is not an answer's to say. */
export function queryOf(uri: string): [string, string][] {
  return [...new URL(uri, pageRoot).searchParams];
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export function authorizationOf(credentials: TwilioCredentials): string {
  if (credentials.apiKeySid && credentials.apiKeySecret) {
    return basic(credentials.apiKeySid, credentials.apiKeySecret);
  }
  if (credentials.parentAccountSid && credentials.parentAuthToken) {
    return basic(credentials.parentAccountSid, credentials.parentAuthToken);
  }
  return basic(credentials.accountSid, credentials.authToken);
}

/** The body as JSON; `undefined` when it is none. */
export function json(answer: EgressResponse): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Twilio's own error code in an answer, or null: then the answer is somebody else's (a proxy, a load balancer). */
export function errorCodeOf(answer: EgressResponse): string | null {
  const parsed = errorBody.safeParse(json(answer));
  return parsed.success ? String(parsed.data.code) : null;
}

/** What a call that was only a question (or whose refusal is no outcome of a message) failed with. */
export function unavailable(answer: EgressResponse): ProviderUnavailableError {
  const code = errorCodeOf(answer) ?? `http_${answer.status}`;
  const forNow = answer.status === 408 || answer.status === 429 || answer.status >= 500;
  return new ProviderUnavailableError(code, forNow && !isCredentialsCode(code));
}
