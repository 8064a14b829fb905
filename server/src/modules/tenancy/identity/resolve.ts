// Who somebody is here whom an identity provider has named. What a workspace's own provider says opens this workspace and
// nothing else, so a workspace that claims an address that is not its people's gets no further than itself.
import { randomBytes } from 'node:crypto';
import type { SignInProblem } from '@parley/contract/identity';
import { serverOrigin } from '../../../core/audit.ts';
import { systemActor } from '../../../core/context.ts';
import type { Queries } from '../../../core/database.ts';
import { databaseErrorCode, uniqueViolation } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { memberCreated } from '../events.ts';
import { asksFactor } from '../second-factor/has-factor.ts';
import { mailChange } from '../second-factor/mails.ts';
import { identityLinked } from './events.ts';
import type { IdClaims } from './oidc.ts';
import { domainOf, type Provider, type WorkspaceProvider } from './providers.ts';
import { verifiedEmail } from './verified-email.ts';

export type Resolved = { readonly userId: string } | { readonly problem: SignInProblem };

/** One account of an identity provider: what it is told by is never the address, which can change hands. */
export const accountIdOf = ({ iss, sub }: Pick<IdClaims, 'iss' | 'sub'>) => `${iss} ${sub}`;

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
  if (event === identityLinked) await mailChange(kernel, userId, 'linked');
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
  const linked = await findLinked(kernel, workspaceId, claims);
  if (linked) return resolveLinked(linked);
  const email = verifiedEmail('company', claims);
  if (!email || !provider.domains.includes(domainOf(email))) return { problem: 'email_unverified' };
  const known = await findByEmail(kernel, workspaceId, email);
  // Whoever sets the provider, or has it in hand, must not become another owner with it.
  if (known?.role === 'owner') return { problem: 'owner_links_first' };
  // Who has an account is asked first: the workspace has only said that the domain is its own, and may have removed them.
  if (known && !known.role) return { problem: 'not_invited' };
  if (!known && !provider.defaultRole) return { problem: 'not_invited' };
  const userId = await enrol(kernel, provider, claims, known?.user_id ?? { email, name: claims.name });
  if (userId && known) await mailChange(kernel, userId, 'linked');
  if (userId) return { userId };
  // They came twice at the same moment; else somebody else has made an account with the address.
  const other = await findLinked(kernel, workspaceId, claims);
  return other ? resolveLinked(other) : { problem: 'not_invited' };
}

async function findLinked(
  kernel: Kernel,
  workspaceId: string,
  { iss, sub }: IdClaims,
): Promise<Linked | undefined> {
  const [linked] = await kernel.database.asSystem((queries) =>
    queries.sql<Linked>(
      `select i.user_id, i.by_address, m.role from sso_identities i
       left join members m on m.workspace_id = i.workspace_id and m.user_id = i.user_id
       where i.workspace_id = $1 and i.issuer = $2 and i.subject = $3`,
      [workspaceId, iss, sub],
    ),
  );
  return linked;
}

/** Who was removed stays out, until a member lets them in again. */
function resolveLinked({ user_id: userId, role, by_address: byAddress }: Linked): Resolved {
  if (role === 'owner' && byAddress) return { problem: 'owner_links_first' };
  return role ? { userId } : { problem: 'not_invited' };
}

async function findByEmail(kernel: Kernel, workspaceId: string, email: string): Promise<Known | undefined> {
  const [known] = await kernel.database.asSystem((queries) =>
    queries.sql<Known>(
      `select u.id as user_id, m.role from users u
       left join members m on m.user_id = u.id and m.workspace_id = $1 where u.email = $2`,
      [workspaceId, email],
    ),
  );
  return known;
}

interface Newcomer {
  readonly email: string;
  readonly name: string | undefined;
}

/**
 * Links a member, or makes one of who is new: user, membership and link at once, so that nobody finds a user with nothing, nor
 * is one found whom somebody else is making.
 * @returns the user; null where one, or the link, was made meanwhile
 */
async function enrol(
  kernel: Kernel,
  { workspaceId, defaultRole: role }: WorkspaceProvider,
  { iss, sub }: IdClaims,
  who: string | Newcomer,
): Promise<string | null> {
  const scope = { workspaceId, actor: systemActor, origin: serverOrigin };
  try {
    return await kernel.systemTransaction(
      async (queries, _enqueue, tell) => {
        const userId = typeof who === 'string' ? who : await makeUser(queries, who);
        if (userId === null) return null;
        if (typeof who !== 'string' && role !== null) {
          await queries.sql('insert into members (workspace_id, user_id, role) values ($1, $2, $3)', [
            workspaceId,
            userId,
            role,
          ]);
          tell(scope, memberCreated, { userId, role });
        }
        await queries.sql(
          `insert into sso_identities (id, workspace_id, issuer, subject, user_id, by_address, created_at)
           values ($1, $2, $3, $4, $5, true, $6)`,
          [newId(), workspaceId, iss, sub, userId, kernel.clock.date()],
        );
        tell(scope, identityLinked, { userId, way: 'company' });
        return userId;
      },
      [workspaceId],
    );
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    return null;
  }
}

/** Their address counts as confirmed where they came from, and not in this installation. Null where somebody has it. */
async function makeUser(queries: Queries, { email, name }: Newcomer): Promise<string | null> {
  const id = randomBytes(16).toString('hex');
  const shown = name?.trim().slice(0, 100) || email.slice(0, email.indexOf('@'));
  const made = await queries.sql(
    'insert into users (id, name, email) values ($1, $2, $3) on conflict (email) do nothing returning 1 as one',
    [id, shown, email],
  );
  return made.length > 0 ? id : null;
}
