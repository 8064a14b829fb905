// The simulated Twilio's calls to us: signed, over kept connections, a bounded number at once, repeated as configured.
import { randomUUID } from 'node:crypto';
import { stringify } from 'node:querystring';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { Agent } from 'undici';

export interface WebhookAnswer {
  /** Of the last attempt; null when no answer came. */
  readonly status: number | null;
  readonly contentType: string;
  readonly body: string;
  readonly attempts: number;
}

export interface WebhookRetries {
  /** Further attempts after the first one. */
  readonly count: number;
  /** `connection`: only when no connection was made, as Twilio does by default; `all`: whenever there was no 2xx. */
  readonly on: 'connection' | 'all';
}

export interface Webhooks {
  post(url: string, parameters: Readonly<Record<string, string>>, authToken: string): Promise<WebhookAnswer>;
  close(): Promise<void>;
}

/**
 * Twilio's connection overrides, from the URL's fragment: `#rc=2&rp=all` asks for two retries whatever went wrong
 * (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). The fragment is neither sent nor signed.
 */
export function retriesOf(fragment: string, usual: WebhookRetries): WebhookRetries {
  const overrides = new URLSearchParams(fragment.replace(/^#/, ''));
  const count = Number(overrides.get('rc') ?? usual.count);
  const policy = overrides.get('rp');
  return {
    count: Number.isInteger(count) && count >= 0 && count <= 5 ? count : usual.count,
    on: policy === null ? usual.on : policy === 'ct' ? 'connection' : 'all',
  };
}

export function createWebhooks(concurrencyMax: number, timeoutMs: number, usual: WebhookRetries): Webhooks {
  const agent = new Agent({
    allowH2: false,
    connections: concurrencyMax,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  async function attempt(url: URL, headers: Record<string, string>, body: string) {
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers,
      body,
    });
    const contentType = String(answer.headers['content-type'] ?? '');
    return { status: answer.statusCode, contentType, body: await answer.body.text() };
  }

  return {
    async post(address, parameters, authToken) {
      const at = address.indexOf('#');
      const signedUrl = at === -1 ? address : address.slice(0, at);
      const retries = retriesOf(at === -1 ? '' : address.slice(at), usual);
      const headers = {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        'User-Agent': 'TwilioProxy/1.1',
        // The same for every attempt of one webhook.
        'I-Twilio-Idempotency-Token': randomUUID(),
        'X-Twilio-Signature': getExpectedTwilioSignature(authToken, signedUrl, parameters),
      };
      const body = stringify(parameters);
      for (let attempts = 1; ; attempts += 1) {
        let connected = true;
        try {
          const answer = await attempt(new URL(signedUrl), headers, body);
          const done = answer.status >= 200 && answer.status < 300;
          if (done || attempts > retries.count || retries.on === 'connection') return { ...answer, attempts };
        } catch (error) {
          connected = !isConnectionError(error);
          if (attempts > retries.count || (connected && retries.on === 'connection')) {
            return { status: null, contentType: '', body: '', attempts };
          }
        }
      }
    },
    close: () => agent.destroy(),
  };
}

function isConnectionError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code);
}
