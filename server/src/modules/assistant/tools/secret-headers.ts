// The headers of tools that call outside: sealed where they are kept, opened for the call, and never shown again.
import type { HttpToolInput } from '@parley/contract/tools';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { validationError } from '../../../core/errors.ts';

type Headers = Readonly<Record<string, string>>;

export async function openHeaders(ctx: Context, sealed: Uint8Array | null, place: string): Promise<Headers> {
  if (!sealed) return {};
  const vault = await ctx.vault();
  return JSON.parse(vault.openText(sealed, place)) as Headers;
}

interface Kept {
  readonly url: string;
  readonly headers: Uint8Array | null;
}

/**
 * Seals headers; those without a value keep the one that they had.
 * @throws ParleyError `sms.validation_error` where there was none, or where a kept one would go to another host: whoever may
 * change a tool must not learn its secrets by pointing it at a host of their own
 */
export function sealHeaders(
  tx: TransactionContext,
  given: HttpToolInput['headers'],
  to: { readonly url: string; readonly place: string; readonly before: Kept | null },
): { headers: Buffer | null; headerNames: string[] } {
  const { url, place, before } = to;
  const kept = before?.headers ? (JSON.parse(tx.openText(before.headers, place)) as Headers) : {};
  const moved = before !== null && hostOf(before.url) !== hostOf(url);
  const headers: Record<string, string> = {};
  for (const [at, { name, value }] of given.entries()) {
    const known = value ?? (moved ? undefined : kept[name]);
    if (known === undefined) {
      throw validationError('Enter the values of the headers: they were given for another host, or never.', [
        { path: `body.headers.${at}.value`, message: 'is needed' },
      ]);
    }
    headers[name] = known;
  }
  const headerNames = Object.keys(headers);
  return { headers: headerNames.length > 0 ? tx.seal(JSON.stringify(headers), place) : null, headerNames };
}

const hostOf = (template: string) => /^[a-z]+:\/\/[^/?#]*/i.exec(template)?.[0].toLowerCase() ?? '';

/** Shorter ones stand in any text by chance, and are no secrets. */
const secretLengthMin = 6;

/** Takes out what an answer repeats of the headers that were sent, whole or the part after `Bearer`. */
export function redact(text: string, headers: Headers): string {
  const secrets = Object.values(headers).flatMap((value) => [value, ...value.split(/\s+/).slice(1)]);
  const forms = secrets
    .filter((secret) => secret.length >= secretLengthMin)
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]);
  return forms
    .sort((left, right) => right.length - left.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '•••'), text);
}
