// Who somebody is here whom an identity provider has named. What a workspace's own provider says opens this workspace and
// nothing else, so a workspace that claims an address that is not its people's gets no further than itself.
import { randomBytes } from 'node:crypto';
import type { SignInProblem } from '@parley/contract/identity';
import { systemActor } from '../../../core/context.ts';
import type { Queries } from '../../../core/database.ts';
import { databaseErrorCode, uniqueViolation } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { memberCreated } from '../events.ts';
import { asksFactor } from '../second-factor/has-factor.ts';
import { signInPort } from '../sign-in-port.ts';
import { identityLinked } from './events.ts';
import type { IdClaims } from './oidc.ts';
import { domainOf, type Provider, type WorkspaceProvider } from './providers.ts';

export type Resolved = { readonly userId: string } | { readonly problem: SignInProblem };

const isTrue = (value: unknown) => value === true || value === 'true' || value === 1 || value === '1';

/** One account of an identity provider: what it is told by is never the address, which can change hands. */
export const accountIdOf = ({ iss, sub }: Pick<IdClaims, 'iss' | 'sub'>) => `${iss} ${sub}`;

/** The address, where whoever says so is the one to know; null otherwise. */
export function verifiedEmail(way: Provider['way'], claims: IdClaims): string | null {
  const email = claims.email?.toLowerCase();
  if (!email) return null;
  switch (way) {
    case 'company':
      return isTrue(claims.email_verified) ? email : null;
    case 'google': {
      // Of other addresses Google knows that they were confirmed once, by whoever has the account.
      const isTheirs = domainOf(email) === 'gmail.com' || claims.hd?.toLowerCase() === domainOf(email);
      return isTrue(claims.email_verified) && isTheirs ? email : null;
    }
    case 'microsoft':
      // Every organisation writes what it likes into `email`.
      return isTrue(claims.xms_edov) ? email : null;
  }
}

/** By Google or Microsoft: one who was linked, or whose address is confirmed on both sides. Makes no user. */
export const resolveCompany = (kernel: Kernel, { way }: Provider, claims: IdClaims): Promise<Resolved> =>
  linkedUser(kernel, way, accountIdOf(claims), verifiedEmail(way, claims));

/** The user of an account elsewhere; links the one with the same address where that is confirmed here and there. */
export async function linkedUser(
  kernel: Kernel,
  providerId: string,
  accountId: string,
  email: string | null,
): Promise<Resolved> {
  const found = await kernel.database.asSystem(async (queries) => {
    const [linked] = await queries.sql<{ user_id: string }>(
      'select user_id from accounts where provider_id = $1 and account_id = $2',
      [providerId, accountId],
    );
    if (linked) return { userId: linked.user_id, isNew: false };
    if (!email) return null;
    const [user] = await queries.sql<{ id: string }>(
      // Who has a second factor links it themselves: an address alone opens nothing of theirs.
      `select id from users u where email = $1 and email_verified and not ${asksFactor('u.id')} for share`,
      [email],
    );
    if (!user) return null;
    await linkAccount(queries, providerId, accountId, user.id);
    return { userId: user.id, isNew: true };
  });
  if (!found) return { problem: 'no_account' };
  if (found.isNew) await tellLinked(kernel, found.userId, providerId);
  return { userId: found.userId };
}

/** Returns whether it is that user's now. */
export async function linkAccount(
  queries: Queries,
  providerId: string,
  accountId: string,
  userId: string,
): Promise<boolean> {
  await queries.sql(
    `insert into accounts (id, account_id, provider_id, user_id) values ($1, $2, $3, $4)
     on conflict (provider_id, account_id) do nothing`,
    [randomBytes(16).toString('hex'), accountId, providerId, userId],
  );
  const rows = await queries.sql(
    'select 1 from accounts where provider_id = $1 and account_id = $2 and user_id = $3',
    [providerId, accountId, userId],
  );
  return rows.length > 0;
}

