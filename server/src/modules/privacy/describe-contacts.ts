// Names contacts for lists: by what members call them, and one address of theirs.
import type { TransactionContext } from '../../core/context.ts';

export interface DescribedContact {
  readonly id: string;
  readonly name: string | null;
  readonly address: string | null;
}

/** Those of them that are there. */
export async function describeContacts(
  tx: TransactionContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DescribedContact>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.sql<{ id: string; name: Uint8Array | null; address: string | null }>(
    `select k.id, k.name, (select p.address from contact_points p where p.contact_id = k.id order by p.id limit 1) as address
     from contacts k where k.id = any($1)`,
    [[...new Set(ids)]],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name ? tx.openText(row.name, `contacts.name:${row.id}`) : null,
        address: row.address,
      },
    ]),
  );
}
