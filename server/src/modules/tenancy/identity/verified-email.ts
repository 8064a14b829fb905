// Whose word on an address is believed. The great identity providers let their customers write what they like into `email`, and
// say elsewhere whether they stand by it.
import type { IdClaims } from './oidc.ts';
import { domainOf, type Provider } from './providers.ts';

const isTrue = (value: unknown) => value === true || value === 'true' || value === 1 || value === '1';

const microsoftHosts: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'sts.windows.net',
]);

type Word = 'google' | 'microsoft' | 'own';

/** A workspace may name one of the great ones as its own provider: then it is that one's word. */
function wordOf(way: Provider['way'], issuer: string): Word {
  if (way !== 'company') return way;
  const { hostname } = new URL(issuer);
  if (hostname === 'accounts.google.com') return 'google';
  return microsoftHosts.has(hostname) ? 'microsoft' : 'own';
}

/** The address, where whoever says so is the one to know; null otherwise. */
export function verifiedEmail(way: Provider['way'], claims: IdClaims): string | null {
  const email = claims.email?.toLowerCase();
  if (!email) return null;
  switch (wordOf(way, claims.iss)) {
    case 'own':
      return isTrue(claims.email_verified) ? email : null;
    case 'google': {
      // Of other addresses Google knows that they were confirmed once, by whoever has the account.
      const isConsumers = way === 'google' && domainOf(email) === 'gmail.com';
      const isTheirs = isConsumers || claims.hd?.toLowerCase() === domainOf(email);
      return isTrue(claims.email_verified) && isTheirs ? email : null;
    }
    case 'microsoft':
      // Every organisation writes what it likes into `email`.
      return isTrue(claims.xms_edov) ? email : null;
  }
}
