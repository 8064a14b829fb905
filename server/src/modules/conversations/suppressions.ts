// What erased contacts had refused: messages, or to be answered by a machine. Their address rests as a keyed hash only, under
// a key of the workspace's own, so that it is known again when somebody writes from it, and not before.
import type { TransactionContext } from '../../core/context.ts';
import { keyedHash, newDataKey } from '../../core/crypto.ts';

export const suppressionKeyPlace = (workspaceId: string) => `suppression_keys.key:${workspaceId}`;

async function findKey(tx: TransactionContext): Promise<Buffer | null> {
  const [row] = await tx.sql<{ key: Uint8Array }>(
    'select key from suppression_keys where workspace_id = $1',
    [tx.workspaceId],
  );
  return row ? tx.open(row.key, suppressionKeyPlace(tx.workspaceId)) : null;
}

async function makeKey(tx: TransactionContext): Promise<Buffer> {
  const key = tx.seal(newDataKey(), suppressionKeyPlace(tx.workspaceId));
  await tx.sql('insert into suppression_keys (workspace_id, key) values ($1, $2) on conflict do nothing', [
    tx.workspaceId,
    key,
  ]);
  // Of two that make one at a time, the first one's holds.
  const made = await findKey(tx);
  if (!made) throw new Error('the key of suppressions is not there');
  return made;
}

/** Before a contact is erased: what they refuse now holds for their addresses; what they took back does not any more. */
export async function keepRefusals(tx: TransactionContext, contactId: string): Promise<void> {
  const points = await tx.sql<{ address: string; opted_out: boolean; ai_refused: boolean }>(
    `select p.address, p.opted_out_at is not null as opted_out, k.ai_consent = 'refused' as ai_refused
     from contact_points p join contacts k on k.id = p.contact_id where p.contact_id = $1`,
    [contactId],
  );
  const known = await findKey(tx);
  if (!known && !points.some((point) => point.opted_out || point.ai_refused)) return;
  const key = known ?? (await makeKey(tx));
  for (const { address, opted_out, ai_refused } of points) {
    const hash = keyedHash(key, address);
    await tx.sql('delete from suppressions where workspace_id = $1 and address_hash = $2', [
      tx.workspaceId,
      hash,
    ]);
    if (!opted_out && !ai_refused) continue;
    await tx.sql(
      `insert into suppressions (workspace_id, address_hash, opted_out, ai_refused, created_at)
       values ($1, $2, $3, $4, $5)`,
      [tx.workspaceId, hash, opted_out, ai_refused, tx.clock.date()],
    );
  }
}

/** What an address refused before its contact was erased; null where nothing is known of it. */
export async function findRefusals(
  tx: TransactionContext,
  address: string,
): Promise<{ readonly optedOut: boolean; readonly aiRefused: boolean } | null> {
  const key = await findKey(tx);
  if (!key) return null;
  const [row] = await tx.sql<{ opted_out: boolean; ai_refused: boolean }>(
    'select opted_out, ai_refused from suppressions where workspace_id = $1 and address_hash = $2',
    [tx.workspaceId, keyedHash(key, address)],
  );
  return row ? { optedOut: row.opted_out, aiRefused: row.ai_refused } : null;
}
