// Who an `Authorization: Bearer …` speaks for: an API key, an access token of ours, or a token of the operator's Supabase project.
import { definePort } from '../../../core/context.ts';
import { notFound, ParleyError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import type { Supabase } from '../identity/supabase.ts';
import { principalOfKey } from '../keys.ts';
import { asksSecondFactor } from '../second-factor/has-factor.ts';
import { principalOfUser } from '../tenancy.ts';
import { readAccessToken } from './access-tokens.ts';

export interface Bearer {
  readonly principal: Principal;
  readonly kind: 'api_key' | 'tokens' | 'account';
  /** Of the key and which of its secrets, of the family of tokens, or of the user whom an account elsewhere is linked to. */
  readonly id: string;
  /** Milliseconds since the epoch; null: as long as the key is there. */
  readonly expiresAt: number | null;
}

/** Null: the operator has set none. */
export const supabasePort = definePort<Supabase | null>('supabase');

const isJwt = (token: string) => token.startsWith('eyJ') && token.split('.').length === 3;

/**
 * Null for what is none, has expired or was ended.
 * @param workspaceId the one that was asked for
 * @throws ParleyError 404 where it has no part in that workspace
 */
export async function readBearer(
  kernel: Kernel,
  token: string,
  workspaceId: string | undefined,
): Promise<Bearer | null> {
  if (isJwt(token)) {
    return (
      (await readOwnToken(kernel, token, workspaceId)) ??
      (await readSupabaseToken(kernel, token, workspaceId))
    );
  }
  const found = await principalOfKey(kernel, token);
  if (!found?.actor.id) return null;
  const { secretStamp, ...principal } = found;
  // What names another workspace than the key's must not be done in the key's.
  if (workspaceId !== undefined && workspaceId !== principal.workspaceId) throw notFound('workspace');
  // By its secret: after a rotation, the one before ends some day, and the key does not.
  return { principal, kind: 'api_key', id: `${found.actor.id} ${secretStamp}`, expiresAt: null };
}

const findFamily = {
  name: 'token_family_find',
  text: `select only_workspace from token_families
    where id = $1 and user_id = $2 and ended_at is null and expires_at > $3`,
};

async function readOwnToken(
  kernel: Kernel,
  token: string,
  workspaceId: string | undefined,
): Promise<Bearer | null> {
  const claims = await readAccessToken(kernel, token);
  if (!claims) return null;
  const { userId, familyId, expiresAt } = claims;
  const [family] = await kernel.database.asSystem((queries) =>
    queries.sql<{ only_workspace: string | null }>(findFamily, [familyId, userId, kernel.clock.date()]),
  );
  if (!family) return null;
  const principal = await principalOfUser(kernel, userId, workspaceId, family.only_workspace);
  return {
    principal: {
      ...principal,
      sessionId: familyId,
      credential: 'tokens',
      onlyWorkspace: family.only_workspace,
    },
    kind: 'tokens',
    id: familyId,
    expiresAt,
  };
}

async function readSupabaseToken(
  kernel: Kernel,
  token: string,
  workspaceId: string | undefined,
): Promise<Bearer | null> {
  const supabase = kernel.use(supabasePort);
  const claims = await supabase?.read(token);
  const userId = claims && (await supabase?.userOf(token, claims));
  if (!userId) return null;
  if (
    claims.aal !== 'aal2' &&
    (await kernel.database.asSystem((queries) => asksSecondFactor(queries, userId)))
  ) {
    throw new ParleyError({
      status: 403,
      code: 'second_factor_needed',
      message: 'This account has a second factor: the token must be of a session that gave one (aal2).',
    });
  }
  const principal = await principalOfUser(kernel, userId, workspaceId, null);
  return {
    principal: { ...principal, credential: 'account' },
    kind: 'account',
    id: userId,
    expiresAt: claims.exp * 1000,
  };
}
