// Invitations: how a user becomes a member. Whoever is invited holds a link, and where they have an account, is signed in to
// it: a membership begins for nobody who has not been asked, and for no account that somebody else made with their address.
import { createHash, randomBytes } from 'node:crypto';
import type { CreatedInvitation, CreateInvitation, Invitation } from '@parley/contract/invitations';
import type { HeldRole } from '@parley/contract/tenancy';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, ParleyError } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer, maskAddress } from '../../core/mail.ts';
import { defineJob } from '../../core/queue.ts';
import type { AccountAsk } from './account-asks.ts';
import { invitationCreated, invitationRenewed, invitationWithdrawn } from './events.ts';
import { beginGranting, permissionsOf, requireCovered } from './grants.ts';
import { invitationDays, letterOfInvitation } from './invitation-mails.ts';
import { readGrant } from './roles.ts';

const dayMs = 86_400_000;
/** Those that wait. It also bounds what a workspace can have mailed to strangers. */
const openMax = 200;

export const mailInvitation = defineJob({
  name: 'tenancy.mail_invitation',
  doc: 'Makes the link of an invitation, and has it mailed.',
  input: z.object({ invitationId: z.uuid() }),
  effect: 'external',
  retries: 5,
});

export const forgetInvitations = defineJob({
  name: 'tenancy.forget_invitations',
  doc: 'Deletes invitations that expired more than 30 days ago.',
  input: z.object({}),
  effect: 'system',
});

export async function forgetOldInvitations(ctx: SystemContext): Promise<void> {
  const before = new Date(ctx.clock.now() - 30 * dayMs);
  await ctx.system((queries) => queries.sql('delete from invitations where expires_at < $1', [before]));
}

export const newToken = () => randomBytes(32).toString('base64url');
export const hashToken = (token: string) => createHash('sha256').update(token).digest('hex');
const linkOf = (ctx: Pick<Context, 'config'>, token: string) =>
  // After the #, where no server and no Referer sees it.
  `${ctx.config.publicUrl}/invitation#token=${token}`;

interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: HeldRole;
  readonly role_id: string | null;
  readonly role_name: string | null;
  readonly invited_by_kind: ActorReference['kind'];
  readonly invited_by_id: string | null;
  readonly permissions: string[] | null;
  readonly created_at: Date | string;
  readonly expires_at: Date | string;
}

const selectInvitations = `select i.id, i.email, i.role, i.role_id, r.name as role_name, r.permissions,
    i.invited_by_kind, i.invited_by_id, i.created_at, i.expires_at
  from invitations i left join roles r on r.id = i.role_id where i.workspace_id = $1`;

const toInvitation = (row: InvitationRow): Invitation => ({
  id: row.id,
  email: row.email,
  role: row.role,
  ownRole: row.role_id === null ? null : { id: row.role_id, name: row.role_name ?? '' },
  invitedBy: row.invited_by_kind === 'member' ? row.invited_by_id : null,
  createdAt: new Date(row.created_at).toISOString(),
  expiresAt: new Date(row.expires_at).toISOString(),
});

/** The newest first, also those that have expired: they can be renewed. */
export async function listInvitations(ctx: Context): Promise<Invitation[]> {
  const rows = await ctx.transaction((tx) =>
    tx.sql<InvitationRow>(`${selectInvitations} order by i.created_at desc, i.id`, [tx.workspaceId]),
  );
  return rows.map(toInvitation);
}

async function readRow(tx: TransactionContext, invitationId: string): Promise<InvitationRow> {
  const [row] = await tx.sql<InvitationRow>(`${selectInvitations} and i.id = $2 for update of i`, [
    tx.workspaceId,
    invitationId,
  ]);
  if (!row) throw notFound('invitation');
  return row;
}

/** Has the link mailed, or makes it, where no mail is sent. Returns it then, this once. */
async function issueLink(tx: TransactionContext, invitationId: string): Promise<string | null> {
  if (tx.use(mailer).way !== 'none') {
    tx.enqueue(mailInvitation, { invitationId });
    return null;
  }
  const token = newToken();
  await tx.sql(
    'update invitations set token_hash = $3, by_mail = false where workspace_id = $1 and id = $2',
    [tx.workspaceId, invitationId, hashToken(token)],
  );
  return linkOf(tx, token);
}

/**
 * Invites whoever has the address, and says nothing of whether there is an account with it.
 * @param isMember whether a member of this workspace has the address
 * @throws ParleyError 409 `member_exists`, `invitation_exists`, `invitations_max`; 403 beyond one's own permissions
 */
