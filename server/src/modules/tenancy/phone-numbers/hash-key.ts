// The workspace's key for the hashes by which numbers are found and codes compared: a number has too few digits to be
// hidden by a plain hash. It is sealed, and outlives the installation's secret.
import type { TransactionContext } from '../../../core/context.ts';
import { keyedHash, newDataKey } from '../../../core/crypto.ts';

export const phoneNumberKeyPlace = (workspaceId: string) => `phone_number_keys.key:${workspaceId}`;

export interface PhoneHashes {
  ofNumber(e164: string): string;
  /** @param textId so that a code is worth nothing beside the text that it went out with */
  ofCode(textId: string, code: string): string;
}

/** Makes the key at its first use. */
export async function phoneHashes(tx: TransactionContext): Promise<PhoneHashes> {
  const place = phoneNumberKeyPlace(tx.workspaceId);
  const read = () =>
    tx.sql<{ key: Uint8Array }>('select key from phone_number_keys where workspace_id = $1', [
      tx.workspaceId,
    ]);
  let [row] = await read();
  if (!row) {
    await tx.sql('insert into phone_number_keys (workspace_id, key) values ($1, $2) on conflict do nothing', [
      tx.workspaceId,
      tx.seal(newDataKey(), place),
    ]);
    [row] = await read();
  }
  if (!row) throw new Error('the key of phone numbers could not be made');
  const key = tx.open(row.key, place);
  return {
    ofNumber: (e164) => keyedHash(key, `number:${e164}`),
    ofCode: (textId, code) => keyedHash(key, `code:${textId}:${code}`),
  };
}
