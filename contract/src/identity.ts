// Signing in by who one is elsewhere: a company's identity provider, Google, Microsoft, Supabase.
import { z } from 'zod';
import { id, timestamp } from './common.ts';
import { role } from './tenancy.ts';

/** As a browser reads it: two slashes in front name another host, also once `.` and `..` are gone. */
function isOwnPath(path: string): boolean {
  const url = URL.parse(path, 'http://page');
  return url !== null && url.origin === 'http://page' && !url.pathname.startsWith('//');
}

const returnTo = z
  .string()
  .max(300)
  .regex(/^\/(?![/\\])[^\s\\]*$/, { error: 'is no path of ours' })
  .refine(isOwnPath, { error: 'is no path of ours' })
  .default('/');

/** `company`: the identity provider that has the domain of the address. */
export const beginSignIn = z.discriminatedUnion('way', [
  z.object({ way: z.literal('company'), email: z.email().max(200), returnTo }),
  z.object({ way: z.enum(['google', 'microsoft']), returnTo }),
]);
/** Where the browser goes next. */
export const begunSignIn = z.object({ url: z.url() });

export const linkedAccount = z.object({
  id: z.string(),
  way: z.enum(['google', 'microsoft', 'supabase', 'company']),
  /** Of a company's: the workspace that it is good for. */
  workspace: z.object({ id, name: z.string() }).nullable(),
  linkedAt: timestamp,
  /** Whether another way to sign in is left without it. */
  removable: z.boolean(),
});
export type LinkedAccount = z.infer<typeof linkedAccount>;
export const linkedAccounts = z.object({
  items: z.array(linkedAccount),
  hasPassword: z.boolean(),
  /** What can be linked, and is not. */
  linkable: z.array(z.enum(['google', 'microsoft', 'company'])),
});
export type LinkedAccounts = z.infer<typeof linkedAccounts>;
/** `company`: the workspace's that one is in. */
export const linkAccount = z.object({ way: z.enum(['google', 'microsoft', 'company']) });
export const linkSupabase = z.object({ token: z.string().max(8000) });

const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(200)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, { error: 'is no domain' });

const settings = {
  issuer: z.url({ protocol: /^https?$/ }).max(500),
  clientId: z.string().trim().min(1).max(300),
  /** The domains of the addresses whose people come from there. */
  domains: z.array(domain).min(1).max(20),
  /** Whoever comes becomes a member with it; null: only those who are members already. */
  defaultRole: role.exclude(['owner']).nullable(),
  /** Members with an address of these domains come in by it, and by nothing else; owners may use their password. */
  enforced: z.boolean(),
};
export const singleSignOn = z.object({ ...settings, redirectUri: z.url(), updatedAt: timestamp });
export type SingleSignOn = z.infer<typeof singleSignOn>;
/** Null: there is none. `redirectUri` is what the identity provider is to be told. */
export const singleSignOnAnswer = z.object({ connection: singleSignOn.nullable(), redirectUri: z.url() });
export type SingleSignOnAnswer = z.infer<typeof singleSignOnAnswer>;
export const changeSingleSignOn = z.object({
  ...settings,
  /** Left out: it stays, as long as the issuer and the client do. */
  clientSecret: z.string().min(1).max(500).optional(),
});
export type ChangeSingleSignOn = z.infer<typeof changeSingleSignOn>;
export const checkSingleSignOn = changeSingleSignOn.pick({
  issuer: true,
  clientId: true,
  clientSecret: true,
});
export const singleSignOnCheck = z.object({
  ok: z.boolean(),
  /** `unreachable`: it did not answer as an identity provider does. `client`: it knows no such client, or another secret. */
  problem: z.enum(['unreachable', 'client']).nullable(),
});
export type SingleSignOnCheck = z.infer<typeof singleSignOnCheck>;

/** Why somebody who came back is not signed in; in the address of the sign-in page. */
export const signInProblems = [
  'expired',
  'failed',
  'email_unverified',
  'not_invited',
  'no_account',
  'owner_links_first',
  'already_linked',
] as const;
export type SignInProblem = (typeof signInProblems)[number];