export async function createInvitation(
  ctx: Context,
  input: CreateInvitation & { language: AccountAsk['language']; isMember: boolean },
): Promise<CreatedInvitation> {
  const email = input.email.toLowerCase();
  return ctx.transaction(async (tx) => {
    const own = await beginGranting(tx, 'members:manage');
    const grant = await readGrant(tx, input);
    requireCovered(own, grant.allows);
    if (input.isMember) throw conflict('member_exists', 'They are a member of this workspace already.');
    const now = tx.clock.date();
    await tx.sql('delete from invitations where workspace_id = $1 and email = $2 and expires_at <= $3', [
      tx.workspaceId,
      email,
      now,
    ]);
    const waiting = await tx.sql<{ email: string }>('select email from invitations where workspace_id = $1', [
      tx.workspaceId,
    ]);
    if (waiting.some((one) => one.email === email))
      throw conflict('invitation_exists', 'They are invited already: send that invitation again.');
    if (waiting.length >= openMax)
      throw conflict('invitations_max', `At most ${openMax} invitations wait at a time: withdraw some.`);
    const id = newId();
    await tx.sql(
      `insert into invitations (id, workspace_id, email, role, role_id, invited_by_kind, invited_by_id, language,
         created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        id,
        tx.workspaceId,
        email,
        grant.role,
        grant.roleId,
        tx.actor.kind,
        tx.actor.id,
        input.language,
        now,
        new Date(now.getTime() + invitationDays * dayMs),
      ],
    );
    const link = await issueLink(tx, id);
    tx.append(invitationCreated, {
      invitationId: id,
      role: grant.role,
      ...(grant.roleId ? { roleId: grant.roleId } : {}),
      email: maskAddress(email),
    });
    return { ...toInvitation(await readRow(tx, id)), link };
  });
}

/**
 * Another link, for another week, in the name of whoever asks for it; the one before is void.
 * @throws ParleyError 404, 403 beyond one's own permissions
 */
export async function renewInvitation(ctx: Context, invitationId: string): Promise<CreatedInvitation> {
  return ctx.transaction(async (tx) => {
    const own = await beginGranting(tx, 'members:manage');
    requireCovered(own, permissionsOf(await readRow(tx, invitationId)));
    await tx.sql(
      `update invitations set token_hash = null, by_mail = false, expires_at = $3, invited_by_kind = $4, invited_by_id = $5
       where workspace_id = $1 and id = $2`,
      [
        tx.workspaceId,
        invitationId,
        new Date(tx.clock.now() + invitationDays * dayMs),
        tx.actor.kind,
        tx.actor.id,
      ],
    );
    const link = await issueLink(tx, invitationId);
    tx.append(invitationRenewed, { invitationId });
    return { ...toInvitation(await readRow(tx, invitationId)), link };
  });
}

/** Its link is void at once. @throws ParleyError 404, 403 beyond one's own permissions */
export async function withdrawInvitation(ctx: Context, invitationId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const own = await beginGranting(tx, 'members:manage');
    const row = await readRow(tx, invitationId);
    requireCovered(own, permissionsOf(row));
    await tx.sql('delete from invitations where workspace_id = $1 and id = $2', [
      tx.workspaceId,
      invitationId,
    ]);
    tx.append(invitationWithdrawn, { invitationId, email: maskAddress(row.email) });
  });
}

interface Addressed {
  readonly email: string;
  readonly language: AccountAsk['language'];
  readonly workspace: string;
  readonly invited_by_kind: ActorReference['kind'];
  readonly invited_by_id: string | null;
}

/** Run twice, it mails two links, of which the second serves. */
export async function mailNotedInvitation(
  ctx: Context,
  { invitationId }: { invitationId: string },
): Promise<void> {
  const token = newToken();
  const to = await ctx.transaction(async (tx) => {
    const [row] = await tx.sql<Addressed>(
      `update invitations i set token_hash = $3, by_mail = true from workspaces w
       where i.workspace_id = $1 and i.id = $2 and i.expires_at > $4 and w.workspace_id = i.workspace_id
       returning i.email, i.language, w.name as workspace, i.invited_by_kind, i.invited_by_id`,
      [tx.workspaceId, invitationId, hashToken(token), tx.clock.date()],
    );
    return row;
  });
  // Withdrawn meanwhile.
  if (!to) return;
  const { email, language, workspace } = to;
  await ctx.use(mailer).post(letterOfInvitation(email, language, workspace, linkOf(ctx, token)));
}

/** Whether a member of the workspace has the address. Users belong to no workspace: the system looks. */
export async function isMemberByEmail(kernel: Kernel, workspaceId: string, email: string): Promise<boolean> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql(
      'select 1 from members m join users u on u.id = m.user_id where m.workspace_id = $1 and u.email = $2',
      [workspaceId, email.toLowerCase()],
    ),
  );
  return rows.length > 0;
}

export const linkUsedUp = () =>
  new ParleyError({
    status: 400,
    code: 'link_used_up',
    message: 'The link has been used, has expired, or is not whole. Ask for another invitation.',
  });
