// Sessions outlive the installation's secret: while the one before is still set, a cookie that was signed with it is signed anew
// before the sign-in library, which knows one secret, looks at it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** As the library signs them: `value.base64(HMAC-SHA256)`, percent-encoded. */
const signedCookie = /^((?:__Secure-|__Host-)?(?:better-auth|parley)\.[\w.-]+)=([^;]+)$/;

/** @param previous the library's secret of before; null where there is none */
export function createCookieRenewal(present: string, previous: string | null): (headers: Headers) => Headers {
  if (previous === null) return (headers) => headers;
  const sign = (secret: string, value: string) => createHmac('sha256', secret).update(value).digest('base64');
  const renew = (part: string): string => {
    const [, name, encoded] = signedCookie.exec(part.trim()) ?? [];
    const text = decode(encoded ?? '');
    const dot = text.lastIndexOf('.');
    if (name === undefined || dot < 1) return part;
    const [value, given] = [text.slice(0, dot), Buffer.from(text.slice(dot + 1))];
    const old = Buffer.from(sign(previous, value));
    if (given.length !== old.length || !timingSafeEqual(given, old)) return part;
    return ` ${name}=${encodeURIComponent(`${value}.${sign(present, value)}`)}`;
  };
  return (headers) => {
    const cookie = headers.get('cookie');
    if (!cookie) return headers;
    const renewed = new Headers(headers);
    renewed.set('cookie', cookie.split(';').map(renew).join(';').trim());
    return renewed;
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
