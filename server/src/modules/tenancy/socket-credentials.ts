// Who holds a realtime socket: a session, an API key or tokens, asked when it is opened and again while it is open.
import { ParleyError } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import type { Credential, Holder, Refusal, SocketCredentials } from '../../core/realtime/credentials.ts';
import {
  type Grant,
  type KeyGrantRow,
  keyGrantColumns,
  keyGrantJoins,
  keyPermissions,
  permissionsOf,
} from './grants.ts';
import { lacksFactor } from './second-factor/rule.ts';
import { signInPort } from './sign-in-port.ts';
import { principalOfUser } from './tenancy.ts';
import { readBearer } from './tokens/bearer.ts';

/** None where the workspace wants a second factor of a member who has none. */
const lacks = lacksFactor('w.second_factor', 'm.user_id');
const roleWithFactor = (only: string) => `case when ${only} is not null or not ${lacks} then m.role end`;

const judgeMembers = {
  name: 'socket_members_judge',
  text: `select held.at, s.user_id is not null as known, ${roleWithFactor('s.only_workspace')} as role, r.permissions
      from unnest($1::int[], $2::text[], $3::uuid[]) as held(at, session_id, workspace_id)
      left join sessions s on s.id = held.session_id and s.expires_at > now()
        and (s.only_workspace is null or s.only_workspace = held.workspace_id)
      left join members m on m.workspace_id = held.workspace_id and m.user_id = s.user_id
        and not parley_needs_sso(m.workspace_id, m.user_id, m.role, s.only_workspace)
      left join roles r on r.id = m.role_id
      left join workspaces w on w.workspace_id = m.workspace_id
    union all
    select held.at, f.id is not null, ${roleWithFactor('f.only_workspace')}, r.permissions
      from unnest($4::int[], $5::uuid[], $6::uuid[]) as held(at, family_id, workspace_id)
      left join token_families f on f.id = held.family_id and f.ended_at is null and f.expires_at > now()
        and (f.only_workspace is null or f.only_workspace = held.workspace_id)
      left join members m on m.workspace_id = held.workspace_id and m.user_id = f.user_id
        and not parley_needs_sso(m.workspace_id, m.user_id, m.role, f.only_workspace)
      left join workspaces w on w.workspace_id = m.workspace_id
      left join roles r on r.id = m.role_id
    union all
    select held.at, true, ${roleWithFactor('null')}, r.permissions
      from unnest($7::int[], $8::text[], $9::uuid[]) as held(at, user_id, workspace_id)
      join members m on m.workspace_id = held.workspace_id and m.user_id = held.user_id
        and not parley_needs_sso(m.workspace_id, m.user_id, m.role, null)
      left join workspaces w on w.workspace_id = m.workspace_id
      left join roles r on r.id = m.role_id
      where exists (select 1 from accounts a where a.user_id = held.user_id and a.provider_id = 'supabase')`,
};
const judgeKeys = {
  name: 'socket_keys_judge',
  text: `select held.at, ${keyGrantColumns}
    from unnest($1::int[], $2::text[]) as held(at, secret)
    join api_keys k on k.id = split_part(held.secret, ' ', 1)::uuid and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > $3)
      and (left(k.hash, 16) = split_part(held.secret, ' ', 2)
        or (left(k.previous_hash, 16) = split_part(held.secret, ' ', 2) and k.previous_until > $3))
    ${keyGrantJoins}`,
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
      const elsewhere = indexed.filter(([, one]) => one.kind === 'account' && (one.expiresAt ?? 0) > now);
      await kernel.database.asSystem(async (queries) => {
        if (sessions.length + tokens.length + elsewhere.length > 0) {
          const rows = await queries.sql<MemberRow>(judgeMembers, [
            sessions.map(([at]) => at),
            sessions.map(([, { id }]) => id),
            sessions.map(([, { workspaceId }]) => workspaceId),
            tokens.map(([at]) => at),
            tokens.map(([, { id }]) => id),
            tokens.map(([, { workspaceId }]) => workspaceId),
            elsewhere.map(([at]) => at),
            elsewhere.map(([, { id }]) => id),
            elsewhere.map(([, { workspaceId }]) => workspaceId),
          ]);
          for (const { at, known, role, permissions } of rows) {
            if (known) judgements[at] = role ? permissionsOf({ role, permissions }) : 'forbidden';
          }
        }
        if (keys.length > 0) {
          const rows = await queries.sql<KeyGrantRow & { at: number }>(judgeKeys, [
            keys.map(([at]) => at),
            keys.map(([, { id }]) => id),
            kernel.clock.date(),
          ]);
          for (const row of rows) judgements[row.at] = keyPermissions(row);
        }
      });
      return judgements;
    },
  };
}

interface MemberRow {
  readonly at: number;
  readonly known: boolean;
  readonly role: Grant['role'] | null;
  readonly permissions: string[] | null;
}

function hold(principal: Principal, credential: Omit<Credential, 'workspaceId'>): Holder | Refusal {
  const { actor, workspaceId, refusal } = principal;
  if (workspaceId === null || refusal) return 'forbidden';
  const { kind, id, expiresAt = null } = credential;
  return { principal: { actor, workspaceId }, credential: { kind, id, expiresAt, workspaceId } };
}

/** Whose workspace it is not is told so by a code of the socket. */
async function orForbidden<T>(entering: Promise<T>): Promise<T | 'forbidden'> {
  try {
    return await entering;
  } catch (error) {
    if (error instanceof ParleyError && (error.status === 404 || error.status === 403)) return 'forbidden';
    throw error;
  }
}