/** For the audit of each of their workspaces. */
export async function tellLinked(
  kernel: Kernel,
  userId: string,
  way: string,
  event: typeof identityLinked = identityLinked,
): Promise<void> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>(
      'select workspace_id from members where user_id = $1 order by created_at limit 100',
      [userId],
    ),
  );
  const actor = { kind: 'member', id: userId, permissions: new Set<string>() } as const;
  for (const { workspace_id: workspaceId } of rows) {
    await kernel
      .context({ workspaceId, actor, requestId: newId() })
      .transaction(async (tx) => tx.append(event, { userId, way }));
  }
}

interface Known {
  readonly user_id: string;
  readonly role: string | null;
}

interface Linked extends Known {
  readonly by_address: boolean;
}

/** By a workspace's own provider. */
export async function resolveWorkspace(
  kernel: Kernel,
  provider: WorkspaceProvider,
  claims: IdClaims,
): Promise<Resolved> {
  const { workspaceId } = provider;
  const [linked] = await kernel.database.asSystem((queries) =>
    queries.sql<Linked>(
      `select i.user_id, i.by_address, m.role from sso_identities i
       left join members m on m.workspace_id = i.workspace_id and m.user_id = i.user_id
       where i.workspace_id = $1 and i.issuer = $2 and i.subject = $3`,
      [workspaceId, claims.iss, claims.sub],
    ),
  );
  // Who was removed stays out, until a member lets them in again.
  if (linked) {
    if (linked.role === 'owner' && linked.by_address) return { problem: 'owner_links_first' };
    return linked.role ? { userId: linked.user_id } : { problem: 'not_invited' };
  }
  const email = verifiedEmail('company', claims);
  if (!email || !provider.domains.includes(domainOf(email))) return { problem: 'email_unverified' };
  const known = await memberByEmail(kernel, workspaceId, email);
  // Whoever sets the provider, or has it in hand, must not become another owner with it.
  if (known?.role === 'owner') return { problem: 'owner_links_first' };
  if (!known?.role && !provider.defaultRole) return { problem: 'not_invited' };
  const userId = known?.user_id ?? (await newUser(kernel, email, claims.name));
  return (await enrol(kernel, provider, claims, userId)) ? { userId } : { problem: 'failed' };
}

async function memberByEmail(kernel: Kernel, workspaceId: string, email: string): Promise<Known | undefined> {
  const [known] = await kernel.database.asSystem((queries) =>
    queries.sql<Known>(
      `select u.id as user_id, m.role from users u
       left join members m on m.user_id = u.id and m.workspace_id = $1 where u.email = $2`,
      [workspaceId, email],
    ),
  );
  return known;
}

/** Their address counts as confirmed where they came from, and not in this installation. */
const newUser = async (kernel: Kernel, email: string, name: string | undefined): Promise<string> => {
  const shown = name?.trim().slice(0, 100) || email.slice(0, email.indexOf('@'));
  return (await kernel.use(signInPort).ensureUser({ email, name: shown })).id;
};

/** Links, and makes a member of who is none. Returns whether the identity is that user's. */
async function enrol(
  kernel: Kernel,
  { workspaceId, defaultRole }: WorkspaceProvider,
  claims: IdClaims,
  userId: string,
): Promise<boolean> {
  const ctx = kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
  try {
    await ctx.transaction(async (tx) => {
      await tx.sql(
        `insert into sso_identities (id, workspace_id, issuer, subject, user_id, by_address, created_at)
         values ($1, $2, $3, $4, $5, true, $6)`,
        [newId(), workspaceId, claims.iss, claims.sub, userId, tx.clock.date()],
      );
      tx.append(identityLinked, { userId, way: 'company' });
      if (!defaultRole) return;
      const made = await tx.sql(
        `insert into members (workspace_id, user_id, role) values ($1, $2, $3)
         on conflict do nothing returning 1 as one`,
        [workspaceId, userId, defaultRole],
      );
      if (made.length > 0) tx.append(memberCreated, { userId, role: defaultRole });
    });
    return true;
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    // They came twice at the same moment.
    const rows = await kernel.database.asSystem((queries) =>
      queries.sql(
        'select 1 from sso_identities where workspace_id = $1 and issuer = $2 and subject = $3 and user_id = $4',
        [workspaceId, claims.iss, claims.sub, userId],
      ),
    );
    return rows.length > 0;
  }
}
