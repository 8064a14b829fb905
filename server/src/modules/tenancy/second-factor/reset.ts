// Takes away everything that a user has besides the password: for who has lost their phone, and their codes with it. Their
// sessions end too, so that whoever talked somebody into this begins with nothing.
import { type Actor, type Context, type Origin, systemActor } from '../../../core/context.ts';
import { conflict, notFound, type ParleyError } from '../../../core/errors.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { voidLinks } from '../account-links.ts';
import { permissionsOfActor, permissionsOfMember, requireCovered } from '../grants.ts';
import { inAccount } from '../in-account.ts';
import { secondFactorReset } from './events.ts';
import { mailChange } from './mails.ts';
import { takeFactorsAway } from './take-away.ts';

/**
 * By who manages members in every workspace that the member is in, and may there whatever the member may.
 * @param onlyWorkspace what the session reaches: of other workspaces it says nothing of who one is
 * @throws ParleyError 404, 403 for one who may more, 409 `member_elsewhere`
 */
export async function resetMember(
  kernel: Kernel,
  ctx: Context,
  userId: string,
  onlyWorkspace: string | null,
): Promise<void> {
  await kernel.database.asSystem(async (queries) => {
    const rows = await queries.sql<{ workspace_id: string }>(
      'select workspace_id from members where user_id = $1',
      [userId],
    );
    const workspaces = rows.map((row) => row.workspace_id);
    if (!workspaces.includes(ctx.workspaceId)) throw notFound('member');
    for (const workspaceId of workspaces) {
      if (workspaceId !== ctx.workspaceId && onlyWorkspace !== null) throw memberElsewhere();
      const own = await permissionsOfActor(queries, workspaceId, ctx.actor, kernel.clock.date());
      const theirs = (await permissionsOfMember(queries, workspaceId, userId)) ?? new Set();
      if (workspaceId === ctx.workspaceId) requireCovered(own, theirs);
      else if (!own.has('members:manage') || !theirs.isSubsetOf(own)) throw memberElsewhere();
    }
  });
  await reset(kernel, userId, ctx.origin, ctx.actor);
}

function memberElsewhere(): ParleyError {
  return conflict(
    'member_elsewhere',
    'They are in a workspace that you do not manage: the operator resets them, with `parley member reset-second-factor`.',
  );
}

/** From the command line. Returns whether there is such a user. */
export async function resetByOperator(kernel: Kernel, email: string, origin: Origin): Promise<boolean> {
  const [user] = await kernel.database.asSystem((queries) =>
    queries.sql<{ id: string }>('select id from users where email = $1', [email.toLowerCase()]),
  );
  if (user) await reset(kernel, user.id, origin, systemActor);
  return user !== undefined;
}

async function reset(kernel: Kernel, userId: string, origin: Origin, actor: Actor): Promise<void> {
  await inAccount(
    kernel,
    userId,
    origin,
    async (queries, tell) => {
      await takeFactorsAway(queries, userId);
      await voidLinks(queries, userId);
      tell(secondFactorReset);
    },
    actor,
  );
  kernel.bus.publish(credentialsChanged);
  await mailChange(kernel, userId, 'reset');
}
