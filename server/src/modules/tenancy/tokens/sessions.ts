// Where a user is signed in: browsers with a session, and programs with tokens. What is ended stops at once, sockets too.
import type { SpokenLanguage } from '@parley/contract/common';
import type { OpenSession } from '@parley/contract/sessions';
import { networkOf } from '../../../core/addresses.ts';
import type { Origin } from '../../../core/context.ts';
import type { Queries } from '../../../core/database.ts';
import { notFound } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { describeDevice } from '../../../core/request-origin.ts';
import { sessionEnded } from '../audit/events.ts';
import { inAccount, type TellOfAccount } from '../in-account.ts';

import type { Places } from './place.ts';

/** More of them, and nobody looks at them one by one. */
const shownMax = 200;

interface Row {
  readonly id: string;
  readonly kind: OpenSession['kind'];
  readonly name: string | null;
  readonly agent: string | null;
  readonly address: string | null;
  readonly created_at: Date | string;
  readonly last_used_at: Date | string;
}

/** Whose they are; one that reaches a single workspace sees and ends those that reach it alone too. */
export interface SessionHolder {
  readonly userId: string;
  readonly sessionId: string | null;
  readonly onlyWorkspace: string | null;
  readonly origin: Origin;
}

export const holderOf = (
  userId: string,
  { sessionId, onlyWorkspace }: Principal,
  origin: Origin,
): SessionHolder => ({
  userId,
  origin,
  sessionId: sessionId ?? null,
  onlyWorkspace: onlyWorkspace ?? null,
});

export async function listSessions(
  kernel: Kernel,
  places: Places,
  { userId, sessionId, onlyWorkspace }: SessionHolder,
  language: SpokenLanguage,
): Promise<OpenSession[]> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<Row>(
      `select * from (
         select id, 'session' as kind, null as name, user_agent as agent, ip_address as address, created_at,
           coalesce(last_used_at, created_at) as last_used_at, only_workspace
         from sessions where user_id = $1 and expires_at > $2
         union all
         select id::text, 'tokens', name, device, address, created_at, last_used_at, only_workspace
         from token_families where user_id = $1 and expires_at > $2 and ended_at is null
       ) as open where $3::uuid is null or only_workspace = $3
       order by id = $4 desc nulls last, last_used_at desc, id limit ${shownMax}`,
      [userId, kernel.clock.date(), onlyWorkspace, sessionId],
    ),
  );
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      kind: row.kind,
      device: row.name ?? (row.kind === 'session' ? describeDevice(row.agent ?? undefined) : row.agent),
      network: row.address ? networkOf(row.address) : null,
      place: await places.of(row.address, language),
      createdAt: new Date(row.created_at).toISOString(),
      lastUsedAt: new Date(row.last_used_at).toISOString(),
      current: row.id === sessionId,
    })),
  );
}

/** @throws ParleyError 404 */
export async function endSession(kernel: Kernel, holder: SessionHolder, id: string): Promise<void> {
  if ((await end(kernel, holder, 'id = $3', id)) === 0) throw notFound('session');
}

/** All but the one that asks. */
export async function endOtherSessions(kernel: Kernel, holder: SessionHolder): Promise<void> {
  await end(kernel, holder, 'id is distinct from $3', holder.sessionId);
}

/** Returns how many ended. */
async function end(
  kernel: Kernel,
  { userId, onlyWorkspace, origin }: SessionHolder,
  which: 'id = $3' | 'id is distinct from $3',
  id: string | null,
): Promise<number> {
  const values = [userId, onlyWorkspace, id];
  const where = 'user_id = $1 and ($2::uuid is null or only_workspace = $2)';
  const work = async (queries: Queries, tell: TellOfAccount) => {
    const sessions = await queries.sql(
      `delete from sessions where ${where} and ${which} returning 1 as one`,
      values,
    );
    const families = await queries.sql(
      `update token_families set ended_at = $4 where ${where} and ${which.replace('id', 'id::text')}
         and ended_at is null returning 1 as one`,
      [...values, kernel.clock.date()],
    );
    const count = sessions.length + families.length;
    if (count > 0) tell(sessionEnded, { how: which === 'id = $3' ? 'one' : 'others', count });
    return count;
  };
  const ended = await inAccount(kernel, userId, origin, work, undefined, onlyWorkspace);
  kernel.bus.publish(credentialsChanged);
  return ended;
}
