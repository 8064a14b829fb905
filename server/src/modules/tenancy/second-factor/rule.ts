// Whether a workspace wants its members to have a second factor. Where it does, nothing of it is open to a member without one;
// they see who they are, and can set one up.
import type { Workspace } from '@parley/contract/tenancy';
import type { Context } from '../../../core/context.ts';
import { conflict, ParleyError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { signedInUserId } from '../account.ts';
import { workspaceChanged } from '../events.ts';
import { readWorkspace } from '../workspace.ts';
import { hasFactor, hasStrongFactor } from './has-factor.ts';

/** SQL: whether a workspace wants a second factor of a user who has none. Both are columns. */
export const lacksFactor = (rule: string, user: string) =>
  `(${rule} = 'required' and not ${hasFactor(user)}
    or ${rule} = 'required_without_sms' and not ${hasStrongFactor(user)})`;

export function secondFactorRequired(): ParleyError {
  return new ParleyError({
    status: 403,
    code: 'second_factor_required',
    message: 'This workspace wants a second factor: set one up for your account first.',
  });
}

/** @throws ParleyError 409 `no_second_factor` for whoever has none themselves, 403 for an API key */
export async function changeSecondFactorRule(
  kernel: Kernel,
  ctx: Context,
  principal: Principal,
  secondFactor: Workspace['secondFactor'],
): Promise<Workspace> {
  const userId = signedInUserId(principal);
  if (secondFactor !== 'optional') {
    const [row] = await kernel.database.asSystem((queries) =>
      queries.sql<{ lacks: boolean }>(`select ${lacksFactor('$2::text', '$1')} as lacks`, [
        userId,
        secondFactor,
      ]),
    );
    if (row?.lacks !== false) {
      throw conflict(
        'no_second_factor',
        'Set up a second factor for your own account first: you would be shut out like everybody without one.',
      );
    }
  }
  await ctx.transaction(async (tx) => {
    const changed = await tx.sql(
      'update workspaces set second_factor = $2 where workspace_id = $1 and second_factor <> $2 returning 1 as one',
      [tx.workspaceId, secondFactor],
    );
    if (changed.length > 0) tx.append(workspaceChanged, { changed: ['secondFactor'], secondFactor });
  });
  return readWorkspace(ctx);
}
