// What every answer tells a browser that comes across it, whoever makes the answer: a route, an error, a file, or Node itself.
import type { Config } from './config.ts';

/** Nothing of it is used; passkeys are asked for by pages of ours alone. */
const permissions = [
  ...[
    'accelerometer',
    'browsing-topics',
    'camera',
    'display-capture',
    'geolocation',
    'gyroscope',
    'hid',
    'magnetometer',
    'microphone',
    'midi',
    'payment',
    'serial',
    'usb',
  ].map((feature) => `${feature}=()`),
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
].join(', ');

const hsts = 'max-age=31536000; includeSubDomains';

/** Of what is no page: it runs nothing, stands in no frame, and is nobody else's to load. */
export function plainHeaders(config: Pick<Config, 'publicUrl'>): Readonly<Record<string, string>> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': permissions,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(config.publicUrl.startsWith('https:') ? { 'strict-transport-security': hsts } : {}),
  };
}

/** Nothing under these is anybody else's to keep, unless the route says so. */
const personal = /^\/(?:api|v1|mcp)(?:[/?]|$)/;

export const isPersonal = (url: string): boolean => personal.test(url);
