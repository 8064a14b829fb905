// The identities elsewhere that a user can sign in by: seen, linked and unlinked in the settings.
import type { LinkedAccounts } from '@parley/contract/identity';
import type { Queries } from '../../../core/database.ts';
import { conflict, notFound } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { identityLinked, identityUnlinked } from './events.ts';
import type { IdClaims } from './oidc.ts';
import { companiesOf, type Provider } from './providers.ts';
import { accountIdOf, linkAccount, tellLinked } from './resolve.ts';

interface Row {
  readonly id: string;
  readonly way: LinkedAccounts['items'][number]['way'] | 'credential';
  readonly workspace_id: string | null;
  readonly name: string | null;
  readonly created_at: Date | string;
}

async function rowsOf(kernel: Kernel, userId: string): Promise<Row[]> {
  return kernel.database.asSystem((queries) =>
    queries.sql<Row>(
      `select id, provider_id as way, null::uuid as workspace_id, null as name, created_at from accounts
       where user_id = $1 and (provider_id in ('google', 'microsoft', 'supabase')
         or provider_id = 'credential' and password is not null)
       union all
       select i.id::text, 'company', w.workspace_id, w.name, i.created_at from sso_identities i
       join workspaces w using (workspace_id) where i.user_id = $1
       order by created_at`,
      [userId],
    ),
  );
}

/** @param workspaceId the one that the user looks at */
export async function listLinked(
  kernel: Kernel,
  userId: string,
  workspaceId: string | null,
): Promise<LinkedAccounts> {
  const [rows, connections] = await Promise.all([
    rowsOf(kernel, userId),
    kernel.database.asSystem((queries) =>
      queries.sql('select 1 from sso_connections where workspace_id = $1', [workspaceId]),
    ),
  ]);
  const items = rows.flatMap(({ way, ...row }) =>
    way === 'credential'
      ? []
      : {
          id: row.id,
          way,
          workspace: row.workspace_id ? { id: row.workspace_id, name: row.name ?? '' } : null,
          linkedAt: new Date(row.created_at).toISOString(),
          removable: isRemovable(rows, { ...row, way }),
        },
  );
  const hasOwn = items.some(({ workspace }) => workspace?.id === workspaceId);
  return {
    items,
    hasPassword: rows.some(({ way }) => way === 'credential'),
    linkable: [
      ...companiesOf(kernel).filter((way) => !items.some((item) => item.way === way)),
      ...(connections.length > 0 && !hasOwn ? (['company'] as const) : []),
    ],
  };
}

/** A company's opens one workspace only: it is none that the account is left with. */
const isRemovable = (rows: readonly Row[], row: Row) =>
  row.way === 'company' || rows.some(({ id, way }) => id !== row.id && way !== 'company');

/**
 * What was opened by it ends too: whoever unlinks it may do so because somebody else has it.
 * @param sessionId the one that asks, which stays
 * @throws ParleyError 404, 409 `last_way_in`
 */
export async function unlink(
  kernel: Kernel,
  userId: string,
  id: string,
  sessionId: string | null,
): Promise<void> {
  const way = await kernel.database.asSystem(async (queries) => {
    // One after the other: two that are removed at once must not leave none.
    await queries.sql('select 1 from users where id = $1 for update', [userId]);
    const rows = await queries.sql<Row>(
      `select id, provider_id as way, null::uuid as workspace_id from accounts
       where user_id = $1 and (provider_id <> 'credential' or password is not null)
       union all select id::text, 'company', workspace_id from sso_identities where user_id = $1`,
      [userId],
    );
    const row = rows.find((one) => one.id === id && one.way !== 'credential');
    if (!row) throw notFound('linked account');
    if (!isRemovable(rows, row)) {
      throw conflict('last_way_in', 'This is the only way in that is left. Choose a password first.');
    }
    await queries.sql('delete from accounts where id = $1 and user_id = $2', [id, userId]);
    await queries.sql('delete from sso_identities where id::text = $1 and user_id = $2', [id, userId]);
    await endWhatCameBy(queries, userId, row, sessionId);
    return row.way;
  });
  kernel.bus.publish(credentialsChanged);
  await tellLinked(kernel, userId, way, identityUnlinked);
}

/** Sessions first: a family is opened only while its session is there. */
async function endWhatCameBy(
  queries: Queries,
  userId: string,
  { way, workspace_id: workspaceId }: Row,
  sessionId: string | null,
): Promise<void> {
  const values = [userId, way, workspaceId];
  const cameByIt = 'user_id = $1 and way = $2 and only_workspace is not distinct from $3';
  await queries.sql(`delete from sessions where ${cameByIt} and id is distinct from $4`, [
    ...values,
    sessionId,
  ]);
  await queries.sql(
    `update token_families set ended_at = now() where ${cameByIt} and ended_at is null`,
    values,
  );
  // Sign-ins that wait for a second factor; which way they came is not to be told from what is kept of them.
  await queries.sql('delete from verifications where value = $1', [userId]);
}

/** By who is signed in and has come back from there: no address is compared. Returns whether it is theirs now. */
export async function linkIdentity(
  kernel: Kernel,
  provider: Provider,
  claims: IdClaims,
  userId: string,
): Promise<boolean> {
  const { workspaceId, way } = provider;
  const isTheirs = await kernel.database.asSystem(async (queries) => {
    if (workspaceId === null) return linkAccount(queries, way, accountIdOf(claims), userId);
    await queries.sql(
      `insert into sso_identities (id, workspace_id, issuer, subject, user_id, by_address, created_at)
       select $1, $2, $3, $4, user_id, false, $6 from members where workspace_id = $2 and user_id = $5
       on conflict (workspace_id, issuer, subject) do update set by_address = false
         where sso_identities.user_id = excluded.user_id`,
      [newId(), workspaceId, claims.iss, claims.sub, userId, kernel.clock.date()],
    );
    const rows = await queries.sql(
      'select 1 from sso_identities where workspace_id = $1 and issuer = $2 and subject = $3 and user_id = $4',
      [workspaceId, claims.iss, claims.sub, userId],
    );
    return rows.length > 0;
  });
  if (isTheirs) await tellLinked(kernel, userId, way, identityLinked);
  return isTheirs;
}
