// How an invitation is accepted: by somebody new, who makes an account with it, or by whoever is signed in to the account that
// has its address. The link serves once; what it gives, whoever gave it must still be allowed to give.
import type { AcceptedInvitation, NewAccount, ReadInvitation } from '@parley/contract/invitations';
import type { HeldRole } from '@parley/contract/tenancy';
import type { Origin } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import { ParleyError } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import type { Kernel } from '../../core/kernel.ts';
import { credentialsChanged } from '../../core/realtime/credentials.ts';
import { memberCreated } from './events.ts';
import { lockGrants, permissionsOf, permissionsOfActor } from './grants.ts';
import { unlinkByAddress } from './identity/links-by-address.ts';
import { hashToken, linkUsedUp } from './invitations.ts';
import { checkNewPassword } from './password-rules.ts';
import { mailChange } from './second-factor/mails.ts';
import { clearUnconfirmed } from './second-factor/take-away.ts';
import { signInPort, type User } from './sign-in-port.ts';

interface OpenInvitation {
  readonly id: string;
  readonly workspace_id: string;
  readonly workspace: string;
  readonly email: string;
  readonly role: HeldRole;
  readonly role_id: string | null;
  readonly role_name: string | null;
  readonly permissions: string[] | null;
  readonly by_mail: boolean;
  readonly expires_at: Date | string;
  readonly invited_by_kind: ActorReference['kind'];
  readonly invited_by_id: string | null;
}

const find = `select i.id, i.workspace_id, w.name as workspace, i.email, i.role, i.role_id, r.name as role_name,
    r.permissions, i.by_mail, i.expires_at, i.invited_by_kind, i.invited_by_id
  from invitations i join workspaces w on w.workspace_id = i.workspace_id left join roles r on r.id = i.role_id
  where i.token_hash = $1 and i.expires_at > $2`;

async function findInvitation(
  queries: Queries,
  kernel: Kernel,
  token: string,
  lock = '',
): Promise<OpenInvitation> {
  const [found] = await queries.sql<OpenInvitation>(`${find} ${lock}`, [
    hashToken(token),
    kernel.clock.date(),
  ]);
  if (!found) throw linkUsedUp();
  return found;
}

async function findUser(queries: Queries, email: string): Promise<User | undefined> {
  const [user] = await queries.sql<User>('select id, name, email from users where email = $1', [email]);
  return user;
}

/** @throws ParleyError 400 `link_used_up` */
export async function describeInvitation(kernel: Kernel, token: string): Promise<ReadInvitation> {
  return kernel.database.asSystem(async (queries) => {
    const found = await findInvitation(queries, kernel, token);
    const [inviter] =
      found.invited_by_kind === 'member'
        ? await queries.sql<{ name: string }>('select name from users where id = $1', [found.invited_by_id])
        : [];
    const known = found.by_mail && (await findUser(queries, found.email)) !== undefined;
    return {
      workspace: found.workspace,
      email: found.email,
      invitedBy: inviter?.name ?? null,
      role: found.role,
      ownRole: found.role_name,
      expiresAt: new Date(found.expires_at).toISOString(),
      account: found.by_mail ? (known ? 'known' : 'new') : 'untold',
    };
  });
}

/** Makes somebody new a member, with an account whose address is confirmed where the link came by mail. */
export async function acceptAsNew(
  kernel: Kernel,
  { token, name, password }: NewAccount,
  origin: Origin,
): Promise<AcceptedInvitation> {
  const signIn = kernel.use(signInPort);
  const invited = await kernel.database.asSystem((queries) => findInvitation(queries, kernel, token));
  await checkNewPassword(password, [name, invited.email, invited.workspace]);
  const { email } = invited;
  if (await kernel.database.asSystem((queries) => findUser(queries, email))) throw accountExists();
  const made = await signIn.createUser({ email, password, name });
  const user = await kernel.database.asSystem((queries) => findUser(queries, email));
  // Somebody else made it at this moment; the library then says that it did, under an id of nobody's.
  if (user?.id !== made.id) throw accountExists();
  try {
    return await accept(kernel, token, user, origin);
  } catch (error) {
    await signIn.withdrawUser(user.id).catch((failure: unknown) => {
      kernel.log.error(
        { err: failure, user: user.id },
        'a user who became no member could not be taken back',
      );
    });
    throw error;
  }
}

/** Makes the user who is signed in a member. @throws ParleyError 403 `other_account` where the invitation is not theirs */
export async function acceptAsUser(
  kernel: Kernel,
  token: string,
  { userId, onlyWorkspace }: { userId: string; onlyWorkspace: string | null },
  origin: Origin,
): Promise<AcceptedInvitation> {
  // A session that reaches one workspace was vouched for by that workspace alone.
  if (onlyWorkspace !== null) throw otherAccount();
  const user = await kernel.database.asSystem(async (queries) => {
    const [found] = await queries.sql<User>('select id, name, email from users where id = $1', [userId]);
    return found;
  });
  if (!user) throw linkUsedUp();
  return accept(kernel, token, user, origin);
}

/** All of it or nothing, so that a link serves once. */
async function accept(
  kernel: Kernel,
  token: string,
  user: User,
  origin: Origin,
): Promise<AcceptedInvitation> {
  const { workspace_id: workspaceId } = await kernel.database.asSystem((queries) =>
    findInvitation(queries, kernel, token),
  );
  let cleared = false;
  const accepted = await kernel.systemTransaction(
    async (queries, _enqueue, tell) => {
      await lockGrants(queries, workspaceId);
      const invited = await findInvitation(queries, kernel, token, 'for update of i');
      if (invited.email !== user.email) throw otherAccount();
      const inviter = { kind: invited.invited_by_kind, id: invited.invited_by_id };
      const may = await permissionsOfActor(queries, workspaceId, inviter, kernel.clock.date());
      const covered = may.has('members:manage') && permissionsOf(invited).isSubsetOf(may);
      if (!covered) throw linkUsedUp();
      await queries.sql('delete from invitations where id = $1', [invited.id]);
      // Who holds a link that went to the address, and is signed in with it, has shown that it is theirs.
      if (invited.by_mail) {
        cleared = await clearUnconfirmed(queries, user.id, origin.sessionId);
        await queries.sql('update users set email_verified = true where id = $1', [user.id]);
      }
      const added = await queries.sql(
        `insert into members (workspace_id, user_id, role, role_id, created_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning user_id`,
        [workspaceId, user.id, invited.role, invited.role_id, kernel.clock.date()],
      );
      if (added.length > 0) {
        if (invited.role === 'owner') await unlinkByAddress(queries, workspaceId, user.id);
        tell({ workspaceId, actor: { kind: 'member', id: user.id }, origin }, memberCreated, {
          userId: user.id,
          role: invited.role,
          ...(invited.role_id ? { roleId: invited.role_id } : {}),
          invitationId: invited.id,
        });
      }
      return { workspaceId, email: user.email };
    },
    [workspaceId],
  );
  kernel.bus.publish(credentialsChanged);
  if (cleared) await mailChange(kernel, user.id, 'cleared');
  return accepted;
}

const accountExists = () =>
  new ParleyError({
    status: 409,
    code: 'account_exists',
    message: 'There is an account with this address: sign in with it, and open the link again.',
  });

const otherAccount = () =>
  new ParleyError({
    status: 403,
    code: 'other_account',
    message: 'The invitation is for another address than the one that you are signed in with.',
  });
