// Handing a workspace to another owner.
import type { Context } from '../../core/context.ts';
import { notFound, validationError } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { readersOf } from './account.ts';
import { memberChanged, ownershipTransferred } from './events.ts';
import { beginGranting } from './grants.ts';
import { unlinkByAddress } from './identity/links-by-address.ts';
import { letterOfOwnership } from './invitation-mails.ts';

/**
 * Makes another member the owner, and whoever says so an admin, at once. Both are told by mail.
 * @throws ParleyError 400 for oneself and for an API key, 404 for who is no member
 */
export async function transferOwnership(kernel: Kernel, ctx: Context, userId: string): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== 'member' || actor.id === null || actor.id === userId)
    throw validationError('An owner hands the workspace to another member.');
  const giver = actor.id;
  const workspace = await ctx.transaction(async (tx) => {
    await beginGranting(tx, 'owners:manage');
    const rows = await tx.sql<{
      user_id: string;
      role: 'owner' | 'admin' | 'agent' | 'viewer' | 'own';
      role_id: string | null;
    }>(
      `select user_id, role, role_id from members where workspace_id = $1 and user_id = any($2::text[])
       order by user_id for update`,
      [tx.workspaceId, [giver, userId]],
    );
    const next = rows.find((row) => row.user_id === userId);
    if (!next) throw notFound('member');
    const change = 'update members set role = $3, role_id = null where workspace_id = $1 and user_id = $2';
    await tx.sql(change, [tx.workspaceId, userId, 'owner']);
    await tx.sql(change, [tx.workspaceId, giver, 'admin']);
    await unlinkByAddress(tx, tx.workspaceId, userId);
    if (next.role !== 'owner') {
      tx.append(memberChanged, {
        userId,
        role: 'owner',
        previous: next.role,
        ...(next.role_id ? { previousRoleId: next.role_id } : {}),
      });
    }
    tx.append(memberChanged, { userId: giver, role: 'admin', previous: 'owner' });
    tx.append(ownershipTransferred, { userId, from: giver });
    const [row] = await tx.sql<{ name: string }>('select name from workspaces where workspace_id = $1', [
      tx.workspaceId,
    ]);
    return row?.name ?? '';
  });
  const people = await kernel.database.asSystem((queries) => readersOf(queries, [giver, userId]));
  for (const { id, email, language } of people) {
    await ctx.use(mailer).post(letterOfOwnership(email, language, workspace, id === giver ? 'gave' : 'got'));
  }
}
