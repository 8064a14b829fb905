// Time-based one-time codes (RFC 6238): six digits, one for each 30 seconds, by HMAC-SHA-1, which is what every
// authenticator app takes. Numbers in, numbers out.
import { createHmac, randomBytes } from 'node:crypto';
import { isSameText } from '../../../core/crypto.ts';

const periodMs = 30_000;
const digits = 6;
/** As many bytes as the hash has (RFC 4226, section 4). */
const secretBytes = 20;
/** Clocks differ, and people type slowly: the code before and the one after are taken too. */
const tolerance = [-1, 0, 1];

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const newTotpSecret = (): Buffer => randomBytes(secretBytes);

/** @param step which period since 1970 */
export function codeOf(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits;
  return String(number).padStart(digits, '0');
}

/** The period whose code this is, if it is one of about now; null otherwise. All are compared, in the same time. */
export function stepOf(secret: Uint8Array, code: string, nowMs: number): number | null {
  const now = Math.floor(nowMs / periodMs);
  let found: number | null = null;
  for (const off of tolerance) {
    const step = now + off;
    if (isSameText(codeOf(secret, step), code)) found = step;
  }
  return found;
}

/** RFC 4648, without padding: what apps take by hand. */
export function inBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** What a QR code for an app holds. https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function totpUri(secret: Uint8Array, email: string): string {
  const query = new URLSearchParams({
    secret: inBase32(secret),
    issuer: 'Parley',
    algorithm: 'SHA1',
    digits: String(digits),
    period: String(periodMs / 1000),
  });
  return `otpauth://totp/Parley:${encodeURIComponent(email)}?${query}`;
}
