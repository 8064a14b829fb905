// Who holds a realtime socket: a session, an API key or tokens, asked when it is opened and again while it is open.
import type { Role } from '@parley/contract/tenancy';
import { ParleyError } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import type { Credential, Holder, Refusal, SocketCredentials } from '../../core/realtime/credentials.ts';
import { permissionsOfRole } from './permissions.ts';
import { signInPort } from './sign-in-port.ts';
import { principalOfUser } from './tenancy.ts';
import { readBearer } from './tokens/bearer.ts';

const judgeAll = {
  name: 'socket_credentials_judge',
  text: `select held.at, s.user_id is not null as known, m.role
      from unnest($1::int[], $2::text[], $3::uuid[]) as held(at, session_id, workspace_id)
      left join sessions s on s.id = held.session_id and s.expires_at > now()
        and (s.only_workspace is null or s.only_workspace = held.workspace_id)
      left join members m on m.workspace_id = held.workspace_id and m.user_id = s.user_id
    union all
    select held.at, f.id is not null, m.role
      from unnest($6::int[], $7::uuid[], $8::uuid[]) as held(at, family_id, workspace_id)
      left join token_families f on f.id = held.family_id and f.ended_at is null and f.expires_at > now()
        and (f.only_workspace is null or f.only_workspace = held.workspace_id)
      left join members m on m.workspace_id = held.workspace_id and m.user_id = f.user_id
    union all
    select held.at, k.id is not null, k.role
      from unnest($4::int[], $5::uuid[]) as held(at, key_id)
      left join api_keys k on k.id = held.key_id and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > now())`,
};

export function createSocketCredentials(kernel: Kernel): SocketCredentials {
  const ofToken = async (token: string, workspaceId: string | null) => {
    const bearer = await orForbidden(readBearer(kernel, token, workspaceId ?? undefined));
    if (bearer === 'forbidden') return bearer;
    return bearer ? hold(bearer.principal, bearer) : 'unauthenticated';
  };
  return {
    ofToken,
    atUpgrade: async (request, workspaceId) => {
      const { authorization, cookie } = request.headers;
      if (authorization !== undefined) {
        const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
        return token ? ofToken(token, workspaceId) : 'unauthenticated';
      }
      if (!cookie) return null;
      const user = await kernel.use(signInPort).sessionUser(new Headers({ cookie }));
      // A cookie of something else on the same host, or an old one: a first frame may still say who it is.
      if (!user) return null;
      const entering = principalOfUser(kernel, user.id, workspaceId ?? undefined, user.onlyWorkspace);
      const principal = await orForbidden(entering);
      return principal === 'forbidden' ? principal : hold(principal, { kind: 'session', id: user.sessionId });
    },
    judge: async (credentials) => {
      const judgements = credentials.map((): ReadonlySet<string> | Refusal => 'unauthenticated');
      const indexed = [...credentials.entries()];
      const sessions = indexed.filter(([, { kind }]) => kind === 'session');
      const keys = indexed.filter(([, { kind }]) => kind === 'api_key');
      const now = kernel.clock.now();
      const tokens = indexed.filter(([, one]) => one.kind === 'tokens' && (one.expiresAt ?? 0) > now);
      const rows = await kernel.database.asSystem((queries) =>
        queries.sql<{ at: number; known: boolean; role: Role | null }>(judgeAll, [
          sessions.map(([at]) => at),
          sessions.map(([, { id }]) => id),
          sessions.map(([, { workspaceId }]) => workspaceId),
          keys.map(([at]) => at),
          keys.map(([, { id }]) => id),
          tokens.map(([at]) => at),
          tokens.map(([, { id }]) => id),
          tokens.map(([, { workspaceId }]) => workspaceId),
        ]),
      );
      for (const { at, known, role } of rows) {
        if (known) judgements[at] = role ? permissionsOfRole[role] : 'forbidden';
      }
      return judgements;
    },
  };
}

function hold(principal: Principal, credential: Omit<Credential, 'workspaceId'>): Holder | Refusal {
  const { actor, workspaceId } = principal;
  if (workspaceId === null) return 'forbidden';
  const { kind, id, expiresAt = null } = credential;
  return { principal: { actor, workspaceId }, credential: { kind, id, expiresAt, workspaceId } };
}

/** Whose workspace it is not is told so by a code of the socket. */
async function orForbidden<T>(entering: Promise<T>): Promise<T | 'forbidden'> {
  try {
    return await entering;
  } catch (error) {
    if (error instanceof ParleyError && error.status === 404) return 'forbidden';
    throw error;
  }
}
