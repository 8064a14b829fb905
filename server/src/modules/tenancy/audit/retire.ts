// Takes the oldest entries of the audit away, by the workspace's rule, and seals a checkpoint from which the chain goes on:
// what is gone beyond it is still found.
import type { TransactionContext } from '../../../core/context.ts';
import { checkpointPlace, checkpointText } from './chain.ts';

/** What an intruder did is found out late: no rule reaches nearer than this. */
export const auditDaysMin = 90;
const dayMs = 86_400_000;

const before = (days: number, now: number) => new Date(now - Math.max(days, auditDaysMin) * dayMs);

/** How many entries are older, and from when the oldest is. */
export async function countOldAudit(
  tx: TransactionContext,
  moment: Date,
): Promise<{ rows: number; oldest: Date | null }> {
  const limit = new Date(Math.min(moment.getTime(), before(auditDaysMin, tx.clock.now()).getTime()));
  const [found] = await tx.sql<{ rows: number; oldest: Date | string | null }>(
    'select count(*)::int as rows, min(occurred_at) as oldest from audit_entries where workspace_id = $1 and occurred_at < $2',
    [tx.workspaceId, limit],
  );
  return { rows: found?.rows ?? 0, oldest: found?.oldest ? new Date(found.oldest) : null };
}

interface Entry {
  number: string | number;
  hash: string;
  occurred_at: Date | string;
}

const actAs = (role: 'parley_app' | 'parley_eraser') => `select set_config('role', '${role}', true)`;

/** From the front of the chain on: an entry that is younger ends it. */
export async function retireAudit(
  tx: TransactionContext,
  { days }: { readonly days: number },
  limit: number,
): Promise<{ rows: number; oldest: Date | null; newest: Date | null; more: boolean }> {
  const now = tx.clock.date();
  // Who appends waits: the front and the end may be the same entry.
  await tx.sql('select 1 from audit_heads where workspace_id = $1 for update', [tx.workspaceId]);
  const rows = await tx.sql<Entry>(
    'select number, hash, occurred_at from audit_entries where workspace_id = $1 order by number limit $2',
    [tx.workspaceId, limit],
  );
  const until = before(days, now.getTime());
  const young = rows.findIndex((row) => new Date(row.occurred_at) >= until);
  const old = young === -1 ? rows : rows.slice(0, young);
  const [first, last] = [old[0], old.at(-1)];
  if (!first || !last) return { rows: 0, oldest: null, newest: null, more: false };
  const checkpoint = {
    number: Number(last.number),
    hash: last.hash,
    occurredAt: new Date(last.occurred_at),
    removedAt: now,
    days: Math.max(days, auditDaysMin),
  };
  await tx.sql(
    `insert into audit_checkpoints (workspace_id, number, hash, occurred_at, removed_at, days, sealed)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (workspace_id) do update set number = excluded.number, hash = excluded.hash,
       occurred_at = excluded.occurred_at, removed_at = excluded.removed_at, days = excluded.days, sealed = excluded.sealed`,
    [
      tx.workspaceId,
      checkpoint.number,
      checkpoint.hash,
      checkpoint.occurredAt,
      now,
      checkpoint.days,
      tx.seal(checkpointText(checkpoint), checkpointPlace(tx.workspaceId)),
    ],
  );
  await tx.sql(actAs('parley_eraser'));
  await tx.sql('delete from audit_entries where workspace_id = $1 and number <= $2', [
    tx.workspaceId,
    checkpoint.number,
  ]);
  await tx.sql(actAs('parley_app'));
  return {
    rows: old.length,
    oldest: new Date(first.occurred_at),
    newest: checkpoint.occurredAt,
    more: old.length === limit,
  };
}
