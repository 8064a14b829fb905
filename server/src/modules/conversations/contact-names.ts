// What contacts are called, for those who list what was done for them.
import type { Actor, TransactionContext } from '../../core/context.ts';

interface NameRow {
  id: string;
  contact_id: string;
  contact_name: Uint8Array | null;
  directory_name: Uint8Array | null;
  address: string;
}

/** Whether they may know who contacts are and what was said: some lists of other parts tell of both. */
export const readsConversations = ({ kind, permissions }: Actor): boolean =>
  kind === 'system' || permissions.has('conversations:read');

/**
 * The name that members gave them, the directory's, or their address. Who may not read conversations is told none.
 * @param by whether the ids are those of conversations or of contacts
 */
export async function contactNames(
  tx: TransactionContext,
  by: 'conversation' | 'contact',
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0 || !readsConversations(tx.actor)) return new Map();
  const rows = await tx.sql<NameRow>(
    `select c.id, c.contact_id, n.name as contact_name, c.directory_name, p.address from conversations c
       join contact_points p on p.id = c.contact_point_id join contacts n on n.id = c.contact_id
     where c.workspace_id = $1 and ${by === 'contact' ? 'c.contact_id' : 'c.id'} = any($2) order by c.id`,
    [tx.workspaceId, [...ids]],
  );
  return new Map(rows.map((row) => [by === 'contact' ? row.contact_id : row.id, nameOf(tx, row)]));
}

function nameOf(tx: TransactionContext, row: NameRow): string {
  if (row.contact_name) return tx.openText(row.contact_name, `contacts.name:${row.contact_id}`);
  if (row.directory_name) return tx.openText(row.directory_name, `conversations.directory_name:${row.id}`);
  return row.address;
}
