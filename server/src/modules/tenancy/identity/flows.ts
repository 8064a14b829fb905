// Who was sent to an identity provider: what they are to come back with, kept sealed under a hash of the state, for ten minutes
// and one return, in the browser that was sent.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Kernel } from '../../../core/kernel.ts';
import type { Pending } from './oidc.ts';

const flowMs = 600_000;

const flow = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  way: z.enum(['google', 'microsoft', 'company']),
  workspaceId: z.string().nullable(),
  /** Whose account it is linked to; null: they sign in. */
  linkTo: z.string().nullable(),
  returnTo: z.string(),
  browserHash: z.string(),
});
export type Flow = z.infer<typeof flow>;

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');
const place = (stateHash: string) => `sign_in_flows.sealed:${stateHash}`;
const vaultOf = (kernel: Kernel) => kernel.installationVault('sign-in flows');

export async function keepFlow(
  kernel: Kernel,
  pending: Pending,
  rest: Omit<Flow, keyof Pending | 'browserHash'>,
  browser: string,
): Promise<void> {
  const stateHash = hashOf(pending.state);
  const now = kernel.clock.now();
  const kept = JSON.stringify({ ...pending, ...rest, browserHash: hashOf(browser) } satisfies Flow);
  await kernel.database.asSystem(async (queries) => {
    await queries.sql('delete from sign_in_flows where expires_at < $1', [new Date(now)]);
    await queries.sql('insert into sign_in_flows (state_hash, sealed, expires_at) values ($1, $2, $3)', [
      stateHash,
      vaultOf(kernel).seal(kept, place(stateHash)),
      new Date(now + flowMs),
    ]);
  });
}

/** Null where there is none, it has been taken, or another browser has come. */
export async function takeFlow(kernel: Kernel, state: string, browser: string | null): Promise<Flow | null> {
  const stateHash = hashOf(state);
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ sealed: Uint8Array }>(
      'delete from sign_in_flows where state_hash = $1 and expires_at > $2 returning sealed',
      [stateHash, kernel.clock.date()],
    ),
  );
  if (!row || browser === null) return null;
  const kept = flow.parse(JSON.parse(vaultOf(kernel).openText(row.sealed, place(stateHash))));
  return kept.browserHash === hashOf(browser) ? kept : null;
}

const isSecure = (kernel: Kernel) => kernel.config.publicUrl.startsWith('https:');
const cookieName = (kernel: Kernel) => (isSecure(kernel) ? '__Host-parley.sign_in' : 'parley.sign_in');
const browserValue = /^[\w-]{43}$/;

/** What this browser was given at an earlier beginning; null where nothing was. */
export function browserOf(kernel: Kernel, request: FastifyRequest): string | null {
  for (const part of request.headers.cookie?.split(';') ?? []) {
    const [name, value = ''] = part.trim().split('=');
    if (name === cookieName(kernel) && browserValue.test(value)) return value;
  }
  return null;
}

/** Gives the browser something to be known by: kept while several windows are on their way. */
export function markBrowser(kernel: Kernel, request: FastifyRequest, reply: FastifyReply): string {
  const browser = browserOf(kernel, request) ?? randomBytes(32).toString('base64url');
  const secure = isSecure(kernel) ? '; Secure' : '';
  // Lax: it comes along when the identity provider sends the browser back.
  reply.header(
    'set-cookie',
    `${cookieName(kernel)}=${browser}; Path=/; Max-Age=${flowMs / 1000}; HttpOnly; SameSite=Lax${secure}`,
  );
  return browser;
}
